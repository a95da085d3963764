#include "common/base/json.h"
#include "workers/cli/status_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char state_text[] =
    "{\"state\":\"running\",\"pid\":7,\"kafka\":{\"bootstrap\":\"127.0.0.1:9\",\"prefix\":\"munim\"},"
    "\"whatsapp\":{\"api_url\":\"http://127.0.0.1:5/v23.0\",\"app_secret_file\":\"/s/app\",\"verify_token_file\":\"/s/"
    "v\"},"
    "\"ingress\":{\"listen\":\"127.0.0.1:1\"},\"postgres\":{\"url\":\"postgresql://munim@/munim\"},"
    "\"addresses\":{\"munim-ingress-1\":{\"ingress\":\"127.0.0.1:8080\",\"admin\":\"127.0.0.1:2\"},"
    "\"munim-sim\":{\"sim\":\"127.0.0.1:5\"}},"
    "\"processes\":[{\"name\":\"munim-ingress-1\",\"pid\":8,\"state\":\"running\",\"restarts\":2,\"since\":\"x\"}]}";

static cJSON *parse(const char *text)
{
    cJSON *o = json_parse(text, strlen(text), &json_limits_default, NULL);
    assert_non_null(o);
    return o;
}

static void assert_status(const char *state, bool alive, const char *accounts, const char *wanted)
{
    cJSON *s = state != NULL ? parse(state) : NULL, *a = parse(accounts);
    cJSON *status = status_json(s, alive, a);
    char *text = json_text(status);
    assert_string_equal(text, wanted);
    free(text);
    cJSON_Delete(status);
    cJSON_Delete(a);
    cJSON_Delete(s);
}

static void a_running_instance(void **state)
{
    (void)state;
    assert_status(state_text, true, "[{\"channel\":\"whatsapp\",\"account_id\":\"106\",\"display\":\"1555\"}]",
                  "{\"state\":\"running\",\"ingress\":{\"url\":\"http://127.0.0.1:8080\"},"
                  "\"admin\":{\"munim-ingress-1\":\"http://127.0.0.1:2\"},\"kafka\":{\"bootstrap\":\"127.0.0.1:9\"},"
                  "\"postgres\":{\"url\":\"postgresql://munim@/munim\"},\"simulator\":{\"url\":\"http://127.0.0.1:5\"},"
                  "\"channels\":[{\"channel\":\"whatsapp\",\"api_url\":\"http://127.0.0.1:5/v23.0\","
                  "\"phone_number_id\":\"106\",\"display_phone_number\":\"1555\",\"app_secret_file\":\"/s/app\","
                  "\"verify_token_file\":\"/s/v\"}],\"processes\":[{\"name\":\"munim-ingress-1\",\"pid\":8,"
                  "\"state\":\"running\",\"restarts\":2,\"since\":\"x\"}]}");
}

static void what_a_dead_pool_left_is_stopped(void **state)
{
    (void)state;
    assert_status(state_text, false, "[]",
                  "{\"state\":\"stopped\",\"ingress\":{\"url\":\"http://127.0.0.1:1\"},\"admin\":{},"
                  "\"kafka\":{\"bootstrap\":\"127.0.0.1:9\"},\"postgres\":{\"url\":\"postgresql://munim@/munim\"},"
                  "\"channels\":[],\"processes\":[{\"name\":\"munim-ingress-1\",\"pid\":null,\"state\":\"stopped\","
                  "\"restarts\":2,\"since\":\"x\"}]}");
}

static void no_instance_at_all(void **state)
{
    (void)state;
    assert_status(NULL, false, "[]",
                  "{\"state\":\"stopped\",\"ingress\":{\"url\":null},\"admin\":{},\"kafka\":{\"bootstrap\":null},"
                  "\"postgres\":{\"url\":null},\"channels\":[],\"processes\":[]}");
}

static void a_pool_that_has_written_nothing_yet_starts(void **state)
{
    (void)state;
    cJSON *none = cJSON_CreateArray(), *status = status_json(NULL, true, none);
    assert_string_equal(json_str(status, "state"), "starting");
    cJSON_Delete(status);
    cJSON_Delete(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_running_instance),
        cmocka_unit_test(what_a_dead_pool_left_is_stopped),
        cmocka_unit_test(no_instance_at_all),
        cmocka_unit_test(a_pool_that_has_written_nothing_yet_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
