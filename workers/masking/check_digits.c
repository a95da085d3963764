#include "workers/masking/check_digits.h"

bool luhn_ok(const char *digits, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = (unsigned)(digits[n - 1 - i] - '0');
        if (i % 2 == 1)
            d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return n > 1 && sum % 10 == 0;
}

/* Multiplication in the dihedral group of the pentagon. */
static unsigned dihedral(unsigned a, unsigned b)
{
    if (a < 5)
        return b < 5 ? (a + b) % 5 : 5 + (a + b - 5) % 5;
    return b < 5 ? 5 + (a - 5 + 5 - b) % 5 : (a - 5 + 10 - b) % 5;
}

bool verhoeff_ok(const char *digits, size_t n)
{
    static const unsigned char first[10] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
    unsigned c = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = (unsigned)(digits[n - 1 - i] - '0');
        for (size_t k = 0; k < i % 8; k++)
            d = first[d];
        c = dihedral(c, d);
    }
    return n > 1 && c == 0;
}

static int base36(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : -1;
}

bool gstin_check_ok(const char gstin[15])
{
    int sum = 0;
    for (int i = 0; i < 14; i++) {
        int v = base36(gstin[i]);
        if (v < 0)
            return false;
        v *= i % 2 == 0 ? 1 : 2;
        sum += v / 36 + v % 36;
    }
    return base36(gstin[14]) == (36 - sum % 36) % 36;
}
