#include "workers/reading/model/personal_lists.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const cues[] = {[SAYS_NAME_BEFORE] = "name-before",
                                   [SAYS_NAME_MAYBE] = "name-maybe",
                                   [SAYS_NAME_AROUND] = "name-around",
                                   [SAYS_NAME_AFTER] = "name-after",
                                   [SAYS_TITLE_BEFORE] = "title-before",
                                   [SAYS_TITLE_AFTER] = "title-after",
                                   [SAYS_ADDRESS_BEFORE] = "address",
                                   [SAYS_ADDRESS_HEAD] = "address-number",
                                   [SAYS_ADDRESS_PART] = "address-part",
                                   [SAYS_ADDRESS_JOINT] = "address-joint",
                                   [SAYS_LANDMARK_BEFORE] = "near",
                                   [SAYS_LANDMARK_AFTER] = "near-after",
                                   [SAYS_PIN] = "pin",
                                   [SAYS_PLAIN] = "plain",
                                   [SAYS_GIVEN] = "given",
                                   [SAYS_KEEP] = "keep"};

_Static_assert((int)SAYS_COUNT < (int)SLOT_COUNT, "each kind has a slot");

struct place {
    const char *path;
    unsigned line;
    struct fault *f;
};

static int wrong(const struct place *p, const char *what, const char *word)
{
    return fault_set(p->f, VERDICT_STOP, "%.120s:%u: %s \"%.60s\"", p->path, p->line, what, word);
}

static char *trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    for (char *end = s + strlen(s); end > s && isspace((unsigned char)end[-1]);)
        *--end = '\0';
    return s;
}

/* Words, with ".." for the gap that stands for a name. */
static int add_phrase(struct personal_lists *l, enum personal_cue cue, const char *phrase, const struct place *p)
{
    static struct text t;
    bool gaps[TEXT_TOKENS], gap = false, any = false;
    /* a phrase may be of several kinds, and a book holds one sense a slot */
    const struct sense as = {.slot = (enum slot)(cue + 1), .value = cue, .line = p->line};
    size_t kept = 0;
    if (!text_read(&t, phrase, strlen(phrase)))
        return wrong(p, "the phrase is too long:", phrase);
    for (size_t i = 0; i < t.n; i++) {
        if (t.tokens[i].mark == '.') {
            gap = true;
            continue;
        }
        gaps[kept] = gap && kept > 0;
        any = any || gaps[kept];
        gap = false;
        t.tokens[kept++] = t.tokens[i];
    }
    t.n = kept;
    if (kept == 0 || gap || any != (cue == SAYS_NAME_AROUND))
        return wrong(p, "the phrase is empty, or its gap stands at a wrong place:", phrase);
    const struct sense *old = phrasebook_add(l->book, &t, gaps, &as);
    if (old != NULL)
        return fault_set(p->f, VERDICT_STOP, "%.120s:%u: \"%.60s\" is of this kind since line %u", p->path, p->line,
                         phrase, old->line);
    return 0;
}

static int add_line(struct personal_lists *l, char *line, const struct place *p)
{
    char *equals = strchr(line, '='), *one;
    size_t cue = 0;
    if (*line == '\0' || *line == '#')
        return 0;
    if (equals == NULL)
        return wrong(p, "a line is \"kind = phrase, phrase\", unlike", line);
    *equals = '\0';
    const char *kind = trim(line);
    while (cue < SAYS_COUNT && strcmp(cues[cue], kind) != 0)
        cue++;
    if (cue == SAYS_COUNT)
        return wrong(p, "unknown kind", kind);
    for (char *rest = equals + 1; (one = strsep(&rest, ",")) != NULL;)
        if (add_phrase(l, (enum personal_cue)cue, trim(one), p) != 0)
            return -1;
    return 0;
}

struct personal_lists *personal_lists_new(const char *path, struct fault *f)
{
    struct place p = {.path = path, .f = f};
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        fault_set(f, VERDICT_STOP, "cannot read the list %.120s: %s", path, strerror(errno));
        return NULL;
    }
    struct personal_lists *l = calloc(1, sizeof *l);
    if (l == NULL)
        abort();
    l->book = phrasebook_new();
    char *text = NULL;
    size_t room = 0;
    int rc = 0;
    while (rc == 0 && getline(&text, &room, in) >= 0) {
        p.line++;
        rc = add_line(l, trim(text), &p);
    }
    free(text);
    (void)fclose(in);
    if (rc != 0)
        personal_lists_free(&l);
    return l;
}

void personal_lists_free(struct personal_lists **lp)
{
    if (*lp == NULL)
        return;
    phrasebook_free(&(*lp)->book);
    free(*lp);
    *lp = NULL;
}
