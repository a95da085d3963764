#include "common/config/settings.h"

#define MIN  INT64_C(60000)
#define HOUR INT64_C(3600000)
#define KIB  INT64_C(1024)
#define MIB  (KIB * 1024)

#define TEXT(s, k, def, help)                                                                                          \
    {                                                                                                                  \
        s, k, SETTING_TEXT, def, 0, 0, NULL, help, NULL                                                                \
    }
#define ALIAS(s, k, def, env, help)                                                                                    \
    {                                                                                                                  \
        s, k, SETTING_TEXT, def, 0, 0, env, help, NULL                                                                 \
    }
#define ONE_OF(s, k, def, choices, help)                                                                               \
    {                                                                                                                  \
        s, k, SETTING_TEXT, def, 0, 0, NULL, help, choices                                                             \
    }
#define SECRET(s, k, help)                                                                                             \
    {                                                                                                                  \
        s, k, SETTING_FILE, "", 0, 0, NULL, help, NULL                                                                 \
    }
#define NUMBER(s, k, def, least, most, help)                                                                           \
    {                                                                                                                  \
        s, k, SETTING_INT, def, least, most, NULL, help, NULL                                                          \
    }
#define TIME(s, k, def, least, most, help)                                                                             \
    {                                                                                                                  \
        s, k, SETTING_DURATION, def, least, most, NULL, help, NULL                                                     \
    }
#define SIZE(s, k, def, least, most, help)                                                                             \
    {                                                                                                                  \
        s, k, SETTING_SIZE, def, least, most, NULL, help, NULL                                                         \
    }

#define ADMIN "address of /livez, /readyz and /metrics; port 0 lets the kernel choose"

/* Rows of one section stand together: --print-config opens a section where its name changes. Times are in ms. */
const struct setting_row setting_rows[] = {
    TEXT("ingress", "listen", "127.0.0.1:8080", "address of the webhooks; port 0 lets the kernel choose"),
    TEXT("ingress", "admin_listen", "127.0.0.1:0", ADMIN),
    NUMBER("ingress", "processes", "1", 1, 64, "processes that share the port"),
    SIZE("ingress", "body_limit", "3MiB", KIB, 16 * MIB, "largest body of a webhook; a longer one is answered 413"),
    SIZE("ingress", "head_limit", "16KiB", KIB, MIB, "largest request line and headers together"),
    NUMBER("ingress", "connections", "4096", 1, 65536, "open connections at most; a further one displaces an idle one"),
    TIME("ingress", "request_deadline", "10s", 100, 10 * MIN, "time for a whole request to arrive"),
    TIME("ingress", "answer_deadline", "8s", 100, 10 * MIN, "time for Kafka to acknowledge; then the answer is 503"),

    TEXT("worker", "admin_listen", "127.0.0.1:0", ADMIN),
    NUMBER("worker", "processes", "1", 1, 64, "worker processes"),
    NUMBER("worker", "batch", "128", 1, 512, "turns that commit together at most"),
    NUMBER("worker", "in_flight", "256", 1, 65536, "turns at work at once"),
    NUMBER("worker", "ahead", "1000", 1, 1000000, "offsets read past the oldest unfinished one, per partition"),
    TEXT("worker", "lexicon_dir", "schema/lexicon", "folder of the word lists"),
    TIME("worker", "republish", "5s", 100, HOUR, "first wait before an answer nobody has taken is published again"),
    TIME("worker", "sweep_every", "1s", 50, 10 * MIN, "how often such answers are looked for"),

    ONE_OF(
        "reader", "kind", "words", "words|model|both",
        "words: the word lists; model or both: a language model, and the word lists for whatever it does not answer"),
    TEXT("reader", "model_url", "", "base of an OpenAI-compatible API; /chat/completions is added"),
    TEXT("reader", "model", "", "name of the model"),
    SECRET("reader", "model_key_file", "file with the API key; a server that wants none needs no file"),
    TEXT("reader", "model_temperature", "0", "as the API takes it; empty leaves it out"),
    TIME("reader", "model_timeout", "8s", 10, 5 * MIN, "time of one request"),
    TIME("reader", "model_deadline", "20s", 10, 5 * MIN, "time for all tries of one text; then the word lists answer"),
    NUMBER("reader", "model_tries", "3", 1, 10, "requests for one text at most"),
    TIME("reader", "model_retry_base", "250ms", 1, MIN, "upper bound of the first random wait between two of them"),
    NUMBER("reader", "model_calls", "64", 1, 4096, "texts at the model at once; the word lists read what comes beyond"),
    NUMBER("reader", "breaker_failures", "5", 1, 1000, "failed requests in a row after which the model is left alone"),
    TIME("reader", "breaker_rest", "30s", 10, 24 * HOUR, "how long; then one request tries it again"),

    TEXT("sender", "admin_listen", "127.0.0.1:0", ADMIN),
    NUMBER("sender", "in_flight", "64", 1, 4096, "sends at work at once"),
    NUMBER("sender", "per_host", "32", 1, 1024, "connections to one channel host"),
    TIME("sender", "request_timeout", "10s", 100, 10 * MIN, "total time of one request to a channel"),
    TIME("sender", "send_deadline", "15s", 100, 10 * MIN, "after it no first byte of a send goes out"),
    TIME(
        "sender", "uncertain_window", "120s", 100, 24 * HOUR,
        "wait for a delivery status before an uncertain message is treated by its class; longer than send_deadline and "
        "request_timeout together"),
    TIME("sender", "tick", "500ms", 10, MIN, "how often waiting messages are looked at"),
    TIME("sender", "retry_base", "1s", 10, HOUR, "first wait after a refusal that may pass"),
    TIME("sender", "retry_cap", "60s", 10, 24 * HOUR, "longest such wait"),
    NUMBER("sender", "attempts", "8", 1, 1000,
           "refused tries of one message after which every further one is logged as an error"),

    TEXT("lag", "admin_listen", "127.0.0.1:0", ADMIN),
    TIME("lag", "every", "5s", 100, HOUR, "how often offsets are read"),

    TEXT("pool", "run", "var/run", "folder of the state that `munim status` reads"),
    {"pool", "simulator", SETTING_BOOL, "false", 0, 0, NULL, "run the channel simulator at whatsapp.api_url", NULL},
    NUMBER("pool", "intensity", "5", 1, 1000, "deaths of a service within the period before it is held"),
    TIME("pool", "period", "30s", 100, 24 * HOUR, "the period of intensity"),
    TIME("pool", "backoff_base", "200ms", 1, HOUR, "first wait before a restart"),
    TIME("pool", "backoff_cap", "30s", 1, HOUR, "longest such wait"),
    TIME("pool", "drain_timeout", "25s", 100, HOUR, "time for each stage of the drain before its processes are killed"),

    ALIAS("kafka", "bootstrap", "127.0.0.1:9092", "KAFKA_BOOTSTRAP", "brokers, host:port separated by commas"),
    TEXT("kafka", "prefix", "munim", "goes before every topic and group; one installation, one prefix"),
    NUMBER("kafka", "partitions", "12", 1, 1000, "partitions of each topic when it is created; fixed for life"),
    TIME("kafka", "session_timeout", "6s", 1000, 5 * MIN, "silence after which a worker's partitions go to another"),
    TEXT("kafka", "contract", "schema/contracts/topics.json", "file that says what topics there are"),

    ALIAS("postgres", "url", "", "DATABASE_URL", "connection string or URL as libpq takes it"),

    TEXT("whatsapp", "api_url", "https://graph.facebook.com/v23.0", "base of the Cloud API, with its version"),
    SECRET("whatsapp", "app_secret_file", "file with the app secret that signs webhooks"),
    SECRET("whatsapp", "verify_token_file", "file with the token of the webhook's verification"),
    SECRET("whatsapp", "access_token_file", "file with the token that sends need"),

    ONE_OF("log", "format", "auto", "json|logfmt|auto", "json, logfmt, or auto: logfmt on a terminal, else json"),
    ONE_OF("log", "level", "info", "debug|info|warn|error", "the least level that is written"),

    TIME("service", "drain_timeout", "20s", 100, HOUR, "time to finish what is in hand after TERM"),
    {NULL, NULL, SETTING_TEXT, NULL, 0, 0, NULL, NULL, NULL},
};
