/* Inside the order flow: the inputs of its table, the walk of one turn, and the steps that actions are made of.
 * order.c holds the table and the walker; order_input.c turns a message or a decision into the first input;
 * order_match.c finds goods and quantities; order_lines.c changes lines; order_stock.c checks stock and sums;
 * order_customer.c and order_owner.c hold the actions; order_text.c and order_marks.c say it. */
#ifndef MUNIM_FLOWS_ORDER_CORE_H
#define MUNIM_FLOWS_ORDER_CORE_H

#include "workers/flows/order.h"
#include "workers/flows/order_match.h"
#include "workers/flows/sentences.h"

enum order_input {
    IN_NOTHING, /* the walk ends */
    /* from a message */
    IN_ITEMS_GIVEN,
    IN_PRODUCT_UNCLEAR,   /* something is wanted, but no goods of this shop */
    IN_ALTERNATIVE_ASKED, /* "what else do you have?" */
    IN_CONFIRMED,
    IN_DENIED,
    IN_DEFERRED,
    IN_CANCEL_ASKED,
    IN_GREETED,
    IN_THANKED,
    IN_PRICE_ASKED,
    IN_STOCK_ASKED,
    IN_STATUS_ASKED,
    IN_PRICE_HAGGLED,
    IN_NOT_DONE_HERE,
    IN_NOT_UNDERSTOOD,
    IN_NO_TEXT,
    /* from the owner */
    IN_OWNER_APPROVED,
    IN_OWNER_REJECTED,
    /* yielded by actions */
    IN_PRODUCT_MISSING,
    IN_COLOR_MISSING,
    IN_QUANTITY_MISSING,
    IN_LINE_UNCLEAR,
    IN_NOTHING_LEFT,
    IN_STOCK_FULL,
    IN_STOCK_SHORT,
    IN_STOCK_HELD,
    IN_ORDER_EXPIRED,
    IN_DECISION_STALE,
    IN_APPROVAL_GOOD,
    IN_APPROVAL_SHORT,
    IN_REJECTION_GOOD,
    ORDER_INPUT_COUNT
};
const char *order_input_name(enum order_input input); /* "ITEMS_GIVEN" */

/* One turn under way. */
struct walk {
    const struct session *s;
    const struct turn_input *in;
    struct plan *out;    /* out->order is the order being changed; its state is the walker's alone */
    struct stock *stock; /* what is free for the next line */
    const char *language;
    enum order_input follow;     /* set by an action: the input that comes next */
    struct order_line *line;     /* the line that a sentence speaks of */
    const struct variant *goods; /* the goods that a sentence speaks of */
    int64_t goods_free_um;
    int unplaced;      /* items that name no goods of this shop */
    bool line_unclear; /* an item speaks of a line that cannot be told */
    bool metres_assumed, order_full;
    int left_out[ORDER_LINES]; /* numbers of the lines that were dropped because nothing of them is in stock */
    size_t n_left_out;
};

typedef void order_action(struct walk *w);

/* order_input.c */
enum order_input order_first_input(const struct session *s, const struct order *o, const struct turn_input *in);
bool order_is_over(enum order_state s);

/* order_lines.c */
bool line_live(const struct order_line *l);  /* neither cancelled nor replaced */
bool line_short(const struct order_line *l); /* live and waiting for the customer's decision on short stock */
bool line_out(const struct order_line *l);   /* of these: there is nothing of it */
/* Whether some line would be left if those of which there is nothing were dropped. */
bool order_stands_without(const struct order *o);
struct order_line *line_numbered(struct order *o, int line_no); /* NULL when there is none */
/* Whether an item can be put into effect: it names goods of the shop, or a line of the order. */
bool item_has_place(const struct catalogue *c, const struct order *o, const struct reading_item *item);
void lines_apply(struct walk *w, const struct reading *r);
void lines_accept_offer(struct walk *w);

/* order_stock.c */
/* Looks for open details, then allocates every live line; returns what is to happen next. w->out->holds is filled. */
enum order_input order_check(struct walk *w);
/* Fills w->out->invoice from the accepted lines. -1 as invoice_compute. */
int order_invoice(struct walk *w, struct fault *f);

/* order_customer.c */
void order_close(struct walk *w, const char *reason);
order_action act_apply, act_check, act_accept_offer, act_confirm, act_ask_owner, act_ask_product, act_ask_color,
    act_ask_quantity, act_close_empty, act_cancel, act_cancel_waiting, act_wait;

/* order_owner.c */
order_action act_unknown_order, act_too_early, act_approve, act_reject, act_expire, act_stale, act_complete,
    act_close_rejected, act_already, act_after_cancel;
void owner_told_short(struct plan *out, const char *words);

/* order_marks.c */
void order_part(struct walk *w, enum sentence id, UT_string *out);

/* order_text.c */
void say(struct walk *w, enum sentence id, enum message_class cls);
void put_goods(UT_string *out, const struct variant *v); /* "blue cotton" */
void put_length(UT_string *out, int64_t um);             /* "20 m", "7.5 m" */
void text_cut(char *to, size_t room, const char *from);  /* never inside a UTF-8 character */

#endif
