#include "workers/lag/table.h"

#include "common/base/json.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 9, CELL = LAG_NAME };

static const struct {
    const char *head;
    bool number; /* set right */
} columns[COLUMNS] = {{"GROUP", false},    {"STATE", false}, {"MEMBERS", true}, {"TOPIC", false}, {"PARTITION", true},
                      {"COMMITTED", true}, {"END", true},    {"LAG", true},     {"SECONDS", true}};

static void put_number(char cell[CELL], bool known, int64_t n)
{
    if (known)
        (void)snprintf(cell, CELL, "%lld", (long long)n);
    else
        (void)snprintf(cell, CELL, "-");
}

static void fill(const struct lag_view *v, size_t row, int64_t now_ms, char cells[COLUMNS][CELL])
{
    const struct lag_row *r = &v->rows[row];
    const struct lag_group *g = &v->groups[r->group];
    bool known = lag_known(r);
    int64_t age = known ? lag_age_ms(r, now_ms) : -1;
    (void)snprintf(cells[0], CELL, "%s", g->name);
    (void)snprintf(cells[1], CELL, "%s", rd_kafka_consumer_group_state_name(g->state));
    put_number(cells[2], true, g->members);
    (void)snprintf(cells[3], CELL, "%s", r->topic);
    put_number(cells[4], true, r->partition);
    put_number(cells[5], r->committed >= 0, r->committed);
    put_number(cells[6], known, r->end);
    put_number(cells[7], known, known ? lag_records(r) : 0);
    if (age < 0)
        put_number(cells[8], false, 0);
    else
        (void)snprintf(cells[8], CELL, "%lld.%lld", (long long)(age / 1000), (long long)(age % 1000 / 100));
}

static void put_line(UT_string *out, char cells[COLUMNS][CELL], const int width[COLUMNS])
{
    for (int c = 0; c < COLUMNS; c++) {
        int w = columns[c].number ? width[c] : -width[c];
        utstring_printf(out, "%s%*s", c > 0 ? "  " : "", w, cells[c]);
    }
    utstring_bincpy(out, "\n", 1);
}

static void widen(char cells[COLUMNS][CELL], int width[COLUMNS])
{
    for (int c = 0; c < COLUMNS; c++)
        if ((int)strlen(cells[c]) > width[c])
            width[c] = (int)strlen(cells[c]);
}

void lag_table(const struct lag_view *v, int64_t now_ms, UT_string *out)
{
    char cells[COLUMNS][CELL], heads[COLUMNS][CELL];
    int width[COLUMNS] = {0};
    for (int c = 0; c < COLUMNS; c++)
        (void)snprintf(heads[c], CELL, "%s", columns[c].head);
    widen(heads, width);
    for (size_t i = 0; i < v->n; i++) {
        fill(v, i, now_ms, cells);
        widen(cells, width);
    }
    put_line(out, heads, width);
    for (size_t i = 0; i < v->n; i++) {
        fill(v, i, now_ms, cells);
        put_line(out, cells, width);
    }
}

static void put_known(cJSON *o, const char *key, bool known, int64_t n)
{
    if (known)
        json_put_i64(o, key, n);
    else if (cJSON_AddNullToObject(o, key) == NULL)
        abort();
}

static cJSON *row_json(const struct lag_view *v, const struct lag_row *r, int64_t now_ms)
{
    const struct lag_group *g = &v->groups[r->group];
    bool known = lag_known(r);
    int64_t age = known ? lag_age_ms(r, now_ms) : -1;
    cJSON *o = cJSON_CreateObject();
    if (o == NULL)
        abort();
    json_put_str(o, "group", g->name);
    json_put_str(o, "state", rd_kafka_consumer_group_state_name(g->state));
    json_put_i64(o, "members", g->members);
    json_put_str(o, "topic", r->topic);
    json_put_i64(o, "partition", r->partition);
    put_known(o, "committed", r->committed >= 0, r->committed);
    put_known(o, "start", known, r->start);
    put_known(o, "end", known, r->end);
    put_known(o, "lag", known, known ? lag_records(r) : 0);
    put_known(o, "expired", known, known ? lag_expired(r) : 0);
    if (age < 0)
        put_known(o, "lag_seconds", false, 0);
    else if (cJSON_AddNumberToObject(o, "lag_seconds", (double)age / 1000) == NULL)
        abort();
    return o;
}

void lag_json_lines(const struct lag_view *v, int64_t now_ms, UT_string *out)
{
    for (size_t i = 0; i < v->n; i++) {
        cJSON *o = row_json(v, &v->rows[i], now_ms);
        char *text = json_text(o);
        utstring_printf(out, "%s\n", text);
        free(text);
        cJSON_Delete(o);
    }
}
