/* Foreign text on a terminal: whatever comes in, what goes out is one line that moves nothing, cells are as wide as
 * they were asked to be. */
#include "tests/fuzz/fuzz.h"

#include "common/base/plain.h"

#include <utf8proc.h>

static int columns(const char *text)
{
    int n = 0;
    utf8proc_int32_t c;
    for (const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text; *p != 0;) {
        utf8proc_ssize_t len = utf8proc_iterate(p, -1, &c);
        ENSURE(len > 0);
        n += utf8proc_charwidth(c);
        p += len;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    int width = (int)fuzz_choice(&data, &n, 80);
    char *text = fuzz_text(&data, &n);
    UT_string *out;
    utstring_new(out);
    plain_put(out, text);
    ENSURE(plain_is(utstring_body(out)) && plain_utf8(utstring_body(out)));
    if (plain_is(text))
        ENSURE(strcmp(text, utstring_body(out)) == 0 && plain_utf8(text));
    utstring_clear(out);
    plain_put_cell(out, text, width);
    ENSURE(plain_is(utstring_body(out)) && columns(utstring_body(out)) == width);
    utstring_clear(out);
    plain_put_lines(out, text);
    ENSURE(plain_utf8(utstring_body(out)));
    utstring_free(out);
    free(text);
    return 0;
}
