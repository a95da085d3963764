/* Points at which a test kills the process. Compiled into test builds only (make SAN=1 or FAIL=1); a release binary
 * holds nothing of them. The names are one table, failpoint_rows, by the rows of the crash table in docs/guarantees.md.
 *
 * MUNIM_FAILPOINT arms one: "turn.committed" kills at the first hit, "turn.committed@3" at the third,
 * "turn.read=poison" where the detail there contains "poison". */
#ifndef MUNIM_BASE_FAILPOINT_H
#define MUNIM_BASE_FAILPOINT_H

#ifdef MUNIM_FAILPOINTS

struct failpoint_row {
    const char *name;
    int crash_row; /* of the crash table; 0 for none */
    const char *where;
};
extern const struct failpoint_row failpoint_rows[]; /* ended by a NULL name */

/* kill -9 of this process when the point is armed. A name outside the table is a bug and aborts. detail may be NULL. */
void failpoint_hit(const char *name, const char *detail);
#define FAILPOINT(name, detail) failpoint_hit((name), (detail))

#else
#define FAILPOINT(name, detail) ((void)0)
#endif

#endif
