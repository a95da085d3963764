-- Verify munim:installation on pg
BEGIN;

SELECT 1 / count(*) FROM munim.installation WHERE installation_id IS NOT NULL;

ROLLBACK;
