-- Revert munim:stock from pg
BEGIN;

DROP TABLE IF EXISTS munim.piece;
DROP TABLE IF EXISTS munim.batch;

COMMIT;
