-- Deploy munim:messages to pg
-- requires: appschema
BEGIN;
SET LOCAL lock_timeout = '10s';

-- The chat itself, apart from the facts drawn from it, so that it can be erased without them.
CREATE TABLE IF NOT EXISTS munim.message (
    conversation_id uuid NOT NULL,
    n               bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id       uuid NOT NULL,
    direction       text NOT NULL CHECK (direction IN ('in', 'out')),
    message_id      text NOT NULL,           -- the provider's id, or the dedupe key
    kind            text NOT NULL,
    body            text NOT NULL,
    order_id        uuid,
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation_id, n)
);

COMMIT;
