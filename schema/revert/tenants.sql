-- Revert munim:tenants from pg
BEGIN;

DROP TABLE IF EXISTS munim.account;
DROP TABLE IF EXISTS munim.tenant;

COMMIT;
