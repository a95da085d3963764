#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "workers/reading/lexicon.h"
#include "workers/reading/value.h"

enum { LINE_MOST = 8192 };

/* One list while it is read. */
struct list {
    struct lexicon *l;
    uint32_t lang;
    const char *topic, *path;
    int line;
    struct fault *f;
};

static int wrong(const struct list *in, const char *what, const char *word)
{
    return fault_set(in->f, VERDICT_STOP, "%.120s:%d: %s \"%.60s\"", in->path, in->line, what, word);
}

static char *trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    for (char *end = s + strlen(s); end > s && isspace((unsigned char)end[-1]);)
        *--end = '\0';
    return s;
}

static bool whole(const char *s, int64_t *out)
{
    char *end;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    *out = v;
    return errno == 0 && end != s && *end == '\0' && v >= 0;
}

/* "1/4", "-1/4" in millionths. */
static bool ratio(const char *s, int64_t *out)
{
    int top, bottom, used = 0;
    if (sscanf(s, "%d/%d%n", &top, &bottom, &used) != 2 || s[used] != '\0' || bottom <= 0)
        return false;
    *out = (int64_t)top * 1000000 / bottom;
    return (int64_t)top * 1000000 % bottom == 0;
}

/* "alone 5/4 before 1/4". */
static int fraction_value(const struct list *in, char *left, int64_t *value)
{
    struct fraction fr = {FRACTION_NONE, FRACTION_NONE, FRACTION_NONE, FRACTION_NONE};
    char *save = NULL;
    for (char *role = strtok_r(left, " ", &save); role != NULL; role = strtok_r(NULL, " ", &save)) {
        char *number = strtok_r(NULL, " ", &save);
        int64_t *at = strcmp(role, "alone") == 0    ? &fr.alone_u
                      : strcmp(role, "before") == 0 ? &fr.before_u
                      : strcmp(role, "after") == 0  ? &fr.after_u
                      : strcmp(role, "scale") == 0  ? &fr.scale_u
                                                    : NULL;
        if (at == NULL || number == NULL || !ratio(number, at))
            return wrong(in, "a fraction is told as alone, before, after or scale and n/d, not", role);
    }
    if (fr.scale_u == FRACTION_NONE)
        fr.scale_u = fr.alone_u;
    if (in->l->n_fractions == LEXICON_FRACTIONS)
        return wrong(in, "too many fractions at", left);
    *value = (int64_t)in->l->n_fractions;
    in->l->fractions[in->l->n_fractions++] = fr;
    return 0;
}

static enum join join_of(const char *name)
{
    static const char *const names[] = {
        [JOIN_AND] = "and",     [JOIN_AND_NUMBER] = "and-number", [JOIN_OR] = "or",      [JOIN_BUT] = "but",
        [JOIN_RANGE] = "range", [JOIN_BETWEEN] = "between",       [JOIN_POINT] = "point"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return (enum join)i;
    return (enum join) - 1;
}

/* What a line's left side means in this list. */
static int left_side(const struct list *in, char *left, struct sense *as)
{
    const char *t = in->topic;
    *as = (struct sense){.lang = in->lang, .file = (uint16_t)(in->l->n_files - 1), .line = (uint32_t)in->line};
    if (strcmp(t, "numbers") == 0 || strcmp(t, "ordinals") == 0) {
        as->slot = *t == 'n' ? SLOT_NUMBER : SLOT_ORDINAL;
        size_t n = strlen(left);
        as->tens = n > 0 && left[n - 1] == '+';
        if (as->tens)
            left[n - 1] = '\0';
        if (!whole(left, &as->value) || as->value > 99)
            return wrong(in, "a whole number from 0 to 99 is expected, not", left);
    } else if (strcmp(t, "scales") == 0) {
        as->slot = SLOT_SCALE;
        if (!whole(left, &as->value) || as->value < 100 || as->value > 10000000)
            return wrong(in, "a scale from 100 to 10000000 is expected, not", left);
    } else if (strcmp(t, "fractions") == 0) {
        as->slot = SLOT_FRACTION;
        return fraction_value(in, left, &as->value);
    } else if (strcmp(t, "units") == 0) {
        as->slot = SLOT_UNIT;
        as->value = lexicon_unit(in->l, left);
        if (as->value < 0)
            return wrong(in, "unknown unit", left);
    } else if (slot_of_list(t) != SLOT_NONE) {
        as->slot = slot_of_list(t);
        if (strlen(left) >= READING_WORD)
            return wrong(in, "the name is too long:", left);
        as->value = (int64_t)lexicon_goods(in->l, as->slot, left);
    } else if (strcmp(t, "progress") == 0) {
        as->slot = SLOT_PERCENT;
        if (!whole(left, &as->value) || as->value > 100)
            return wrong(in, "a share from 0 to 100 is expected, not", left);
    } else if (strcmp(t, "cues") == 0) {
        as->slot = SLOT_CUE;
        as->value = cue_of(left);
        if (as->value == CUE_NONE)
            return wrong(in, "unknown slot", left);
    } else if (strcmp(t, "connectives") == 0) {
        as->slot = SLOT_JOIN;
        as->value = (int64_t)join_of(left);
        if (as->value < 0 || as->value > JOIN_POINT)
            return wrong(in, "unknown slot", left);
    } else {
        as->value = act_of(t, left);
        as->slot = slot_of_act((enum act)as->value);
        if (as->value == ACT_NONE)
            return wrong(in, "unknown slot", left);
    }
    return 0;
}

/* One phrase: words, ".." for a gap, a last "?" or "~" on a number that is another word too. */
static int add_phrase(const struct list *in, char *phrase, struct sense as)
{
    struct text t;
    bool gaps[TEXT_TOKENS];
    size_t n = strlen(phrase);
    if (n > 1 && (phrase[n - 1] == '?' || phrase[n - 1] == '~')) {
        as.weak = phrase[n - 1] == '?' ? WEAK_UNIT : WEAK_COUNTED;
        phrase[n - 1] = '\0';
    }
    if (!text_read(&t, phrase, strlen(phrase)))
        return wrong(in, "the phrase is too long:", phrase);
    size_t kept = 0;
    bool gap = false;
    for (size_t i = 0; i < t.n; i++) {
        if (t.tokens[i].mark == '.') {
            gap = true;
            continue;
        }
        if (gap && kept == 0)
            break;
        gaps[kept] = gap;
        gap = false;
        t.tokens[kept++] = t.tokens[i];
    }
    t.n = kept;
    if (kept == 0 || gap)
        return wrong(in, "a phrase has words at both ends, unlike", phrase);
    struct sense *old = phrasebook_add(in->l->book, &t, gaps, &as);
    if (old != NULL && (old->value != as.value || old->weak != as.weak))
        return fault_set(in->f, VERDICT_STOP,
                         "%.100s:%d: this spelling already has another meaning in the same slot: \"%.40s\" (%.80s:%u)",
                         in->path, in->line, phrase, in->l->files[old->file], old->line);
    if (old != NULL)
        old->lang |= as.lang;
    return 0;
}

/* Folds and plurals; a "-" stands for nothing. */
static int add_fold(const struct list *in, struct fold *folds, size_t *n, const char *to, const char *from)
{
    if (*n == LEXICON_FOLDS || strlen(to) >= sizeof folds[0].to || strlen(from) >= sizeof folds[0].from)
        return wrong(in, "too many folds, or too long a one:", from);
    struct fold *fo = &folds[(*n)++];
    (void)snprintf(fo->to, sizeof fo->to, "%s", strcmp(to, "-") == 0 ? "" : to);
    (void)snprintf(fo->from, sizeof fo->from, "%s", strcmp(from, "-") == 0 ? "" : from);
    return 0;
}

/* "roll/rolls", and "gaz/=" for a word that is the same for one and for many. */
static int add_unit_word(const struct list *in, char *word, struct sense as)
{
    char *slash = strchr(word, '/');
    if (slash == NULL || slash == word || slash[1] == '\0')
        return wrong(in, "the plural is missing: word/words, or word/= where it does not change, at", word);
    *slash = '\0';
    if (add_phrase(in, trim(word), as) != 0)
        return -1;
    return strcmp(slash + 1, "=") == 0 ? 0 : add_phrase(in, trim(slash + 1), as);
}

static int add_unit(const struct list *in, const char *name, const char *right)
{
    static const struct {
        const char *name;
        enum unit_kind kind;
    } kinds[] = {{"length", UNIT_LENGTH},
                 {"count", UNIT_COUNT},
                 {"package", UNIT_PACKAGE},
                 {"weight", UNIT_WEIGHT},
                 {"area", UNIT_AREA}};
    struct lexicon *l = in->l;
    char kind[16] = "", width[8] = "";
    long long factor = 0;
    int got = sscanf(right, "%15s %lld %7s", kind, &factor, width);
    bool is_width = strcmp(width, "width") == 0;
    if (l->n_units == LEXICON_UNITS || strlen(name) >= sizeof l->units[0].name || lexicon_unit(l, name) >= 0)
        return wrong(in, "too many units, too long a name, or one told twice:", name);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, kind) == 0) {
            bool needs = kinds[i].kind == UNIT_LENGTH || kinds[i].kind == UNIT_COUNT;
            if (needs != (got >= 2) || (got == 3 && !is_width) || factor < 0)
                return wrong(in, "a length tells its micrometres and a count its pieces, others nothing, unlike", name);
            struct unit *u = &l->units[l->n_units++];
            *u = (struct unit){.kind = kinds[i].kind, .factor = factor, .width = is_width};
            (void)snprintf(u->name, sizeof u->name, "%s", name);
            return 0;
        }
    return wrong(in, "unknown kind of unit", kind);
}

/* Both sides of a variant in the form that messages are compared in. */
static int add_variant(const struct list *in, const char *word, const char *other)
{
    struct text a, b;
    if (!text_read(&a, word, strlen(word)) || !text_read(&b, other, strlen(other)) || a.n != 1 || b.n != 1)
        return wrong(in, "a variant is one word for one word, unlike", other);
    a.bytes[a.tokens[0].len] = '\0';
    b.bytes[b.tokens[0].len] = '\0';
    if (!phrasebook_same(in->l->book, a.bytes, b.bytes, in->lang))
        return wrong(in, "this spelling already has a meaning of its own:", other);
    return 0;
}

/* "from = en": the language whose words for goods this one takes. */
static int add_loan(const struct list *in, const char *left, const char *lender)
{
    if (strcmp(left, "from") != 0)
        return wrong(in, "unknown slot", left);
    for (size_t i = 0; i < in->l->n_langs; i++)
        if (strcmp(in->l->langs[i], lender) == 0) {
            in->l->lends |= (uint32_t)1 << i;
            return 0;
        }
    return wrong(in, "there is no such language:", lender);
}

static int read_line(const struct list *in, char *line)
{
    char *equals = strchr(line, '=');
    if (equals == NULL)
        return wrong(in, "a line is \"meaning = words, words\", unlike", line);
    *equals = '\0';
    char *left = trim(line), *right = trim(equals + 1);
    struct lexicon *l = in->l;
    bool folds = strcmp(in->topic, "folds") == 0, variants = strcmp(in->topic, "variants") == 0;
    bool letters = strcmp(in->topic, "letters") == 0, sounds = strcmp(in->topic, "sounds") == 0;
    bool plurals = strcmp(in->topic, "plurals") == 0, units = strcmp(in->topic, "units") == 0;
    struct sense as = {.slot = SLOT_NONE};
    if (*left == '\0' || *right == '\0')
        return wrong(in, "one side is empty beside", *left == '\0' ? right : left);
    if (strcmp(in->topic, "loans") == 0)
        return add_loan(in, left, right);
    if (*in->topic == '\0')
        return add_unit(in, left, right);
    if (!folds && !variants && !plurals && !letters && !sounds && left_side(in, left, &as) != 0)
        return -1;
    for (char *rest = right, *p; (p = strsep(&rest, ",")) != NULL;) {
        p = trim(p);
        if (*p == '\0')
            return wrong(in, "an empty word stands among those of", left);
        int rc = folds      ? add_fold(in, l->folds, &l->n_folds, left, p)
                 : plurals  ? add_fold(in, l->plurals, &l->n_plurals, p, left)
                 : letters  ? add_fold(in, l->letters, &l->n_letters, left, p)
                 : sounds   ? add_fold(in, l->sounds, &l->n_sounds, left, p)
                 : variants ? add_variant(in, left, p)
                 : units    ? add_unit_word(in, p, as)
                            : add_phrase(in, p, as);
        if (rc != 0)
            return -1;
    }
    return 0;
}

static bool utf8(const char *s, size_t n)
{
    utf8proc_int32_t cp;
    for (size_t i = 0; i < n;) {
        utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)s + i, (utf8proc_ssize_t)(n - i), &cp);
        if (len <= 0)
            return false;
        i += (size_t)len;
    }
    return true;
}

static bool topic_known(const char *topic)
{
    static const char *const topics[] = {"",           "answers",   "connectives", "filler",  "folds",    "fractions",
                                         "intents",    "measures",  "negation",    "numbers", "ordinals", "pronouns",
                                         "quantities", "questions", "scales",      "units",   "variants", "progress",
                                         "cues",       "plurals",   "letters",     "sounds",  "loans"};
    if (slot_of_list(topic) != SLOT_NONE)
        return true;
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (strcmp(topics[i], topic) == 0)
            return true;
    return false;
}

int lexicon_load(struct lexicon *l, uint32_t lang, const char *topic, const char *path, struct fault *f)
{
    struct list in = {.l = l, .lang = lang, .topic = topic, .path = path, .f = f};
    char line[LINE_MOST];
    int rc = 0;
    if (!topic_known(topic))
        return wrong(&in, "unknown list", topic);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return fault_set(f, VERDICT_STOP, "cannot read the word list %.180s: %s", path, strerror(errno));
    if (l->n_files == LEXICON_FILES || (l->files[l->n_files] = strdup(path)) == NULL) {
        (void)fclose(file);
        return wrong(&in, "too many lists at", topic);
    }
    l->n_files++;
    while (rc == 0 && fgets(line, sizeof line, file) != NULL) {
        size_t n = strlen(line);
        in.line++;
        char *text = trim(line);
        if (n == sizeof line - 1)
            rc = wrong(&in, "the line is too long:", "");
        else if (!utf8(text, strlen(text)))
            rc = wrong(&in, "the line is not UTF-8", "");
        else if (*text != '\0' && *text != '#')
            rc = read_line(&in, text);
        if (rc != 0 && l->complain != NULL) {
            l->complain(l->complain_arg, f->text);
            l->wrong++;
            rc = 0;
        }
    }
    if (rc == 0 && ferror(file))
        rc = fault_set(f, VERDICT_STOP, "cannot read the word list %.180s: %s", path, strerror(errno));
    (void)fclose(file);
    return rc;
}
