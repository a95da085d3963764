/* Answers that are a bare word of their slot: "strips", where the unit was asked for. */
#include <stdio.h>
#include <string.h>

#include "workers/reading/decide.h"

bool unit_answered(const struct scene *s)
{
    const struct reading_cart_line *line = line_pending(s);
    const struct message *m = s->m;
    const struct match *unit = NULL;
    if (line == NULL || strcmp(s->ctx->pending_slot, "unit") != 0)
        return false;
    for (size_t i = 0; i < m->text.n; i++) {
        const struct match *k = match_at(m, i, SLOT_UNIT, ACT_NONE);
        if (k != NULL && unit != NULL && k->sense->value != unit->sense->value)
            return false; /* two units: "strip ya goli" */
        unit = k != NULL ? k : unit;
    }
    struct reading_item *it = unit != NULL ? item_new(s->out, ACTION_SET) : NULL;
    if (it == NULL)
        return false;
    item_from_line(it, s, line, true);
    (void)snprintf(it->unit, sizeof it->unit, "%s", m->l->units[unit->sense->value].name);
    for (size_t k = 0; k < s->drafts->n; k++)
        if (s->drafts->d[k].quantity != NULL)
            item_quantity(it, m, &s->drafts->d[k]);
    item_length(it, m->l);
    s->out->intent = INTENT_PROVIDE_VALUE;
    return true;
}
