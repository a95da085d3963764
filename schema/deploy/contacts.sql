-- Deploy munim:contacts to pg
-- requires: tenants
BEGIN;
SET LOCAL lock_timeout = '10s';

CREATE TABLE IF NOT EXISTS munim.contact (
    contact_id uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES munim.tenant,
    name       text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, contact_id)
);

-- "p:919812345678", "u:IN.1349..."; any of them finds the contact.
CREATE TABLE IF NOT EXISTS munim.contact_identity (
    tenant_id  uuid NOT NULL,
    identity   text NOT NULL,
    contact_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, identity),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES munim.contact (tenant_id, contact_id)
);

-- The row that every turn's transaction locks first and whose version it checks and moves. No index holds a column that
-- a turn updates: it would make each update rewrite the indexes.
CREATE TABLE IF NOT EXISTS munim.conversation (
    conversation_id uuid PRIMARY KEY,
    tenant_id       uuid NOT NULL,
    channel         text NOT NULL,
    account_id      text NOT NULL,
    contact_id      uuid NOT NULL,
    key             text NOT NULL,                   -- Kafka key of everything sent; never changes
    address         text NOT NULL,                   -- where the channel delivers: phone digits or user id
    version         bigint NOT NULL DEFAULT 0,
    next_seq        bigint NOT NULL DEFAULT 1,       -- of the next outbox row
    parked          boolean NOT NULL DEFAULT false,
    language        text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, channel, account_id, contact_id),
    UNIQUE (tenant_id, conversation_id),
    FOREIGN KEY (channel, account_id) REFERENCES munim.account,
    FOREIGN KEY (tenant_id, contact_id) REFERENCES munim.contact (tenant_id, contact_id)
) WITH (fillfactor = 85);

COMMIT;
