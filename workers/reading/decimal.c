#include "workers/reading/decimal.h"

#include <inttypes.h>
#include <stdio.h>

static const int64_t one_u = 1000000;

void decimal_text(int64_t u, char out[DECIMAL_TEXT])
{
    if (u % one_u == 0) {
        (void)snprintf(out, DECIMAL_TEXT, "%" PRId64, u / one_u);
        return;
    }
    int n = snprintf(out, DECIMAL_TEXT, "%" PRId64 ".%06" PRId64, u / one_u, u % one_u);
    while (n > 0 && out[n - 1] == '0')
        out[--n] = '\0';
}

bool decimal_of(const char *text, int64_t *u)
{
    const int64_t most_u = INT64_C(9000000000000) * one_u;
    int64_t value = 0, place = one_u;
    bool point = false;
    if (*text < '0' || *text > '9')
        return false;
    for (; *text != '\0'; text++) {
        if (*text == '.' && !point) {
            point = true;
            continue;
        }
        if (*text < '0' || *text > '9')
            return false;
        int64_t digit = *text - '0';
        if (!point && (value = value * 10 + digit * one_u) > most_u / 10)
            return false;
        if (point && (place /= 10) == 0 && digit != 0)
            return false;
        if (point)
            value += digit * place;
    }
    *u = value;
    return true;
}
