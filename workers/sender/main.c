/* munim-sender: gives replies to the channel, each once, in each conversation's order. */
#include "common/service/service.h"
#include "workers/sender/run.h"

int main(int argc, char **argv)
{
    static const struct service sender = {
        .name = "munim-sender",
        .summary = "sends what the workers decided to say, each message once, in each conversation's order",
        .usage = "",
        .admin_section = "sender",
        .start = sender_open,
        .ready = sender_ready,
        .metrics = sender_metrics,
        .drain = sender_drain,
        .stop = sender_close,
    };
    return service_run(&sender, argc, argv);
}
