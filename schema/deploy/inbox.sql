-- Deploy munim:inbox to pg
-- requires: appschema
BEGIN;
SET LOCAL lock_timeout = '10s';

-- One row per event that had its effect. Not partitioned by arrival: a redelivery after midnight would find no row.
CREATE TABLE IF NOT EXISTS munim.inbox (
    channel         text NOT NULL,           -- also 'decision' and 'operator'
    account_id      text NOT NULL,
    message_id      text NOT NULL,           -- the provider's id, else SHA-256 of the raw event
    topic           text NOT NULL,
    partition       int NOT NULL,
    "offset"        bigint NOT NULL,
    conversation_id uuid,
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (channel, account_id, message_id)
);
CREATE INDEX IF NOT EXISTS inbox_at ON munim.inbox USING brin (at);

-- Events that are no turn: unknown account, unreadable record.
CREATE TABLE IF NOT EXISTS munim.refused (
    topic     text NOT NULL,
    partition int NOT NULL,
    "offset"  bigint NOT NULL,
    reason    text NOT NULL,
    raw       bytea NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, "offset")
);

-- Events of a conversation that is stopped; parked_id is the order in which they are to be taken again.
CREATE TABLE IF NOT EXISTS munim.parked (
    topic           text NOT NULL,
    partition       int NOT NULL,
    "offset"        bigint NOT NULL,
    parked_id       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    conversation_id uuid,
    channel         text NOT NULL,
    account_id      text NOT NULL,
    key             text NOT NULL,
    type            text NOT NULL,
    raw             bytea NOT NULL,
    reason          text NOT NULL,
    attempts        int NOT NULL,
    state           text NOT NULL DEFAULT 'parked' CHECK (state IN ('parked', 'redriven', 'dropped')),
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, "offset")
);
CREATE INDEX IF NOT EXISTS parked_conversation ON munim.parked (conversation_id, parked_id) WHERE state = 'parked';

COMMIT;
