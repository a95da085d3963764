#include "workers/cli/cmd_topics.h"

#include "common/config/settings.h"
#include "common/kafka/topics.h"

#include <stdio.h>
#include <string.h>

enum { EXIT_WRONG_CALL = 2, EXIT_LATER = 75, EXIT_DIFFERS = 78 };

static int run(const struct settings *s, const char *verb, struct fault *f)
{
    struct topics names;
    if (topics_names(s, &names, f) != 0)
        return -1;
    if (strcmp(verb, "create") == 0 && topics_create(s, &names, f) != 0)
        return -1;
    if (topics_check(s, &names, f) != 0)
        return -1;
    for (int i = 0; i < TOPIC_COUNT; i++)
        printf("%s\n", names.name[i]);
    return 0;
}

int cmd_topics(int argc, char **argv)
{
    struct fault f = {0};
    struct settings *s = settings_new(&argc, argv, &f);
    bool known = argc == 2 && (strcmp(argv[1], "create") == 0 || strcmp(argv[1], "check") == 0);
    if (s != NULL && !known) {
        bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
        settings_free(&s);
        (void)fputs("usage: munim topics create|check [--kafka.bootstrap=HOST:PORT] [--kafka.prefix=NAME]\n",
                    help ? stdout : stderr);
        return help ? 0 : EXIT_WRONG_CALL;
    }
    int failed = s == NULL || run(s, argv[1], &f) != 0;
    settings_free(&s);
    if (!failed)
        return 0;
    fprintf(stderr, "munim topics: %s\n", f.text);
    return f.verdict == VERDICT_RETRY ? EXIT_LATER : EXIT_DIFFERS;
}
