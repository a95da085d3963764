-- Revert munim:guard from pg
BEGIN;

DROP TABLE IF EXISTS munim.delivery;
DROP TABLE IF EXISTS munim.gate;
DROP TABLE IF EXISTS munim.guard;

COMMIT;
