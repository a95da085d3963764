/* munim-lag: what waits in the queues, also when nobody is left to say so. */
#include "common/service/service.h"
#include "workers/lag/run.h"

int main(int argc, char **argv)
{
    static const struct service lag = {
        .name = "munim-lag",
        .summary = "tells on /metrics what waits in the queues, in records and in seconds",
        .usage = "",
        .admin_section = "lag",
        .start = lag_open,
        .ready = lag_ready,
        .metrics = lag_metrics,
        .stop = lag_close,
    };
    return service_run(&lag, argc, argv);
}
