/* munim: the operator's and the owner's command. */
#include "workers/approvals/cmd_approve.h"
#include "workers/cli/cmd_audit.h"
#include "workers/cli/cmd_chat.h"
#include "workers/cli/cmd_config.h"
#include "workers/cli/cmd_flow.h"
#include "workers/cli/cmd_held.h"
#include "workers/cli/cmd_lag.h"
#include "workers/cli/cmd_lexicon.h"
#include "workers/cli/cmd_parked.h"
#include "workers/cli/cmd_read.h"
#include "workers/cli/cmd_redact.h"
#include "workers/cli/cmd_status.h"
#include "workers/cli/cmd_topics.h"
#include "workers/cli/instance.h"

#include <stdio.h>
#include <string.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the sub-command's name; returns the exit status */
    const char *summary;
};

static const struct command commands[] = {
    {"status", cmd_status, "the running instance: addresses, processes (--json)"},
    {"chat", cmd_chat, "write to the shop as a customer, through the simulator"},
    {"approve", cmd_approve, "the owner's tool: watch, list, show, approve, reject, log"},
    {"lag", cmd_lag, "what waits in the queues, by group, topic and partition"},
    {"parked", cmd_parked, "conversations that stopped: list, show, redrive, drop"},
    {"held", cmd_held, "messages that may not have arrived, for a person to decide: list, resend, leave"},
    {"audit", cmd_audit, "holds the database against its topics: lost, doubled, holes, sums (--json)"},
    {"read", cmd_read, "what the reader makes of a text (JSON lines in and out)"},
    {"redact", cmd_redact, "masks what must not leave the machine (JSON lines in and out)"},
    {"lexicon", cmd_lexicon, "check [DIR]: the word lists, every clash with file and line"},
    {"flow", cmd_flow, "a workflow's table as a diagram (--mermaid order)"},
    {"topics", cmd_topics, "create or check the topics of the contract"},
    {"config", cmd_config, "the settings in force and where they come from (--markdown)"},
};

static void help(FILE *out)
{
    fprintf(out, "usage: munim COMMAND [ARGUMENTS]\n\n");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
    fprintf(out,
            "  %-9s %s\n\nMUNIM_VAR names the instance (./var); its munim.ini is read unless MUNIM_CONFIG says "
            "otherwise.\n",
            "help", "this");
}

/* "munim held list --help" asks for the usage of "munim held", wherever the option stands. */
static int asked_help(int argc, char **argv)
{
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0)
            return i;
    return 0;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    int asked = asked_help(argc, argv);
    if (asked > 0) {
        argv[2] = argv[asked];
        argc = 3;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0) {
        help(stdout);
        return 0;
    }
    if (strcmp(name, "--version") == 0) {
        printf("munim %s\n", MUNIM_VERSION);
        return 0;
    }
    instance_use_config();
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    help(stderr);
    return 2;
}
