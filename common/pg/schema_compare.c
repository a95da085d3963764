#include "common/pg/schema_check.h"

#include <stdio.h>
#include <string.h>

static const struct schema_row rows[] = {
#include "common/pg/schema_expected.inc"
};
const struct schema_rows schema_expected = {rows, sizeof rows / sizeof rows[0]};

/* tests/scenario/test_schema_check.py holds this list against the tables that the sender names. */
static const char *const sender_tables[] = {"conversation", "delivery", "gate", "guard",
                                            "installation", "outbox",   "part", "refused"};

bool schema_uses(enum schema_user who, const char *table)
{
    if (who != SCHEMA_SENDER || table[0] == '\0') {
        return true;
    }
    for (size_t i = 0; i < sizeof sender_tables / sizeof sender_tables[0]; i++) {
        if (strcmp(sender_tables[i], table) == 0) {
            return true;
        }
    }
    return false;
}

static int by_name(const struct schema_row *a, const struct schema_row *b)
{
    int c = strcmp(a->kind, b->kind);
    if (c == 0) {
        c = strcmp(a->table, b->table);
    }
    return c != 0 ? c : strcmp(a->name, b->name);
}

static bool knows_table(const struct schema_rows *in, const char *table)
{
    for (size_t i = 0; i < in->n; i++) {
        if (strcmp(in->rows[i].table, table) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether something that we do not know can refuse or alter what we write. */
static bool matters(const struct schema_rows *want, const struct schema_row *extra)
{
    if (extra->table[0] == '\0' || !knows_table(want, extra->table)) {
        return false;
    }
    if (strcmp(extra->kind, "column") == 0) {
        return strstr(extra->definition, " NOT NULL") != NULL && strstr(extra->definition, " DEFAULT ") == NULL &&
               strstr(extra->definition, " AS IDENTITY") == NULL;
    }
    if (strcmp(extra->kind, "index") == 0) {
        return strncmp(extra->definition, "CREATE UNIQUE ", 14) == 0;
    }
    return true;
}

struct report {
    void (*difference)(void *arg, const char *words);
    void *arg;
    size_t n;
};

static void tell(struct report *r, const struct schema_row *row, const char *what)
{
    char words[256];
    snprintf(words, sizeof words, "%s munim.%s%s%s %s", row->kind, row->table, row->table[0] != '\0' ? "." : "",
             row->name, what);
    r->difference(r->arg, words);
    r->n++;
}

/* A table that is not there at all is told once, at its first column, and not with all that hangs on it. */
static void tell_missing(struct report *r, const struct schema_rows *want, const struct schema_row *row,
                         const struct schema_rows *live)
{
    if (row->table[0] == '\0' || knows_table(live, row->table)) {
        tell(r, row, "is missing");
    } else if (row == want->rows || strcmp(row[-1].table, row->table) != 0) {
        if (strcmp(row->kind, "column") == 0) {
            tell(r, &(struct schema_row){.kind = "table", .table = "", .name = row->table}, "is missing");
        }
    }
}

size_t schema_compare(const struct schema_rows *want, const struct schema_rows *live, enum schema_user who,
                      void (*difference)(void *arg, const char *words), void *arg)
{
    struct report r = {.difference = difference, .arg = arg};
    size_t w = 0;
    size_t l = 0;
    while (w < want->n || l < live->n) {
        int c = w == want->n ? 1 : l == live->n ? -1 : by_name(&want->rows[w], &live->rows[l]);
        const struct schema_row *row = c > 0 ? &live->rows[l] : &want->rows[w];
        bool used = schema_uses(who, row->table);
        if (c < 0 && used) {
            tell_missing(&r, want, row, live);
        } else if (c > 0 && used && matters(want, row)) {
            tell(&r, row, "is unknown");
        } else if (c == 0 && used && strcmp(row->definition, live->rows[l].definition) != 0) {
            tell(&r, row, "differs");
        }
        w += c <= 0;
        l += c >= 0;
    }
    return r.n;
}
