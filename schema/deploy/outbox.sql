-- Deploy munim:outbox to pg
-- requires: appschema
BEGIN;
SET LOCAL lock_timeout = '10s';

-- Messages to be sent, written with their cause, published after it. A row is done when a sender has set taken_at.
CREATE TABLE IF NOT EXISTS munim.outbox (
    dedupe_key      text PRIMARY KEY,
    tenant_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    seq             bigint NOT NULL,
    key             text NOT NULL,
    class           text NOT NULL DEFAULT 'reply',
    payload         text NOT NULL,           -- the outbound record's value, JSON
    traceparent     text NOT NULL DEFAULT '',
    resend_of       text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    taken_at        timestamptz,
    publish_after   timestamptz NOT NULL DEFAULT now() + interval '5 seconds',
    publish_count   int NOT NULL DEFAULT 0,
    UNIQUE (conversation_id, seq)
);
CREATE INDEX IF NOT EXISTS outbox_untaken ON munim.outbox (publish_after) WHERE taken_at IS NULL;

COMMIT;
