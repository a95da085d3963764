-- Deploy munim:guard to pg
-- requires: appschema
BEGIN;
SET LOCAL lock_timeout = '10s';

-- One row per message and the one state of its sending; written before the first byte goes out.
CREATE TABLE IF NOT EXISTS munim.guard (
    dedupe_key      text PRIMARY KEY,
    tenant_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    seq             bigint NOT NULL,
    partition       int NOT NULL,
    channel         text NOT NULL,
    account_id      text NOT NULL,
    class           text NOT NULL,
    payload         text NOT NULL,
    state           text NOT NULL DEFAULT 'PENDING'
                        CHECK (state IN ('PENDING', 'SENDING', 'SENT', 'FAILED', 'UNCERTAIN', 'UNKNOWN')),
    attempt         int NOT NULL DEFAULT 0,
    epoch           bigint NOT NULL DEFAULT 0,
    boot_id         text NOT NULL DEFAULT '',
    deadline_us     bigint,                  -- CLOCK_BOOTTIME of that boot
    not_before      timestamptz NOT NULL DEFAULT now(),
    uncertain_since timestamptz,
    settled_by      text,                    -- answer, receipt, window
    provider_id     text,
    error_code      text,
    error           text,
    resend_of       text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    settled_at      timestamptz,
    UNIQUE (conversation_id, seq)
);
CREATE INDEX IF NOT EXISTS guard_open ON munim.guard (partition, conversation_id, seq)
    WHERE state IN ('PENDING', 'SENDING', 'UNCERTAIN');
CREATE INDEX IF NOT EXISTS guard_provider ON munim.guard (provider_id) WHERE provider_id IS NOT NULL;

-- Everything up to this sequence has ended; never purged.
CREATE TABLE IF NOT EXISTS munim.gate (
    conversation_id uuid PRIMARY KEY,
    settled_through bigint NOT NULL DEFAULT 0
);

-- What the channel said of a message after accepting it: a monotone set, never "last write wins".
CREATE TABLE IF NOT EXISTS munim.delivery (
    channel      text NOT NULL,
    account_id   text NOT NULL,
    provider_id  text NOT NULL,
    dedupe_key   text,
    sent_at      timestamptz,
    delivered_at timestamptz,
    read_at      timestamptz,
    failed_at    timestamptz,
    error_code   text,
    PRIMARY KEY (channel, account_id, provider_id)
);

COMMIT;
