/* The object that `munim status --json` prints, made of what the pool has written and what the database knows. Pure. */
#ifndef MUNIM_CLI_STATUS_JSON_H
#define MUNIM_CLI_STATUS_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/* state: the pool's state.json, or NULL when there is none. alive: a pool holds the run directory. accounts: an array
 * of
 * {"channel","account_id","display"}, empty when the database was not asked or did not answer. The caller frees. */
cJSON *status_json(const cJSON *state, bool alive, const cJSON *accounts);

/* The same for a person. */
void status_print(const cJSON *status, const char *instance);

#endif
