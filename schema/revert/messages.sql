-- Revert munim:messages from pg
BEGIN;

DROP TABLE IF EXISTS munim.message;

COMMIT;
