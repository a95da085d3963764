/* Which building site a report is of. */
#include "workers/reading/report.h"

#include "workers/reading/fields.h"

enum { SITE_WORDS = 3 };

/* A word that no list holds and no phrase has taken. */
static bool free_word(const struct message *m, size_t at)
{
    return unknown_word(m, at) && !m->used[at];
}

static bool capital(const struct message *m, size_t at)
{
    char c = m->raw[m->text.tokens[at].raw_at];
    return c >= 'A' && c <= 'Z';
}

/* A word of everyday that sites are called by too: "Silver Oak", "Pearl Villa". */
static bool borrowed(const struct message *m, size_t at)
{
    return match_at(m, at, SLOT_COLOR, ACT_NONE) != NULL || match_at(m, at, SLOT_PROPERTY, ACT_NONE) != NULL ||
           match_at(m, at, SLOT_PLAIN, ACT_COMMON) != NULL;
}

/* "site Lake View", "Lake View site": the words that no list knows, beside the one that says so. */
bool site_told(const struct message *m, char site[READING_WORD])
{
    size_t at, end;
    const struct match *k = site[0] == '\0' ? cue_from(m, 0, CUE_SITE_BEFORE, &at) : NULL;
    bool part = site[0] == '\0' && k == NULL && (k = cue_from(m, 0, CUE_SITE_PART, &at)) != NULL;
    if (k == NULL)
        return false;
    size_t from = at + k->length, before = at;
    from += mark_at(m, from, ':') || mark_at(m, from, '-') ? 1 : 0;
    for (end = from; end < from + SITE_WORDS && free_word(m, end); end++)
        continue;
    bool behind = end > from;
    if (!behind)
        for (end = at; before > 0 && end - before < SITE_WORDS && free_word(m, before - 1); before--)
            from = before - 1;
    if (end <= from)
        return false;
    bool short_name = part && behind && end == from + 1 && m->text.tokens[from].len <= 2; /* "tower B" */
    raw_words(m, short_name ? at : from, part && !behind ? at + k->length : end, site);   /* "Maple Tower" */
    return true;
}

/* Whether a report goes on here: with a level, with what kind of building it is, that work stopped, or behind a word
 * for a place. */
static bool reports_at(const struct message *m, size_t at)
{
    size_t end;
    const struct match *of = match_at(m, at, SLOT_OF, ACT_NONE);
    at += of != NULL ? of->length : 0; /* "Skyline ka 3rd floor" */
    return value_at(m, at, SLOT_LEVEL, &end) != NULL || value_at(m, at, SLOT_PROPERTY, &end) != NULL ||
           cue_at(m, at, CUE_BLOCKED) || cue_at(m, at, CUE_PLACE_AFTER);
}

static bool counts_at(const struct message *m, size_t at)
{
    size_t end;
    return value_at(m, at, SLOT_TASK, &end) != NULL || (at < m->text.n && m->text.tokens[at].kind == TOKEN_NUMBER);
}

/* "Sai Residency 3rd floor plaster", "Green Heights: work stopped": a name that begins the report. */
static void first_words(const struct message *m, char site[READING_WORD])
{
    size_t end = 0, unknown = 0, capitals = 0;
    for (; end < m->text.n && end < SITE_WORDS && m->text.tokens[end].kind == TOKEN_WORD; end++) {
        bool colon = end + 1 < m->text.n && (mark_at(m, end + 1, ':') || mark_at(m, end + 2, ':'));
        if (!free_word(m, end) && !(borrowed(m, end) && (capital(m, end) || colon)))
            break;
        unknown += free_word(m, end) ? 1 : 0;
        capitals += capital(m, end) ? 1 : 0;
    }
    bool mark = mark_at(m, end, ':') || mark_at(m, end, '-') || mark_at(m, end, ',');
    bool written = end > 0 && capitals == end; /* as a name */
    bool told = reports_at(m, end) || mark_at(m, end, ':') || (written && (mark || counts_at(m, end)));
    if (end > 1 ? unknown > 0 || written : end == 1 && unknown == 1 && reports_at(m, end))
        if (told)
            raw_words(m, 0, end, site);
}

/* "work on hold at Palm Residency": names written with capitals behind a word for a place. */
static void behind_place(const struct message *m, char site[READING_WORD])
{
    size_t at, end;
    const struct match *k;
    for (size_t from = 0; site[0] == '\0' && (k = cue_from(m, from, CUE_PLACE_BEFORE, &at)) != NULL; from = at + 1) {
        size_t begin = at + k->length, unknown = 0;
        for (end = begin;
             end < begin + SITE_WORDS && end < m->text.n && (free_word(m, end) || borrowed(m, end)) && capital(m, end);
             end++)
            unknown += free_word(m, end) ? 1 : 0;
        if (unknown > 0)
            raw_words(m, begin, end, site);
    }
}

void site_guess(const struct message *m, char site[READING_WORD])
{
    if (site[0] == '\0')
        first_words(m, site);
    if (site[0] == '\0')
        behind_place(m, site);
}
