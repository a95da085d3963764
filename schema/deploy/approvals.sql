-- Deploy munim:approvals to pg
-- requires: appschema
BEGIN;
SET LOCAL lock_timeout = '10s';

-- Orders whose present state must be published on the approval topic.
CREATE TABLE IF NOT EXISTS munim.approval (
    order_id      uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL,
    version       bigint NOT NULL,
    dirty         boolean NOT NULL DEFAULT true,
    publish_after timestamptz NOT NULL DEFAULT now(),
    publish_count int NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS approval_dirty ON munim.approval (publish_after) WHERE dirty;

-- The outcome of each owner's decision, also of those on an order that does not exist: hence no foreign key.
CREATE TABLE IF NOT EXISTS munim.decision (
    order_id    uuid NOT NULL,
    decision_id text NOT NULL,
    tenant_id   uuid NOT NULL,
    verb        text NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('completed', 'rejected', 'shortage', 'already_decided', 'changed',
                    'expired', 'unknown_order')),
    reason      text NOT NULL DEFAULT '',
    by_whom     text NOT NULL DEFAULT '',
    n           bigint GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, decision_id)
);

COMMIT;
