-- Deploy munim:stock to pg
-- requires: catalogue
BEGIN;
SET LOCAL lock_timeout = '10s';

-- One dye lot of one variant, as it lies on the shelf. The counters move with the rows of munim.hold, in one transaction.
CREATE TABLE IF NOT EXISTS munim.batch (
    batch_id    uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL,
    variant_id  uuid NOT NULL,
    dye_lot     text NOT NULL,
    roll_um     bigint NOT NULL CHECK (roll_um > 0),
    rolls       int NOT NULL CHECK (rolls >= 0),
    rolls_held  int NOT NULL DEFAULT 0 CHECK (rolls_held >= 0),
    rolls_sold  int NOT NULL DEFAULT 0 CHECK (rolls_sold >= 0),
    received_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, batch_id),
    CHECK (rolls_held + rolls_sold <= rolls),
    FOREIGN KEY (tenant_id, variant_id) REFERENCES munim.variant (tenant_id, variant_id)
);

-- A loose length; a cut roll becomes one.
CREATE TABLE IF NOT EXISTS munim.piece (
    piece_id  uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    batch_id  uuid NOT NULL,
    length_um bigint NOT NULL CHECK (length_um > 0),
    held_um   bigint NOT NULL DEFAULT 0 CHECK (held_um >= 0),
    sold_um   bigint NOT NULL DEFAULT 0 CHECK (sold_um >= 0),
    from_roll boolean NOT NULL DEFAULT false,
    CHECK (held_um + sold_um <= length_um),
    FOREIGN KEY (tenant_id, batch_id) REFERENCES munim.batch (tenant_id, batch_id)
);

-- Reading a variant's lots must not read the shop's whole shelf.
CREATE INDEX IF NOT EXISTS batch_variant ON munim.batch (variant_id, received_at);
CREATE INDEX IF NOT EXISTS piece_batch ON munim.piece (batch_id);

COMMIT;
