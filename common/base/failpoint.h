/* Points at which a test may end the process. Compiled into test builds only (make SAN=1); a release binary holds
 * nothing of them. MUNIM_FAILPOINT names one: "turn.read=poison" aborts at turn.read when the detail there contains
 * "poison", "turn.read=" always. */
#ifndef MUNIM_BASE_FAILPOINT_H
#define MUNIM_BASE_FAILPOINT_H

#ifdef MUNIM_FAILPOINTS
void failpoint_hit(const char *name, const char *detail);
#define FAILPOINT(name, detail) failpoint_hit((name), (detail))
#else
#define FAILPOINT(name, detail) ((void)0)
#endif

#endif
