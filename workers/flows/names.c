/* Names of the flow's enums, as the database, the topics and the diagram spell them. */
#include "workers/flows/plan.h"
#include "workers/flows/session.h"

#include <string.h>

static const char *const order_states[ORDER_STATE_COUNT] = {
    [ORDER_NONE] = "",
    [ORDER_COLLECTING] = "COLLECTING_ITEMS",
    [ORDER_NEGOTIATION] = "CUSTOMER_NEGOTIATION",
    [ORDER_FINAL] = "FINAL_CUSTOMER_CONFIRMATION",
    [ORDER_WAITING] = "WAITING_OWNER_CONFIRMATION",
    [ORDER_COMPLETED] = "ORDER_COMPLETED",
    [ORDER_REJECTED] = "ORDER_REJECTED",
    [ORDER_CANCELLED] = "ORDER_CANCELLED",
};

static const char *const line_statuses[] = {
    [LINE_NEGOTIATING] = "NEGOTIATING",
    [LINE_ACCEPTED] = "ACCEPTED",
    [LINE_CANCELLED] = "CANCELLED",
    [LINE_REPLACED] = "REPLACED",
};

static const char *const stock_statuses[] = {
    [STOCK_UNCHECKED] = NULL,
    [STOCK_FULL] = "FULL_AVAILABLE",
    [STOCK_PARTIAL] = "PARTIAL_AVAILABLE",
    [STOCK_OUT] = "OUT_OF_STOCK",
};

static const char *const message_classes[] = {
    [CLASS_REPLY] = "reply",
    [CLASS_GREETING] = "greeting",
    [CLASS_BILL] = "bill",
};

static const char *const decision_outcomes[] = {
    [DECISION_NONE] = "",
    [DECISION_COMPLETED] = "completed",
    [DECISION_REJECTED] = "rejected",
    [DECISION_SHORTAGE] = "shortage",
    [DECISION_ALREADY] = "already_decided",
    [DECISION_CHANGED] = "changed",
    [DECISION_EXPIRED] = "expired",
    [DECISION_UNKNOWN_ORDER] = "unknown_order",
};

static size_t index_of(const char *const *names, size_t n, const char *name)
{
    size_t i = 0;
    while (i < n && (names[i] == NULL || strcmp(names[i], name) != 0))
        i++;
    return i;
}

const char *order_state_name(enum order_state s)
{
    return order_states[s];
}

enum order_state order_state_of(const char *name)
{
    return (enum order_state)index_of(order_states, ORDER_STATE_COUNT, name);
}

const char *line_status_name(enum line_status s)
{
    return line_statuses[s];
}

enum line_status line_status_of(const char *name)
{
    size_t n = sizeof line_statuses / sizeof line_statuses[0];
    size_t i = index_of(line_statuses, n, name);
    return i < n ? (enum line_status)i : LINE_NEGOTIATING;
}

const char *stock_status_name(enum stock_status s)
{
    return stock_statuses[s];
}

enum stock_status stock_status_of(const char *name)
{
    size_t n = sizeof stock_statuses / sizeof stock_statuses[0];
    size_t i = name != NULL ? index_of(stock_statuses, n, name) : n;
    return i < n ? (enum stock_status)i : STOCK_UNCHECKED;
}

const char *message_class_name(enum message_class c)
{
    return message_classes[c];
}

const char *decision_outcome_name(enum decision_outcome o)
{
    return decision_outcomes[o];
}
