-- Verify munim:holds on pg
BEGIN;

SELECT hold_id, tenant_id, order_id, line_no, batch_id, piece_id, rolls, length_um, state, expires_at
  FROM munim.hold WHERE false;
SELECT 'munim.hold_live'::regclass, 'munim.hold_order'::regclass;

ROLLBACK;
