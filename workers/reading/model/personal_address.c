#include "workers/reading/model/personal_look.h"

#include "workers/reading/fields.h"

#include <string.h>

enum { WORDS_MOST = 3, ADDRESS_MOST = 24, PIN_DIGITS = 6 };

static size_t part_at(const struct look *k, size_t i)
{
    size_t part = says(k, i, SAYS_ADDRESS_PART), head = says(k, i, SAYS_ADDRESS_HEAD);
    size_t near = says(k, i, SAYS_LANDMARK_BEFORE), pin = says(k, i, SAYS_PIN);
    size_t most = part > head ? part : head;
    most = near > most ? near : most;
    return pin > most ? pin : most;
}

/* A word of the street's or the house's own name: whatever else it is, unless it does something. */
static bool street_word(const struct look *k, size_t i)
{
    bool stands_before = says(k, i + 1, SAYS_ADDRESS_PART) > 0;
    if (!is_word(k, i) || says(k, i, SAYS_PLAIN) == 1)
        return false;
    for (size_t j = 0; j < k->m.n_matches[i]; j++) {
        enum slot slot = k->m.matches[i][j].sense->slot;
        if (slot == SLOT_ACT || slot == SLOT_JOIN)
            return false;
    }
    return stands_before || (title(k, i) && i + 1 < k->m.text.n && loose(k, i + 1));
}

/* Whether an address goes on behind a mark. */
static bool goes_on(const struct look *k, size_t i)
{
    if (i >= k->m.text.n || k->masked[i] || k->counted[i])
        return false;
    return k->kept[i] || loose(k, i) || part_at(k, i) > 0 || k->m.text.tokens[i].kind == TOKEN_NUMBER ||
           street_word(k, i) || says(k, i, SAYS_ADDRESS_JOINT) > 0 || any_mark(k, i, ",-\n");
}

/* How many tokens at i belong to an address that has begun; 0 where it ends. */
static size_t step(const struct look *k, size_t i)
{
    const struct token *t = &k->m.text.tokens[i];
    size_t part = part_at(k, i), joint = says(k, i, SAYS_ADDRESS_JOINT);
    if (k->masked[i])
        return 0;
    if (k->kept[i])
        return 1;
    if (t->kind == TOKEN_NUMBER)
        return k->counted[i] ? 0 : 1;
    if (t->kind == TOKEN_MARK)
        return goes_on(k, i + 1) && (strchr(",-/#&()\n", t->mark) != NULL || (t->mark == '.' && t->glued)) ? 1 : 0;
    if (part > 0)
        return part;
    if (loose(k, i) || t->len == 1)
        return 1;
    if (street_word(k, i))
        return 1;
    return joint;
}

/* Takes what belongs to an address from here on; marks and small words at its end stay. */
static void run(struct look *k, size_t from, size_t at)
{
    size_t end = at, last = at;
    for (size_t n = 0; n < ADDRESS_MOST && end < k->m.text.n; n++) {
        size_t by = step(k, end);
        if (by == 0)
            break;
        bool weighs = k->m.text.tokens[end].kind == TOKEN_NUMBER || part_at(k, end) > 0 || loose(k, end) ||
                      street_word(k, end) || k->kept[end];
        end += by;
        last = weighs ? end : last;
    }
    last = last > k->m.text.n ? k->m.text.n : last;
    take(k, from, last, TAKEN_ADDRESS);
}

/* A house's number: "302", "B-12", "12/4"; no measure of goods. */
static bool house_number(const struct look *k, size_t at)
{
    if (at < k->m.text.n && k->m.text.tokens[at].len == 1 && k->m.text.tokens[at].kind == TOKEN_WORD)
        at += any_mark(k, at + 1, "-/") ? 2 : 1;
    size_t end;
    return at < k->m.text.n && k->m.text.tokens[at].kind == TOKEN_NUMBER && !k->masked[at] && !k->counted[at] &&
           value_at(&k->m, at, SLOT_PROPERTY, &end) == NULL && match_at(&k->m, at + 1, SLOT_UNIT, ACT_NONE) == NULL;
}

/* Where the words before an address begin that belong to it: the street's own name, and whom it is of. */
static size_t reach_back(const struct look *k, size_t at)
{
    size_t from = at;
    if (from > 0 && named(k, from - 1, false) && (loose(k, from - 1) || k->m.n_matches[from - 1] > 0) &&
        !any_mark(k, from - 1, ","))
        from--;
    while (from > 0 && at - from < WORDS_MOST && (loose(k, from - 1) || k->m.text.tokens[from - 1].len == 1) &&
           is_word(k, from - 1))
        from--;
    if (from > 1 && from < at && any_mark(k, from - 1, ",") && k->m.text.tokens[from - 2].kind == TOKEN_NUMBER &&
        from > 3 && any_mark(k, from - 3, "-/") && !k->measured[from - 2] && !k->masked[from - 2])
        return k->m.text.tokens[from - 4].len <= 2 ? from - 4 : from; /* "B-204, Sunrise Heights" */
    if (from > 0 && from < at && k->m.text.tokens[from - 1].kind == TOKEN_NUMBER && !k->measured[from - 1] &&
        !k->masked[from - 1])
        from--;
    return from;
}

static void see_person_before(struct look *k, size_t from)
{
    if (from > 1 && any_mark(k, from - 1, ",\n")) {
        size_t at = name_begin(k, from - 1);
        take(k, at, from - 1, TAKEN_NAME);
    }
}

/* In trades that report of places a street alone is what the message is about. */
void see_addresses(struct look *k)
{
    const struct message *m = &k->m;
    bool of_places = m->domain == DOMAIN_CONSTRUCTION || m->domain == DOMAIN_SERVICES;
    for (size_t i = 0; i < m->text.n; i++) {
        size_t label = says(k, i, SAYS_ADDRESS_BEFORE), head = says(k, i, SAYS_ADDRESS_HEAD);
        size_t part = says(k, i, SAYS_ADDRESS_PART), near = says(k, i, SAYS_LANDMARK_BEFORE);
        size_t pin = says(k, i, SAYS_PIN), beyond = says(k, i, SAYS_LANDMARK_AFTER);
        if (k->taken[i] == TAKEN_ADDRESS)
            continue;
        size_t after_pin = pin > 0 ? after(k, i + pin) : m->text.n;
        if (after_pin < m->text.n && m->text.tokens[after_pin].digits == PIN_DIGITS && !k->counted[after_pin])
            take(k, after_pin, after_pin + 1, TAKEN_ADDRESS);
        if (label > 0) {
            size_t at = after(k, i + label);
            run(k, at, at);
        } else if (head > 0 && m->domain != DOMAIN_CONSTRUCTION && house_number(k, after(k, i + head))) {
            see_person_before(k, i);
            run(k, i, i);
        } else if (part > 0 && !of_places && reach_back(k, i) < i) {
            see_person_before(k, reach_back(k, i));
            run(k, reach_back(k, i), i);
        } else if (near > 0 && !of_places && (loose(k, i + near) || part_at(k, i + near + 1) > 0)) {
            run(k, i + near, i + near);
        } else if (beyond > 0 && !of_places && name_begin(k, i) < i) {
            take(k, name_begin(k, i), i, TAKEN_ADDRESS);
        }
    }
}
