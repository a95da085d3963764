/* A plan: everything one turn will write, as values. Flows fill it, the turn engine commits it in one transaction;
 * nothing outside the commit writes any of this. */
#ifndef MUNIM_FLOWS_PLAN_H
#define MUNIM_FLOWS_PLAN_H

#include "workers/books/invoice.h"
#include "workers/flows/session.h"

enum { PLAN_REPLIES = 4, PLAN_REPLY_TEXT = 4097, PLAN_TRANSITIONS = 8 };

enum message_class { CLASS_REPLY, CLASS_GREETING, CLASS_BILL };
const char *message_class_name(enum message_class c); /* "reply", "greeting", "bill" */

struct plan_reply {
    enum message_class cls;
    char text[PLAN_REPLY_TEXT]; /* UTF-8, at most 4,096 characters by WhatsApp's rule */
};

/* One row of the table walked. In a conversation without an order (order.order_id is "") it is logged, not stored. */
struct plan_transition {
    enum order_state from, to;
    const char *input; /* order_input_name, static */
    bool ok;           /* false: the pair is not in the table; refused and logged, nothing changed */
};

/* Stock: at most one of these per turn. */
enum plan_stock {
    PLAN_STOCK_NONE,
    PLAN_STOCK_HOLD,       /* place `holds`, one per accepted line, in the lines' order */
    PLAN_STOCK_RELEASE,    /* release the order's live holds */
    PLAN_STOCK_SELL,       /* turn the order's live holds into sold; every hold must still be live */
    PLAN_STOCK_REHOLD_SELL /* the holds have lapsed: release what is left of them, place `holds`, sell those */
};

struct plan_hold {
    int line_no;
    struct allocation allocation;
};

enum decision_outcome {
    DECISION_NONE,
    DECISION_COMPLETED,
    DECISION_REJECTED,
    DECISION_SHORTAGE,
    DECISION_ALREADY,
    DECISION_CHANGED,
    DECISION_EXPIRED,
    DECISION_UNKNOWN_ORDER
};
const char *decision_outcome_name(enum decision_outcome o); /* "already_decided" */

/* The arrays at the end mean something up to their counts only. */
struct plan {
    bool order_new;     /* insert the order, else update it where version = session's */
    bool order_changed; /* the order row and its lines are written */
    struct order order; /* the order as it shall stand; version already counted up */
    char closure_reason[32];
    bool approval;   /* publish the order's state on the approval topic */
    bool asks_owner; /* sets asked_at = now(), expires_at = now() + the tenant's approval_ttl */
    enum plan_stock stock;
    bool has_invoice;
    enum decision_outcome outcome; /* of a decision */
    char outcome_reason[200];
    char language[8]; /* to remember; "" keeps */
    size_t n_holds, n_replies, n_transitions;
    struct plan_transition transitions[PLAN_TRANSITIONS];
    struct plan_reply replies[PLAN_REPLIES];
    struct plan_hold holds[ORDER_LINES];
    struct invoice invoice; /* with has_invoice; number and series position are given by the commit */
};

/* Nothing planned. Leaves the arrays' pages alone: a plan is some 100 kB, and a turn uses a few. */
void plan_clear(struct plan *p);

/* INVOICE_MARK in a reply's text is replaced by the invoice's number when the commit knows it. */
#define INVOICE_MARK "{invoice_number}"

#endif
