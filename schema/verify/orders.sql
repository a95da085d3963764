-- Verify munim:orders on pg
BEGIN;

SELECT order_id, tenant_id, conversation_id, contact_id, flow, flow_version, state, version, closure_reason,
       pending_slot, pending_line, taxable_paise, tax_paise, total_paise, asked_at, expires_at, created_at,
       updated_at, closed_at
  FROM munim.orders WHERE false;
SELECT order_id, line_no, tenant_id, product_id, variant_id, requested_um, quantity_um, status, stock_status,
       available_um, batch_id, price_paise, gst_bp, hsn, amount_paise, replaced_by
  FROM munim.order_line WHERE false;
SELECT transition_id, tenant_id, order_id, from_state, to_state, input, ok, topic, partition, "offset", at
  FROM munim.transition_log WHERE false;
SELECT 'munim.orders_conversation'::regclass, 'munim.orders_one_open'::regclass,
       'munim.transition_log_order'::regclass;

SELECT munim.require(count(*), 1, 'MU000', 'transition_log is append-only')
  FROM pg_trigger WHERE tgrelid = 'munim.transition_log'::regclass AND tgname = 'append_only' AND tgenabled = 'A';
SELECT munim.require(count(*), 1, 'MU000', 'updated_at of orders moves')
  FROM pg_trigger WHERE tgrelid = 'munim.orders'::regclass AND tgname = 'touch_updated_at' AND tgenabled = 'O';

ROLLBACK;
