#include "workers/sender/trouble.h"

#include <stddef.h>

struct trouble_row {
    int64_t first, last;
    struct trouble trouble;
};

static const struct trouble_row rows[] = {
    {0, 0, {SEND_STOPPED, "access token invalid: put a fresh one into [whatsapp] access_token_file"}},
    {1, 1, {SEND_UNCERTAIN, "unknown error at the channel, outcome unknown"}},
    {2, 2, {SEND_RETRY, "service down"}},
    {3, 3, {SEND_STOPPED, "permission missing for the access token"}},
    {4, 4, {SEND_RETRY, "call limit of the app reached"}},
    {10, 10, {SEND_STOPPED, "permission missing for the access token"}},
    {17, 17, {SEND_RETRY, "call limit of the user reached"}},
    {33, 33, {SEND_FAILED, "object missing or not accessible"}},
    {100, 100, {SEND_FAILED, "parameter refused"}},
    {190, 190, {SEND_STOPPED, "access token expired: put a fresh one into [whatsapp] access_token_file"}},
    {200, 299, {SEND_STOPPED, "permission missing for the access token"}},
    {368, 368, {SEND_STOPPED, "account blocked for policy reasons"}},
    {613, 613, {SEND_RETRY, "call limit reached"}},
    {80007, 80007, {SEND_RETRY, "call limit of the business account reached"}},
    {130429, 130429, {SEND_RETRY, "throughput of the number exceeded"}},
    {130472, 130472, {SEND_FAILED, "recipient is part of an experiment"}},
    {130497, 130497, {SEND_STOPPED, "account restricted in the recipient's country"}},
    {131000, 131000, {SEND_UNCERTAIN, "unknown send failure, outcome unknown"}},
    {131005, 131005, {SEND_STOPPED, "permission missing for the access token"}},
    {131008, 131009, {SEND_FAILED, "parameter missing or invalid"}},
    {131016, 131016, {SEND_RETRY, "service overloaded"}},
    {131021, 131021, {SEND_FAILED, "recipient is the sender"}},
    {131026, 131026, {SEND_FAILED, "not deliverable to this recipient"}},
    {131030, 131030, {SEND_FAILED, "recipient not in the test account's list"}},
    {131031, 131031, {SEND_STOPPED, "account locked"}},
    {131042, 131042, {SEND_STOPPED, "payment problem at the channel"}},
    {131045, 131045, {SEND_STOPPED, "number not registered"}},
    {131047, 131047, {SEND_FAILED, "more than 24 hours since the customer's last message"}},
    {131048, 131048, {SEND_STOPPED, "spam limit of the number reached"}},
    {131049, 131050, {SEND_FAILED, "withheld by the channel"}},
    {131051, 131051, {SEND_FAILED, "message type not supported"}},
    {131052, 131053, {SEND_FAILED, "media could not be fetched"}},
    {131056, 131056, {SEND_PAIR, "too many messages to this recipient"}},
    {131057, 131057, {SEND_RETRY, "account in maintenance"}},
    {131062, 131063, {SEND_FAILED, "not allowed for this recipient"}},
    {131064, 131064, {SEND_STOPPED, "limit reached because templates were misclassified"}},
    {132000, 132099, {SEND_FAILED, "template refused"}},
    {133010, 133010, {SEND_STOPPED, "number not registered"}},
    {135000, 135000, {SEND_FAILED, "message refused"}},
    {137000, 137000, {SEND_FAILED, "recipient's identity has changed"}},
};

const char *send_verdict_name(enum send_verdict v)
{
    static const char *const names[] = {"sent", "retry", "pair", "uncertain", "failed", "stopped"};
    return names[v];
}

struct trouble trouble_of_code(int64_t code, long status, bool transient)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (code >= rows[i].first && code <= rows[i].last)
            return rows[i].trouble;
    if (status >= 500 || status < 400)
        return (struct trouble){SEND_UNCERTAIN, "unknown code with a server error, outcome unknown"};
    if (status == 429 || transient)
        return (struct trouble){SEND_RETRY, "refused for now"};
    return (struct trouble){SEND_FAILED, "refused with an unknown code"};
}

struct trouble trouble_of_status(long status)
{
    if (status == 429 || status == 425)
        return (struct trouble){SEND_RETRY, "too many requests"};
    if (status == 401 || status == 403 || status == 407)
        return (struct trouble){SEND_STOPPED, "not authorised: look at [whatsapp] access_token_file"};
    if (status == 404 || status == 405 || (status >= 300 && status < 400))
        return (struct trouble){SEND_STOPPED, "no messages endpoint there: look at [whatsapp] api_url"};
    if (status >= 400 && status < 500 && status != 408)
        return (struct trouble){SEND_FAILED, "refused without a reason"};
    return (struct trouble){SEND_UNCERTAIN, "answer not readable, outcome unknown"};
}
