/* Which instance a command speaks of. */
#ifndef MUNIM_CLI_INSTANCE_H
#define MUNIM_CLI_INSTANCE_H

/* MUNIM_VAR, else "var" in the working directory. */
const char *instance_dir(void);

/* Unless the caller names a configuration (MUNIM_CONFIG), takes the instance's own munim.ini where there is one. */
void instance_use_config(void);

#endif
