#include "workers/sender/counts.h"

struct metric count_messages = {.name = "munim_sender_messages_total",
                                .help = "Messages that came to an end, by state",
                                .type = METRIC_COUNTER,
                                .labels = {"state"}};
struct metric count_uncertain = {.name = "munim_sender_uncertain_total",
                                 .help = "Sends whose outcome was not known at first",
                                 .type = METRIC_COUNTER};
struct metric count_settled = {.name = "munim_sender_settled_total",
                               .help = "Messages settled, by what told the outcome (answer, receipt, window)",
                               .type = METRIC_COUNTER,
                               .labels = {"by"}};
struct metric count_resent = {.name = "munim_sender_resent_total",
                              .help = "Marked resends of messages whose outcome stayed unknown",
                              .type = METRIC_COUNTER};
struct metric count_dropped = {.name = "munim_sender_dropped_total",
                               .help = "Greetings whose outcome stayed unknown, not sent again",
                               .type = METRIC_COUNTER};
struct metric count_held = {.name = "munim_sender_held_total",
                            .help = "Messages whose outcome stayed unknown and which a person decides about",
                            .type = METRIC_COUNTER};
struct metric count_ruled = {.name = "munim_sender_ruled_total",
                             .help = "Held messages that a person has decided about, by what he chose (resend, leave)",
                             .type = METRIC_COUNTER,
                             .labels = {"verb"}};
struct metric count_taken = {.name = "munim_sender_taken_total",
                             .help = "Records taken into the database, by topic",
                             .type = METRIC_COUNTER,
                             .labels = {"topic"}};
struct metric count_refused = {.name = "munim_sender_refused_total",
                               .help = "Records that could not be read, by topic",
                               .type = METRIC_COUNTER,
                               .labels = {"topic"}};
struct metric count_receipts = {.name = "munim_sender_receipts_total",
                                .help = "Delivery statuses read, by status",
                                .type = METRIC_COUNTER,
                                .labels = {"status"}};
struct metric count_unknown_receipts = {.name = "munim_sender_unknown_receipts_total",
                                        .help = "Delivery statuses of messages that munim did not send",
                                        .type = METRIC_COUNTER};
struct metric count_retries = {.name = "munim_sender_retries_total",
                               .help = "Proven refusals that are tried again, by code",
                               .type = METRIC_COUNTER,
                               .labels = {"code"}};
struct metric count_stops = {.name = "munim_sender_account_stops_total",
                             .help = "Refusals that concern a whole account and need an operator, by code",
                             .type = METRIC_COUNTER,
                             .labels = {"code"}};
struct metric seconds_send = {
    .name = "munim_sender_send_seconds", .help = "Time of one request to the channel", .type = METRIC_HISTOGRAM};
struct metric gauge_blocked = {.name = "munim_sender_gate_blocked",
                               .help = "Conversations that wait for an outcome or a missing message",
                               .type = METRIC_GAUGE};
struct metric gauge_holes = {.name = "munim_sender_gate_holes",
                             .help = "Conversations that wait for a message that was not taken yet",
                             .type = METRIC_GAUGE};
struct metric gauge_ready = {
    .name = "munim_sender_ready", .help = "Conversations whose next message may be sent", .type = METRIC_GAUGE};
struct metric gauge_in_flight = {.name = "munim_sender_in_flight", .help = "Messages being sent", .type = METRIC_GAUGE};

void counts_register(void)
{
    struct metric *all[] = {&count_messages,
                            &count_uncertain,
                            &count_settled,
                            &count_resent,
                            &count_dropped,
                            &count_held,
                            &count_ruled,
                            &count_taken,
                            &count_refused,
                            &count_receipts,
                            &count_unknown_receipts,
                            &count_retries,
                            &count_stops,
                            &seconds_send,
                            &gauge_blocked,
                            &gauge_holes,
                            &gauge_ready,
                            &gauge_in_flight};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        metric_register(all[i]);
}
