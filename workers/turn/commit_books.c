/* The invoice with its gap-free number, and the double entry that it makes. Both happen in the approval's transaction:
 * a number is taken only by an invoice that stands. The financial year goes by the date in India at Postgres' clock. */
#include "workers/turn/commit_part.h"

#include "common/base/clock.h"
#include "workers/turn/rows.h"

#include <stdio.h>

static const char sql_invoice[] =
    "WITH day AS (SELECT (now() AT TIME ZONE 'Asia/Kolkata')::date AS d),"
    " year AS (SELECT d, CASE WHEN extract(month FROM d) >= 4 THEN extract(year FROM d)::int"
    "  ELSE extract(year FROM d)::int - 1 END AS y FROM day),"
    " fy AS (SELECT d, lpad((y % 100)::text, 2, '0') || '-' || lpad(((y + 1) % 100)::text, 2, '0') AS fy FROM year),"
    " taken AS (INSERT INTO munim.series AS s (tenant_id, series, fy, next_no) SELECT $2::uuid, $4, fy, 2 FROM fy"
    "  ON CONFLICT (tenant_id, series, fy) DO UPDATE SET next_no = s.next_no + 1 RETURNING s.fy, s.next_no - 1 AS no)"
    " INSERT INTO munim.invoice (invoice_id, tenant_id, order_id, series, fy, no, number, place_of_supply, inter_state,"
    "  taxable_paise, cgst_paise, sgst_paise, igst_paise, round_off_paise, total_paise, dated)"
    " SELECT $1::uuid, $2::uuid, $3::uuid, $4, t.fy, t.no, format('%s/%s/%s', $4::text, t.fy, lpad(t.no::text,"
    "  greatest(length(t.no::text), least(6, 16 - 2 - length($4::text) - length(t.fy))), '0')), $5, $6::bool, "
    "$7::bigint,"
    "  $8::bigint, $9::bigint, $10::bigint, $11::bigint, $12::bigint, fy.d FROM taken t, fy";

static const char sql_invoice_line[] =
    "INSERT INTO munim.invoice_line (invoice_id, line_no, description, hsn, quantity_um, price_paise, gst_bp,"
    "  taxable_paise, cgst_paise, sgst_paise, igst_paise, total_paise)"
    " SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::int[],"
    "  $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[]) WHERE $13::bigint > 0";

static const char sql_txn[] = "INSERT INTO munim.ledger_txn (txn_id, tenant_id, kind, ref_id)"
                              " VALUES ($1::uuid, $2::uuid, 'invoice', $3::uuid)";

static const char sql_entry[] =
    "INSERT INTO munim.ledger_entry (txn_id, n, tenant_id, account, contact_id, amount_paise)"
    " SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::uuid[], $6::bigint[]) WHERE $7::bigint > "
    "0";

static void add_invoice(struct pg_batch *b, const struct turn *t, const char *invoice_id)
{
    const struct invoice *inv = &t->plan->invoice;
    const int64_t paise[] = {inv->taxable_paise, inv->cgst_paise,      inv->sgst_paise,
                             inv->igst_paise,    inv->round_off_paise, inv->total_paise};
    char figure[6][24];
    const char *v[12] = {
        invoice_id,           t->session->shop->tenant_id, t->plan->order.order_id, t->session->shop->series,
        inv->place_of_supply, inv->inter_state ? "t" : "f"};
    for (int i = 0; i < 6; i++) {
        (void)snprintf(figure[i], sizeof figure[i], "%lld", (long long)paise[i]);
        v[6 + i] = figure[i];
    }
    pg_add(b, sql_invoice, 12, v, NULL, NULL);

    struct rows r;
    rows_init(&r, 12);
    for (size_t i = 0; i < inv->n_lines; i++) {
        const struct invoice_line *l = &inv->lines[i];
        row_id(&r, invoice_id);
        row_i64(&r, l->line_no);
        row_str(&r, l->description);
        row_str(&r, l->hsn);
        row_i64(&r, l->quantity_um);
        row_i64(&r, l->price_paise);
        row_i64(&r, l->gst_bp);
        row_i64(&r, l->taxable_paise);
        row_i64(&r, l->cgst_paise);
        row_i64(&r, l->sgst_paise);
        row_i64(&r, l->igst_paise);
        row_i64(&r, l->total_paise);
    }
    rows_send(&r, b, sql_invoice_line, NULL, NULL);
    rows_done(&r);
}

static void add_entry(struct rows *r, const struct turn *t, const char *txn_id, const char *account, int64_t paise)
{
    if (paise == 0)
        return;
    row_id(r, txn_id);
    row_i64(r, (int64_t)r->n + 1);
    row_id(r, t->session->shop->tenant_id);
    row_str(r, account);
    row_id(r, t->session->contact_id);
    row_i64(r, paise);
}

void commit_books(struct pg_batch *b, const struct turn *t)
{
    if (!t->plan->has_invoice)
        return;
    const struct invoice *inv = &t->plan->invoice;
    char invoice_id[UUID_TEXT], txn_id[UUID_TEXT];
    uuid7(clock_wall_ms(), invoice_id);
    uuid7(clock_wall_ms(), txn_id);
    add_invoice(b, t, invoice_id);
    const char *v[] = {txn_id, t->session->shop->tenant_id, invoice_id};
    pg_add(b, sql_txn, 3, v, NULL, NULL);

    struct rows r;
    rows_init(&r, 6);
    add_entry(&r, t, txn_id, "receivable", inv->total_paise);
    add_entry(&r, t, txn_id, "sales", -inv->taxable_paise);
    add_entry(&r, t, txn_id, "cgst_output", -inv->cgst_paise);
    add_entry(&r, t, txn_id, "sgst_output", -inv->sgst_paise);
    add_entry(&r, t, txn_id, "igst_output", -inv->igst_paise);
    add_entry(&r, t, txn_id, "round_off", -inv->round_off_paise);
    rows_send(&r, b, sql_entry, NULL, NULL);
    rows_done(&r);
}
