/* The process tree as data: which programs an instance of munim is made of, how many of each, and what happens when
 * one ends. Everything else in the pool walks these rows. */
#ifndef MUNIM_POOL_TREE_H
#define MUNIM_POOL_TREE_H

#include "common/config/settings.h"

#include <stdio.h>

enum restart {
    RESTART_ALWAYS,    /* also after a clean end that nobody asked for */
    RESTART_ON_FAILURE /* a clean end is accepted */
};

enum { TREE_ARGS = 10, TREE_STAGES = 4 };

struct pool_row {
    const char *name; /* the program, beside the pool's own or in PATH; the processes are named after it */
    /* Arguments after the program, NULL-ended. "{section.key}" stands for a setting; "{run}" for the run directory,
     * "{api}" for the authority (host:port) of [whatsapp] api_url. */
    const char *args[TREE_ARGS];
    const char *count[2]; /* the INT setting (section, key) that says how many; NULL: one */
    const char *when[2];  /* the BOOL setting without which there is none; NULL: always */
    enum restart restart;
    int stage; /* drain order, from 0: a stage is told to end when the one before has ended */
};

/* Ended by a row without a name. */
extern const struct pool_row pool_rows[];

/* How many processes the row has under these settings; 0 when it is switched off. */
int tree_count(const struct pool_row *row, const struct settings *s);

/* One argument with its placeholders filled in; the caller frees. NULL and a STOP fault for a placeholder that cannot
 * be filled. */
char *tree_argument(const char *pattern, const struct settings *s, const char *run, struct fault *f);

/* "munim-worker", or "munim-worker-2" where there are several; n counts from 0. */
void tree_name(const struct pool_row *row, int count, int n, char out[64]);

/* --tree: one line a process group, in drain order. */
void tree_print(const struct pool_row *rows, const struct settings *s, FILE *out);

const char *restart_name(enum restart restart);

#endif
