/* Clocks. Correctness never rests on wall time: deadlines use the monotonic clocks, stored times are Postgres'. */
#ifndef MUNIM_BASE_CLOCK_H
#define MUNIM_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_mono_us(void); /* CLOCK_MONOTONIC, microseconds: durations and time-outs inside one process */
int64_t clock_boot_us(void); /* CLOCK_BOOTTIME, microseconds: goes on while the machine sleeps; send deadlines */
int64_t clock_wall_ms(void); /* CLOCK_REALTIME, milliseconds since 1970: logs, ids, ce_time; decides nothing */

/* RFC 3339 UTC with milliseconds ("2026-11-21T10:41:00.123Z"), into out. */
void clock_rfc3339(int64_t wall_ms, char out[25]);

#endif
