/* Random bytes and the ids made of them. */
#ifndef MUNIM_BASE_RANDOM_H
#define MUNIM_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum { UUID_TEXT = 37 }; /* 36 characters and the final NUL */

/* Fills out from the kernel; aborts the process where the kernel has none (it never has not). */
void random_bytes(void *out, size_t n);
uint32_t random_u32(void);

/* UUID version 7 (RFC 9562, 5.7) for the given Unix time in milliseconds; nothing is ordered by it. */
void uuid7(int64_t wall_ms, char out[UUID_TEXT]);

/* A name-based UUID (version 8 layout over SHA-256): the same bytes give the same id on every machine. */
void uuid_of(const void *name, size_t n, char out[UUID_TEXT]);

#endif
