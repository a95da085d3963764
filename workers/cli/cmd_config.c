#include "workers/cli/cmd_config.h"

#include "common/config/settings.h"

#include <stdio.h>
#include <string.h>

enum { EXIT_WRONG_CALL = 2, EXIT_WRONG_SETTING = 78 };

int cmd_config(int argc, char **argv)
{
    struct fault f = {0};
    if (argc == 2 && strcmp(argv[1], "--markdown") == 0) {
        settings_markdown(stdout);
        return 0;
    }
    struct settings *s = settings_new(&argc, argv, &f);
    if (s == NULL) {
        fprintf(stderr, "munim config: %s\n", f.text);
        return EXIT_WRONG_SETTING;
    }
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0, wrong = argc > 1 && !help;
    if (argc > 1)
        (void)fputs("usage: munim config [--markdown] [--SECTION.KEY=VALUE ...]\n", help ? stdout : stderr);
    else
        settings_print(s, stdout);
    settings_free(&s);
    return wrong ? EXIT_WRONG_CALL : 0;
}
