-- Revert munim:outbox from pg
BEGIN;

DROP TABLE IF EXISTS munim.outbox;

COMMIT;
