-- Verify munim:tenants on pg
BEGIN;

SELECT tenant_id, code, name, gstin, state_code, invoice_series, approval_ttl, catalogue_version
  FROM munim.tenant WHERE false;
SELECT channel, account_id, tenant_id, display
  FROM munim.account WHERE false;

ROLLBACK;
