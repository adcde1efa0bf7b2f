/* The OpenRPC document of a server's methods.
 *
 * source: https://spec.open-rpc.org, version 1.2.6
 */
#include <string.h>

#include "common/jsonrpc/private.h"

static const char *const SCHEMA_TYPES[] = {
    [JSONRPC_ANY] = NULL,        [JSONRPC_STRING] = "string",   [JSONRPC_INTEGER] = "integer",
    [JSONRPC_NUMBER] = "number", [JSONRPC_BOOLEAN] = "boolean", [JSONRPC_OBJECT] = "object",
    [JSONRPC_ARRAY] = "array",
};

static json_t *choices(const char *text) {
    json_t *list = json_array();
    while (text != NULL) {
        size_t len = strcspn(text, "|");
        json_array_append_new(list, json_stringn(text, len));
        text = text[len] == '|' ? text + len + 1 : NULL;
    }
    return list;
}

static json_t *schema_of(const struct jsonrpc_param *row) {
    static const char *const BOUNDS[][2] = {
        [JSONRPC_ANY] = {NULL, NULL},
        [JSONRPC_STRING] = {"minLength", "maxLength"},
        [JSONRPC_INTEGER] = {"minimum", "maximum"},
        [JSONRPC_NUMBER] = {"minimum", "maximum"},
        [JSONRPC_BOOLEAN] = {NULL, NULL},
        [JSONRPC_OBJECT] = {"minProperties", "maxProperties"},
        [JSONRPC_ARRAY] = {"minItems", "maxItems"},
    };
    json_t *schema = json_object();
    if (SCHEMA_TYPES[row->type] != NULL) {
        json_object_set_new(schema, "type", json_string(SCHEMA_TYPES[row->type]));
    }
    if ((row->min != 0 || row->max != 0) && BOUNDS[row->type][0] != NULL) {
        json_object_set_new(schema, BOUNDS[row->type][0], json_integer(row->min));
        json_object_set_new(schema, BOUNDS[row->type][1], json_integer(row->max));
    }
    if (row->choices != NULL) {
        json_object_set_new(schema, "enum", choices(row->choices));
    }
    if (row->expected != NULL) {
        json_object_set_new(schema, "description", json_string(row->expected));
    }
    return schema;
}

static json_t *params_of(const struct jsonrpc_method *row) {
    json_t *list = json_array();
    for (size_t i = 0; row->params != NULL && i < row->n_params; i++) {
        const struct jsonrpc_param *param = &row->params[i];
        json_t *item = json_pack("{s:s, s:b, s:o}", "name", param->name, "required",
                                 (int)!param->is_optional, "schema", schema_of(param));
        if (param->summary != NULL) {
            json_object_set_new(item, "summary", json_string(param->summary));
        }
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *result_of(const struct jsonrpc_method *row) {
    json_t *members = json_object(), *required = json_array();
    for (size_t i = 0; i < row->n_results; i++) {
        json_object_set_new(members, row->results[i].name, schema_of(&row->results[i]));
        if (!row->results[i].is_optional) {
            json_array_append_new(required, json_string(row->results[i].name));
        }
    }
    json_t *schema = row->n_results > 0 ? json_pack("{s:s, s:o, s:o}", "type", "object",
                                                    "properties", members, "required", required)
                                        : json_object();
    if (row->n_results == 0) {
        json_decref(members);
        json_decref(required);
    }
    return json_pack("{s:s, s:o}", "name", "result", "schema", schema);
}

static json_t *method_of(const struct jsonrpc_server *server, const struct jsonrpc_method *row) {
    json_t *method = json_pack("{s:s, s:s, s:o, s:o}", "name", row->name, "paramStructure",
                               row->params != NULL ? "either" : "by-name", "params", params_of(row),
                               "result", result_of(row));
    if (row->summary != NULL) {
        json_object_set_new(method, "summary", json_string(row->summary));
    }
    if (server->options.role_names != NULL) {
        json_object_set_new(method, "x-role", json_string(server->options.role_names[row->role]));
    }
    return method;
}

json_t *jsonrpc_server_discover(const struct jsonrpc_server *server) {
    const struct jsonrpc_options *options = &server->options;
    json_t *methods = json_array();
    for (size_t i = 0; i < JSONRPC_N_SPECIAL_METHODS; i++) {
        const struct jsonrpc_method *special = &JSONRPC_SPECIAL_METHODS[i];
        const struct jsonrpc_method *own = server_method(server, special->name);
        json_array_append_new(methods, method_of(server, own != NULL ? own : special));
    }
    for (size_t i = 0; i < options->n_methods; i++) {
        if (options->methods[i].handle != NULL) {
            json_array_append_new(methods, method_of(server, &options->methods[i]));
        }
    }
    return json_pack("{s:s, s:{s:s, s:s}, s:o}", "openrpc", "1.2.6", "info", "title",
                     options->title, "version", LEGGIO_VERSION, "methods", methods);
}
