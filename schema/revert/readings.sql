-- Revert munim:readings from pg
BEGIN;

DROP TABLE IF EXISTS munim.reading;

COMMIT;
