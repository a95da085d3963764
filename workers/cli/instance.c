#include "workers/cli/instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *instance_dir(void)
{
    const char *dir = getenv("MUNIM_VAR");
    return dir != NULL && dir[0] != '\0' ? dir : "var";
}

void instance_use_config(void)
{
    char path[640];
    snprintf(path, sizeof(path), "%s/munim.ini", instance_dir());
    if (getenv("MUNIM_CONFIG") == NULL && access(path, R_OK) == 0)
        setenv("MUNIM_CONFIG", path, 1);
}
