-- Revert munim:positions from pg
BEGIN;

DROP TABLE IF EXISTS munim.part;

COMMIT;
