/* The examples of the JSON-RPC 2.0 specification, section 7, in their order. */
#include "tests/unit/jsonrpc/fixture.h"

static void subtract(struct jsonrpc_transaction *transaction, json_t *params) {
    (void)jsonrpc_respond(transaction,
                          json_integer(json_integer_value(json_object_get(params, "minuend")) -
                                       json_integer_value(json_object_get(params, "subtrahend"))));
}

static void sum(struct jsonrpc_transaction *transaction, json_t *params) {
    json_int_t total = 0;
    for (size_t i = 0; i < json_array_size(params); i++) {
        total += json_integer_value(json_array_get(params, i));
    }
    (void)jsonrpc_respond(transaction, json_integer(total));
}

static void nothing(struct jsonrpc_transaction *transaction, json_t *params) {
    (void)transaction;
    (void)params;
}

static void get_data(struct jsonrpc_transaction *transaction, json_t *params) {
    (void)params;
    (void)jsonrpc_respond(transaction, json_pack("[s, i]", "hello", 5));
}

static const struct jsonrpc_param SUBTRACT[] = {
    {.name = "minuend", .type = JSONRPC_INTEGER},
    {.name = "subtrahend", .type = JSONRPC_INTEGER},
};
static const struct jsonrpc_method METHODS[] = {
    {.name = "subtract", .handle = subtract, .params = SUBTRACT, .n_params = 2},
    {.name = "sum", .handle = sum},
    {.name = "update", .handle = nothing},
    {.name = "notify_hello", .handle = nothing},
    {.name = "notify_sum", .handle = nothing},
    {.name = "get_data", .handle = get_data},
};

#define PARSE_ERROR                                                                                \
    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"Parse error\","     \
    "\"data\":\"this is not JSON\"}}"
#define INVALID                                                                                    \
    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"Invalid Request\"," \
    "\"data\":\"a request is an object\"}}"

static const char *const EXAMPLES[][2] = {
    {"{\"jsonrpc\": \"2.0\", \"method\": \"subtract\", \"params\": [42, 23], \"id\": 1}",
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":19}"},
    {"{\"jsonrpc\": \"2.0\", \"method\": \"subtract\", \"params\": [23, 42], \"id\": 2}",
     "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":-19}"},
    {"{\"jsonrpc\": \"2.0\", \"method\": \"subtract\", \"params\": {\"subtrahend\": 23, "
     "\"minuend\": 42}, \"id\": 3}",
     "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":19}"},
    {"{\"jsonrpc\": \"2.0\", \"method\": \"subtract\", \"params\": {\"minuend\": 42, "
     "\"subtrahend\": 23}, \"id\": 4}",
     "{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":19}"},
    {"{\"jsonrpc\": \"2.0\", \"method\": \"update\", \"params\": [1,2,3,4,5]}", ""},
    {"{\"jsonrpc\": \"2.0\", \"method\": \"foobar\"}", ""},
    {"{\"jsonrpc\": \"2.0\", \"method\": \"foobar\", \"id\": \"1\"}",
     "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"error\":{\"code\":-32601,\"message\":\"Method not "
     "found\"}}"},
    {"{\"jsonrpc\": \"2.0\", \"method\": \"foobar, \"params\": \"bar\", \"baz]", PARSE_ERROR},
    {"{\"jsonrpc\": \"2.0\", \"method\": 1, \"params\": \"bar\"}",
     "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"Invalid Request\","
     "\"data\":\"member method: a string is expected\"}}"},
    {"[{\"jsonrpc\": \"2.0\", \"method\": \"sum\", \"params\": [1,2,4], \"id\": \"1\"},"
     "{\"jsonrpc\": \"2.0\", \"method\"]",
     PARSE_ERROR},
    {"[]",
     "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"Invalid Request\","
     "\"data\":\"a batch has at least one call\"}}"},
    {"[1]", "[" INVALID "]"},
    {"[1,2,3]", "[" INVALID "," INVALID "," INVALID "]"},
    {"[{\"jsonrpc\": \"2.0\", \"method\": \"sum\", \"params\": [1,2,4], \"id\": \"1\"},"
     "{\"jsonrpc\": \"2.0\", \"method\": \"notify_hello\", \"params\": [7]},"
     "{\"jsonrpc\": \"2.0\", \"method\": \"subtract\", \"params\": [42,23], \"id\": \"2\"},"
     "{\"foo\": \"boo\"},"
     "{\"jsonrpc\": \"2.0\", \"method\": \"foo.get\", \"params\": {\"name\": \"myself\"}, \"id\": "
     "\"5\"},"
     "{\"jsonrpc\": \"2.0\", \"method\": \"get_data\", \"id\": \"9\"}]",
     "[{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":7},{\"jsonrpc\":\"2.0\",\"id\":\"2\","
     "\"result\":19},"
     "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"Invalid Request\","
     "\"data\":\"member jsonrpc: \\\"2.0\\\" is expected\"}},"
     "{\"jsonrpc\":\"2.0\",\"id\":\"5\",\"error\":{\"code\":-32601,\"message\":\"Method not "
     "found\"}},"
     "{\"jsonrpc\":\"2.0\",\"id\":\"9\",\"result\":[\"hello\",5]}]"},
    {"[{\"jsonrpc\": \"2.0\", \"method\": \"notify_sum\", \"params\": [1,2,4]},"
     "{\"jsonrpc\": \"2.0\", \"method\": \"notify_hello\", \"params\": [7]}]",
     ""},
};

static void test_spec__the_examples_of_the_specification(void **state) {
    struct jsonrpc_options options = jsonrpc_options_default();
    (void)state;
    fixture_open(&options, METHODS, sizeof METHODS / sizeof METHODS[0]);
    for (size_t i = 0; i < sizeof EXAMPLES / sizeof EXAMPLES[0]; i++) {
        assert_string_equal(fixture_say(0, EXAMPLES[i][0]), EXAMPLES[i][1]);
    }
    fixture_close();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spec__the_examples_of_the_specification),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
