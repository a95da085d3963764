/* Foreign text on a terminal, and lines out of a polled descriptor. */
#include "common/base/line_input.h"
#include "common/base/plain.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void expect(void (*put)(UT_string *out, const char *text), const char *text, const char *shown)
{
    UT_string out;
    utstring_init(&out);
    put(&out, text);
    assert_string_equal(utstring_body(&out), shown);
    utstring_done(&out);
}

static void expect_cell(const char *text, int columns, const char *shown)
{
    UT_string out;
    utstring_init(&out);
    plain_put_cell(&out, text, columns);
    assert_string_equal(utstring_body(&out), shown);
    utstring_done(&out);
}

static void what_commands_a_terminal_is_replaced(void **state)
{
    (void)state;
    expect(plain_put, "\033[2J\033]0;owned\007x", "\uFFFD[2J\uFFFD]0;owned\uFFFDx");
    expect(plain_put, "a\x7f", "a\uFFFD");
    expect(plain_put,
           "\xc2\x9b"
           "31m",
           "\uFFFD31m");                               /* CSI of the second control set */
    expect(plain_put, "abc\u202Ecba", "abc\uFFFDcba"); /* right-to-left override */
    expect(plain_put, "\u2066x\u2069\u200F\uFEFF", "\uFFFDx\uFFFD\uFFFD\uFFFD");
}

static void bytes_that_are_no_utf8_are_replaced_one_by_one(void **state)
{
    (void)state;
    expect(plain_put, "a\xff\xfez", "a\uFFFD\uFFFDz");
    expect(plain_put, "\xe0\xa4", "\uFFFD\uFFFD");
    expect(plain_put, "\xed\xa0\x80x", "\uFFFD\uFFFD\uFFFDx"); /* a surrogate */
}

static void scripts_and_emoji_stay(void **state)
{
    (void)state;
    expect(plain_put, "मीरा क्‍ष ₹1,200", "मीरा क्‍ष ₹1,200");
    expect(plain_put, "👩‍👩‍👧", "👩‍👩‍👧");
    expect(plain_put, NULL, "-");
    expect(plain_put, "", "");
}

static void one_line_or_many(void **state)
{
    (void)state;
    expect(plain_put, "a\nb\tc\r\u2028d", "a b c  d");
    expect(plain_put_lines, "a\nb\r\n\033c", "a\nb \n\uFFFDc");
}

static void a_cell_has_its_columns(void **state)
{
    (void)state;
    expect_cell("ab", 4, "ab  ");
    expect_cell("abcdef", 4, "abcd");
    expect_cell("मीरा", 4, "मीरा  ");  /* two letters with their vowel signs */
    expect_cell("布布布", 5, "布布 "); /* two columns each: the third does not fit */
    expect_cell(NULL, 2, "- ");
    expect_cell("", 1, " ");
}

static void what_is_plain(void **state)
{
    (void)state;
    assert_true(plain_is("Meera, मीरा"));
    assert_true(plain_is(""));
    assert_false(plain_is("a\nb"));
    assert_false(plain_is("\033[m"));
    assert_false(plain_is("a\xff"));
    assert_false(plain_is("\u202E"));
    assert_true(plain_utf8("a\nb\033 मीरा"));
    assert_false(plain_utf8("a\xff"));
    assert_false(plain_utf8("\xe0\xa4"));
}

/* A pipe, its reading end in a line_input. */
struct tube {
    int fds[2];
    struct line_input *in;
};

static struct tube tube_open(void)
{
    struct tube t;
    assert_int_equal(pipe(t.fds), 0);
    t.in = line_input_new(t.fds[0]);
    return t;
}

static void tube_write(const struct tube *t, const char *text, size_t n)
{
    assert_int_equal(fcntl(t->fds[1], F_SETPIPE_SZ, 1 << 20) >= 0, 1);
    assert_int_equal(write(t->fds[1], text, n), (ssize_t)n);
}

static void tube_close(struct tube *t)
{
    line_input_free(&t->in);
    assert_null(t->in);
    close(t->fds[0]);
}

static void lines_that_came_together_are_all_given(void **state)
{
    (void)state;
    struct tube t = tube_open();
    tube_write(&t, "one\ntwo\r\n\nhal", 13);
    assert_null(line_input_next(t.in));
    assert_true(line_input_read(t.in));
    assert_string_equal(line_input_next(t.in), "one");
    assert_string_equal(line_input_next(t.in), "two");
    assert_string_equal(line_input_next(t.in), "");
    assert_null(line_input_next(t.in)); /* half a line waits for its end */
    tube_write(&t, "f\nrest", 6);
    assert_true(line_input_read(t.in));
    assert_string_equal(line_input_next(t.in), "half");
    close(t.fds[1]);
    assert_null(line_input_next(t.in));
    assert_false(line_input_read(t.in));
    assert_string_equal(line_input_next(t.in), "rest");
    assert_null(line_input_next(t.in));
    tube_close(&t);
}

static void a_line_without_end_comes_in_pieces(void **state)
{
    (void)state;
    enum { WHOLE = 100 * 1000, PIECE = 64 * 1024 };
    struct tube t = tube_open();
    char *text = malloc(WHOLE + 1);
    assert_non_null(text);
    memset(text, 'x', WHOLE);
    text[WHOLE] = '\0';
    tube_write(&t, text, WHOLE);
    close(t.fds[1]);
    size_t got = 0, pieces = 0;
    for (bool open = true; open;) {
        open = line_input_read(t.in);
        for (const char *line; (line = line_input_next(t.in)) != NULL; pieces++) {
            assert_true(strlen(line) <= PIECE);
            assert_int_equal(strspn(line, "x"), strlen(line));
            got += strlen(line);
        }
    }
    assert_int_equal(got, WHOLE);
    assert_int_equal(pieces, 2);
    free(text);
    tube_close(&t);
}

static void nothing_yet_is_not_the_end(void **state)
{
    (void)state;
    struct tube t = tube_open();
    assert_int_equal(fcntl(t.fds[0], F_SETFL, O_NONBLOCK), 0);
    assert_true(line_input_read(t.in));
    assert_null(line_input_next(t.in));
    close(t.fds[1]);
    assert_false(line_input_read(t.in));
    tube_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_commands_a_terminal_is_replaced),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced_one_by_one),
        cmocka_unit_test(scripts_and_emoji_stay),
        cmocka_unit_test(one_line_or_many),
        cmocka_unit_test(a_cell_has_its_columns),
        cmocka_unit_test(what_is_plain),
        cmocka_unit_test(lines_that_came_together_are_all_given),
        cmocka_unit_test(a_line_without_end_comes_in_pieces),
        cmocka_unit_test(nothing_yet_is_not_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
