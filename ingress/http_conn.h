/* One connection of the HTTP server; shared by http_server.c (who lives, until when) and http_conn.c (what is said). */
#ifndef MUNIM_INGRESS_HTTP_CONN_H
#define MUNIM_INGRESS_HTTP_CONN_H

#include "ingress/http_server.h"

#include <event2/event_struct.h>
#include <llhttp.h>

/* A connection is in exactly one phase, and on that phase's list; conn_enter is the only way from one to another.
 *
 *   IDLE    -> READING (first byte), WAITING (a whole request at once), LEAVING (refused), gone (end of input)
 *   READING -> WAITING, LEAVING (refused, deadline)
 *   WAITING -> IDLE (answered), WRITING (answer not out), LEAVING (answered, last), gone
 *   WRITING -> IDLE, LEAVING, gone (deadline)
 *   LEAVING -> gone; our last byte is out, the input is swallowed so that no reset overtakes the answer */
enum http_phase { PHASE_IDLE, PHASE_READING, PHASE_WAITING, PHASE_WRITING, PHASE_LEAVING, PHASE_COUNT };

enum { HTTP_SIGNATURE_MAX = 80, HTTP_SCRATCH_LEAST = 64 * 1024 };

struct http_conn {
    struct http_server *server;
    struct http_conn *prev, *next; /* on the phase's list, oldest first */
    int64_t since_us;              /* when the phase began */
    enum http_phase phase;
    int fd; /* -1: the client has gone, an answer is still owed */
    bool in_body;
    bool parsing; /* inside conn_parse: an answer must not read on by itself */
    bool last;    /* close after this answer */
    bool ended;   /* the client has sent its last byte */
    bool paused;  /* the read event is off */
    int refusal;  /* status chosen inside a parser callback */
    const char *reason;
    struct http_head head;
    char *target;                       /* copy, where the request came in several pieces */
    char signature[HTTP_SIGNATURE_MAX]; /* likewise */
    struct http_text body;              /* in the scratch buffer or in `kept` */
    char *kept;                         /* a body that came in pieces */
    size_t kept_cap;
    size_t fed; /* bytes of this request given to the parser */
    char *in;   /* read and not yet parsed */
    size_t in_len;
    char *out; /* unsent rest of an answer */
    size_t out_len, out_at;
    struct event rd, wr;
    llhttp_t parser;
};

struct http_server {
    struct event_base *base;
    evutil_socket_t listener; /* -1 while draining */
    struct http_limits limits;
    struct http_hooks hooks;
    struct event accept_ev, sweep_ev;
    struct http_conn *phase[PHASE_COUNT];
    size_t connections; /* open descriptors */
    size_t bodies;      /* bytes of all `kept` */
    bool draining;
    llhttp_settings_t callbacks;
    size_t scratch_size;
    char *scratch; /* every recv goes here; valid until the next one */
};

void conn_open(struct http_server *s, int fd);
void conn_enter(struct http_conn *c, enum http_phase phase);
void conn_close(struct http_conn *c);  /* frees c, unless an answer is owed: then http_answer does */
void conn_expire(struct http_conn *c); /* its phase's deadline has passed */
void conn_hurry(struct http_conn *c);  /* the server drains: read what is there, leave when idle */

/* llhttp callbacks, in http_parse.c. */
void http_parse_callbacks(llhttp_settings_t *callbacks);
/* Forgets the request that was answered or refused. */
void http_parse_reset(struct http_conn *c);

#endif
