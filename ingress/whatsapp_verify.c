#include "ingress/whatsapp_verify.h"

#include "common/base/digest.h"

#include <stdlib.h>
#include <string.h>

struct whatsapp_verify {
    struct hmac *secret[WA_SECRETS_MAX];
    size_t secrets;
    /* Of the tokens only their digests: comparing digests takes the same time whatever the token's length. */
    unsigned char token[WA_SECRETS_MAX][DIGEST_BYTES];
    size_t tokens;
};

typedef void line_fn(struct whatsapp_verify *v, const char *line, size_t n);

static void add_secret(struct whatsapp_verify *v, const char *line, size_t n)
{
    v->secret[v->secrets++] = hmac_new(line, n);
}

static void add_token(struct whatsapp_verify *v, const char *line, size_t n)
{
    digest_sha256(line, n, v->token[v->tokens++]);
}

/* False when there are more lines than room. */
static bool each_line(struct whatsapp_verify *v, const char *text, const size_t *have, line_fn *add)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        size_t used = n;
        while (used > 0 && (text[used - 1] == '\r' || text[used - 1] == ' ' || text[used - 1] == '\t'))
            used--;
        if (used > 0 && *have == WA_SECRETS_MAX)
            return false;
        if (used > 0)
            add(v, text, used);
        text += n + (text[n] == '\n' ? 1 : 0);
    }
    return true;
}

struct whatsapp_verify *whatsapp_verify_new(const char *secrets, const char *tokens)
{
    struct whatsapp_verify *v = calloc(1, sizeof *v);
    if (v == NULL)
        abort();
    if (!each_line(v, secrets, &v->secrets, add_secret) || v->secrets == 0 ||
        (tokens != NULL && !each_line(v, tokens, &v->tokens, add_token)))
        whatsapp_verify_free(&v);
    return v;
}

void whatsapp_verify_free(struct whatsapp_verify **vp)
{
    struct whatsapp_verify *v = *vp;
    if (v == NULL)
        return;
    for (size_t i = 0; i < v->secrets; i++)
        hmac_free(&v->secret[i]);
    free(v);
    *vp = NULL;
}

bool whatsapp_signed(struct whatsapp_verify *v, const char *field, size_t field_n, const char *body, size_t n)
{
    static const char scheme[] = "sha256=";
    unsigned char real[DIGEST_BYTES];
    char hex[DIGEST_HEX];
    if (field_n != sizeof scheme - 1 + DIGEST_HEX - 1 || memcmp(field, scheme, sizeof scheme - 1) != 0)
        return false;
    bool good = false;
    for (size_t i = 0; i < v->secrets; i++) {
        hmac_sha256(v->secret[i], body, n, real);
        digest_hex(real, sizeof real, hex); /* lower-case, as Meta writes it */
        good |= digest_equal(field + sizeof scheme - 1, hex, DIGEST_HEX - 1);
    }
    return good;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Percent-decoding and "+" for a blank. False when it is malformed, too long or no visible ASCII. */
static bool decode(const char *p, size_t n, char *out, size_t room)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        int c = (unsigned char)p[i];
        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            if (n - i < 3 || hex_digit(p[i + 1]) < 0 || hex_digit(p[i + 2]) < 0)
                return false;
            c = hex_digit(p[i + 1]) << 4 | hex_digit(p[i + 2]);
            i += 2;
        }
        if (c < ' ' || c > '~' || len + 1 >= room)
            return false;
        out[len++] = (char)c;
    }
    out[len] = '\0';
    return true;
}

/* The one parameter of that name, decoded. A parameter given twice is none. */
static bool parameter(const char *query, size_t n, const char *name, char *out, size_t room)
{
    bool found = false;
    size_t name_n = strlen(name);
    const char *end = query + n;
    while (query < end) {
        const char *amp = memchr(query, '&', (size_t)(end - query));
        const char *stop = amp != NULL ? amp : end;
        if ((size_t)(stop - query) > name_n && memcmp(query, name, name_n) == 0 && query[name_n] == '=') {
            const char *value = query + name_n + 1;
            if (found || !decode(value, (size_t)(stop - value), out, room))
                return false;
            found = true;
        }
        query = amp != NULL ? amp + 1 : end;
    }
    return found;
}

bool whatsapp_handshake(const struct whatsapp_verify *v, const char *query, size_t n, char out[WA_CHALLENGE_MAX + 1])
{
    char mode[32], token[WA_CHALLENGE_MAX + 1];
    unsigned char d[DIGEST_BYTES];
    if (!parameter(query, n, "hub.mode", mode, sizeof mode) || strcmp(mode, "subscribe") != 0 ||
        !parameter(query, n, "hub.verify_token", token, sizeof token) ||
        !parameter(query, n, "hub.challenge", out, WA_CHALLENGE_MAX + 1) || out[0] == '\0')
        return false;
    digest_sha256(token, strlen(token), d);
    bool good = false;
    for (size_t i = 0; i < v->tokens; i++)
        good |= digest_equal(d, v->token[i], sizeof d);
    return good;
}
