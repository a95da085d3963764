#include "ingress/job.h"

#include "common/kafka/envelope.h"

#include <stdlib.h>
#include <string.h>

struct job *job_new(const struct records *rs, const char *source)
{
    char trace[TRACEPARENT_MAX];
    size_t list = rs->n * sizeof(struct job_record);
    size_t text = utstring_len(&rs->text);
    struct job *j = malloc(sizeof *j + list + text);
    if (j == NULL)
        abort();
    *j = (struct job){.n = rs->n, .bytes = sizeof *j + list + text};
    traceparent_next(NULL, trace);
    for (size_t i = 0; i < rs->n; i++)
        j->list[i] =
            (struct job_record){.record = rs->list[i], .headers = envelope_headers(rs->list[i].type, source, trace)};
    char *behind = (char *)j->list + list;
    memcpy(behind, utstring_body(&rs->text), text);
    j->text = behind;
    return j;
}

void job_free(struct job *j)
{
    for (size_t i = 0; i < j->n; i++)
        if (j->list[i].headers != NULL)
            rd_kafka_headers_destroy(j->list[i].headers);
    free(j);
}
