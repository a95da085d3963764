/* A session: one conversation with its open order, as hydrated from Postgres for one turn. Values only; flows read it,
 * never write it. Table: docs/schema.md. */
#ifndef MUNIM_FLOWS_SESSION_H
#define MUNIM_FLOWS_SESSION_H

#include "common/base/random.h"
#include "workers/desk/stock.h"
#include "workers/reading/reading.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum order_state {
    ORDER_NONE, /* no open order */
    ORDER_COLLECTING,
    ORDER_NEGOTIATION,
    ORDER_FINAL,
    ORDER_WAITING,
    ORDER_COMPLETED,
    ORDER_REJECTED,
    ORDER_CANCELLED,
    ORDER_STATE_COUNT
};
const char *order_state_name(enum order_state s);  /* as in the database; "" for ORDER_NONE */
enum order_state order_state_of(const char *name); /* ORDER_STATE_COUNT when unknown */

enum line_status { LINE_NEGOTIATING, LINE_ACCEPTED, LINE_CANCELLED, LINE_REPLACED };
const char *line_status_name(enum line_status s);
enum line_status line_status_of(const char *name);
const char *stock_status_name(enum stock_status s); /* "FULL_AVAILABLE"...; NULL for unchecked */
enum stock_status stock_status_of(const char *name);

enum { ORDER_LINES = 64 };

struct order_line {
    int line_no;
    char product_id[UUID_TEXT];
    char variant_id[UUID_TEXT]; /* "" while the colour is not known */
    int64_t requested_um;       /* original demand, -1 while not said */
    int64_t quantity_um;        /* what stands now, -1 while not said */
    enum line_status status;
    enum stock_status stock;
    int64_t available_um; /* largest single-lot amount at the last check, -1 */
    char batch_id[UUID_TEXT];
    int64_t price_paise; /* per metre, frozen when quoted; -1 before */
    int gst_bp;          /* hundredths of a per cent, frozen with the price */
    char hsn[9];
    int64_t amount_paise; /* price x quantity, half up, before tax; -1 */
    int replaced_by;      /* line_no, 0 */
};

struct order {
    char order_id[UUID_TEXT];
    enum order_state state;
    int64_t version;
    bool expired;      /* expires_at has passed by Postgres' clock */
    bool holds_lapsed; /* one of its holds has expired or was released by another */
    char pending_slot[16];
    int pending_line;
    struct order_line lines[ORDER_LINES];
    size_t n_lines;
    int64_t taxable_paise, tax_paise, total_paise;
    char invoice_number[32]; /* of a completed order */
    char closure_reason[32]; /* of a rejected or cancelled one: "owner", "customer", "no_lines", "expired" */
};

struct shop {
    char tenant_id[UUID_TEXT];
    char name[128];
    char state_code[3];
    char gstin[16];
    char series[16];
};

/* One sellable thing of the catalogue, ids and frozen facts. */
struct variant {
    char variant_id[UUID_TEXT], product_id[UUID_TEXT];
    const char *name;     /* product name as the catalogue spells it */
    const char *material; /* as above */
    const char *color;
    int64_t price_paise; /* per metre */
    int gst_bp;
    char hsn[9];
    const char *unit; /* the product's unit; "m", "" and NULL: a bare number means metres */
};
struct catalogue {
    int64_t version;
    struct variant *variants;
    size_t n_variants;
};

struct session {
    char conversation_id[UUID_TEXT];
    char contact_id[UUID_TEXT];
    int64_t version;
    char language[8]; /* of the last message that told one: "en", "hi", "hi-Latn" */
    const struct shop *shop;
    const struct catalogue *catalogue;
    struct order order; /* the open one; for a decision the one it speaks of; state ORDER_NONE when there is none */
    const struct stock *stock; /* free stock of every variant the turn may touch */
};

#endif
