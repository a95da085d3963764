-- Verify munim:catalogue on pg
BEGIN;

SELECT product_id, tenant_id, code, name, material, unit, hsn, gst_bp, aliases
  FROM munim.product WHERE false;
SELECT variant_id, tenant_id, product_id, color, price_paise
  FROM munim.variant WHERE false;
SELECT tenant_id, slot, name, aliases
  FROM munim.word WHERE false;

SELECT munim.require(count(*), 12, 'MU000', 'catalogue triggers')
  FROM pg_trigger WHERE tgfoid = 'munim.catalogue_changed'::regproc AND tgenabled <> 'D';

ROLLBACK;
