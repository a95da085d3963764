#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workers/reading/reader.h"

static bool folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int lexicon_dir(char *out, size_t room, struct fault *f)
{
    const char *named = getenv("MUNIM_LEXICON");
    char exe[PATH_MAX];
    if (named != NULL && *named != '\0') {
        (void)snprintf(out, room, "%s", named);
        return folder(out) ? 0 : fault_set(f, VERDICT_STOP, "MUNIM_LEXICON names no folder: %.180s", named);
    }
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[n > 0 ? n : 0] = '\0';
    for (char *slash = strrchr(exe, '/'); slash != NULL; slash = strrchr(exe, '/')) {
        *slash = '\0';
        (void)snprintf(out, room, "%s/schema/lexicon", exe);
        if (folder(out))
            return 0;
    }
    (void)snprintf(out, room, "%s", "/usr/share/munim/lexicon");
    return folder(out)
               ? 0
               : fault_set(f, VERDICT_STOP,
                           "no word lists found beside the program nor in %s: set MUNIM_LEXICON to their folder", out);
}
