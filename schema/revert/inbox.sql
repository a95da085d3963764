-- Revert munim:inbox from pg
BEGIN;

DROP TABLE IF EXISTS munim.parked;
DROP TABLE IF EXISTS munim.refused;
DROP TABLE IF EXISTS munim.inbox;

COMMIT;
