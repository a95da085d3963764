/* Messages that order nothing but tell facts: progress of a building site, and what a person looking for a service says
 * of it. */
#ifndef MUNIM_READING_REPORT_H
#define MUNIM_READING_REPORT_H

#include "workers/reading/lines.h"

/* Fills fields and intent when the message is such a report in its domain; false when it tells none of it. */
bool report_read(const struct scene *s);
/* Whether a message of a building site names goods of the shop and reports nothing: it is about an order. */
bool report_orders(const struct scene *s);

bool progress_read(const struct scene *s); /* progress.c; called by report_read, as the next */
bool lead_read(const struct scene *s);     /* lead.c */

/* The site that a word for one announces; false when none does. Leaves what is there already (site.c, as the next). */
bool site_told(const struct message *m, char site[READING_WORD]);
/* The name that begins a report or stands behind a word for a place, where no other was found. */
void site_guess(const struct message *m, char site[READING_WORD]);

#endif
