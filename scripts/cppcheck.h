/* Not compiled: what cppcheck is told of macros whose headers it does not read. */
#ifndef MUNIM_SCRIPTS_CPPCHECK_H
#define MUNIM_SCRIPTS_CPPCHECK_H

#define cJSON_ArrayForEach(one, all)    for (one = (all) ? (all)->child : 0; one; one = one->next)
#define LL_FOREACH(list, e)             for (e = list; e; e = e->next)
#define LL_FOREACH_SAFE(list, e, after) for (e = list; e && (after = e->next, 1); e = after)
#define DL_FOREACH(list, e)             LL_FOREACH(list, e)
#define DL_FOREACH_SAFE(list, e, after) LL_FOREACH_SAFE(list, e, after)
#define HASH_ITER(hh, table, e, after)  for (e = table; e && (after = e->hh.next, 1); e = after)

#endif
