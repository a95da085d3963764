#include "workers/cli/cmd_flow.h"

#include "workers/flows/order.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    void (*mermaid)(FILE *out);
} flows[] = {{"order", order_flow_mermaid}};

static int usage(FILE *out)
{
    (void)fputs("usage: munim flow --mermaid FLOW\n\nPrints a workflow's table as a Mermaid state diagram. Flows:",
                out);
    for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++)
        (void)fprintf(out, " %s", flows[i].name);
    (void)fputc('\n', out);
    return out == stdout ? 0 : 2;
}

int cmd_flow(int argc, char **argv)
{
    static const struct option options[] = {
        {"mermaid", required_argument, NULL, 'm'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    const char *name = NULL;
    optind = 0; /* the caller's own options were scanned before */
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'h')
            return usage(stdout);
        if (c != 'm')
            return usage(stderr);
        name = optarg;
    }
    if (name == NULL || optind != argc)
        return usage(stderr);
    for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++) {
        if (strcmp(flows[i].name, name) != 0)
            continue;
        flows[i].mermaid(stdout);
        return fflush(stdout) == 0 ? 0 : 1;
    }
    (void)fprintf(stderr, "munim flow: there is no flow \"%s\"\n", name);
    return usage(stderr);
}
