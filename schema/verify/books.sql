-- Verify munim:books on pg
BEGIN;

SELECT tenant_id, series, fy, next_no
  FROM munim.series WHERE false;
SELECT invoice_id, tenant_id, order_id, series, fy, no, number, place_of_supply, inter_state, taxable_paise,
       cgst_paise, sgst_paise, igst_paise, round_off_paise, total_paise, dated, at
  FROM munim.invoice WHERE false;
SELECT invoice_id, line_no, description, hsn, quantity_um, price_paise, gst_bp, taxable_paise, cgst_paise, sgst_paise,
       igst_paise, total_paise
  FROM munim.invoice_line WHERE false;
SELECT txn_id, tenant_id, kind, ref_id, at
  FROM munim.ledger_txn WHERE false;
SELECT txn_id, n, tenant_id, account, contact_id, amount_paise
  FROM munim.ledger_entry WHERE false;
SELECT 'munim.ledger_entry_contact'::regclass;

SELECT munim.require(count(*), 6, 'MU000', 'the books are append-only and balanced')
  FROM pg_trigger
 WHERE tgrelid = ANY (ARRAY['munim.invoice', 'munim.invoice_line', 'munim.ledger_txn', 'munim.ledger_entry']::regclass[])
   AND tgname IN ('append_only', 'ledger_balanced') AND tgenabled = 'A';

-- Even a statement that finds no row is refused.
DO $$
BEGIN
    DELETE FROM munim.ledger_entry WHERE false;
    ASSERT false, 'munim.ledger_entry can be deleted from';
EXCEPTION WHEN SQLSTATE 'MU008' THEN
    NULL;
END $$;

ROLLBACK;
