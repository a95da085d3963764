-- Revert munim:installation from pg
BEGIN;

DROP TABLE IF EXISTS munim.installation;

COMMIT;
