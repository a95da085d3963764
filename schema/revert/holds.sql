-- Revert munim:holds from pg
BEGIN;

DROP TABLE IF EXISTS munim.hold;

COMMIT;
