-- Verify munim:stock on pg
BEGIN;

SELECT batch_id, tenant_id, variant_id, dye_lot, roll_um, rolls, rolls_held, rolls_sold, received_at
  FROM munim.batch WHERE false;
SELECT piece_id, tenant_id, batch_id, length_um, held_um, sold_um, from_roll
  FROM munim.piece WHERE false;
SELECT 'munim.batch_variant'::regclass, 'munim.piece_batch'::regclass;

ROLLBACK;
