-- Deploy munim:holds to pg
-- requires: orders
BEGIN;
SET LOCAL lock_timeout = '10s';

-- What is promised; the counters of batch and piece move in the same transaction. A hold past expires_at counts for
-- nothing: whoever runs short releases it.
CREATE TABLE IF NOT EXISTS munim.hold (
    hold_id    uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL,
    order_id   uuid NOT NULL,
    line_no    int NOT NULL,
    batch_id   uuid NOT NULL,
    piece_id   uuid REFERENCES munim.piece,              -- NULL: rolls
    rolls      int NOT NULL DEFAULT 0,
    length_um  bigint NOT NULL CHECK (length_um > 0),    -- of a cut roll: rolls = 1 and length_um < roll_um
    state      text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'sold', 'released')),
    expires_at timestamptz NOT NULL,
    FOREIGN KEY (order_id, line_no) REFERENCES munim.order_line,
    FOREIGN KEY (tenant_id, batch_id) REFERENCES munim.batch (tenant_id, batch_id)
);
CREATE INDEX IF NOT EXISTS hold_live ON munim.hold (batch_id) WHERE state = 'held';
CREATE INDEX IF NOT EXISTS hold_order ON munim.hold (order_id);

COMMIT;
