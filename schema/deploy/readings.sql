-- Deploy munim:readings to pg
-- requires: tenants
BEGIN;
SET LOCAL lock_timeout = '10s';

-- Where a language model reads: what it answered to each text, or why the word lists did. Written as soon as the call
-- has ended, so that a turn done again needs no second call. Kept as long as the inbox.
CREATE TABLE IF NOT EXISTS munim.reading (
    channel     text NOT NULL,                -- the event, as in munim.inbox
    account_id  text NOT NULL,
    message_id  text NOT NULL,
    tenant_id   uuid NOT NULL REFERENCES munim.tenant,
    reader      text NOT NULL CHECK (reader IN ('words', 'model')),
    outcome     text NOT NULL CHECK (outcome IN ('unasked', 'answered', 'refused', 'cut', 'malformed', 'invalid', 'late',
                                                 'unreachable', 'overloaded', 'denied', 'resting', 'busy')),
    model       text NOT NULL,
    prompt_hash text NOT NULL,                -- SHA-256 in hex of the prompt and the schema of its answer
    latency_us  bigint NOT NULL,              -- of the call, tries and waits included
    answer      text,                         -- the model's document, with tokens for whatever was masked
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (channel, account_id, message_id)
);
CREATE INDEX IF NOT EXISTS reading_at ON munim.reading USING brin (at);

COMMIT;
