/* The order flow: a table of {state, input, action, next, sentence} and one walker. Pure: session and input in, plan
 * out. No other code sets an order's state. An unknown pair is refused, put into the plan as a transition with ok =
 * false, and answered. */
#ifndef MUNIM_FLOWS_ORDER_H
#define MUNIM_FLOWS_ORDER_H

#include "workers/flows/plan.h"
#include "workers/reading/reading.h"

#include <stdio.h>

enum { ORDER_FLOW_VERSION = 1 };

enum turn_input_kind { TURN_READING, TURN_NO_TEXT, TURN_DECISION };

struct decision {
    char decision_id[64];
    char order_id[UUID_TEXT];
    bool approve; /* else reject */
    char reason[512];
    int64_t version; /* the order's version that the owner saw */
};

struct turn_input {
    enum turn_input_kind kind;
    const struct reading *reading;   /* TURN_READING */
    const struct decision *decision; /* TURN_DECISION; session->order is the order it names, or ORDER_NONE */
};

/* Whether planning this input needs session->stock; asked before the stock is read. */
bool order_needs_stock(const struct session *s, const struct turn_input *in);

/* Fills *out (zeroed by the callee). Never fails: what cannot be done is answered. new_order_id is used when an order
 * is born in this turn. */
void order_turn(const struct session *s, const struct turn_input *in, const char *new_order_id, struct plan *out);

/* The commit found less stock than the plan counted on (after 10 tries): the answer for a decision (shortage, nothing
 * changes) or for the customer. */
void order_turn_short(const struct session *s, const struct turn_input *in, struct plan *out);

/* The reader's view of the order; the context borrows from s and from lines (room for ORDER_LINES). */
void order_reading_context(const struct session *s, struct reading_cart_line *lines, struct reading_context *ctx);

/* Prints the table as a Mermaid state diagram. */
void order_flow_mermaid(FILE *out);
/* Rows for tests: calls back once per row. */
void order_flow_each(void (*row)(void *arg, const char *state, const char *input, const char *next,
                                 const char *sentence),
                     void *arg);

#endif
