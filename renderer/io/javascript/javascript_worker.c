/* The process that runs JavaScript: one duktape heap, one request after the other. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <duktape.h>

#include "proto/limits.h"
#include "renderer/io/javascript/javascript.h"
#include "renderer/io/javascript/javascript_wire.h"
#include "renderer/score/nodes/application.h"

/* -- memory: counted, so that the engine meets its limit as an error it can tell -------------- */

struct heap {
    size_t used;
};

/* In front of each piece; keeps the alignment. */
union piece {
    size_t size;
    long double alignment;
};

static void *take(void *ctx, duk_size_t size) {
    struct heap *heap = ctx;
    if (size == 0 || size > LIMIT_JAVASCRIPT_MEMORY_BYTES - heap->used) {
        return NULL;
    }
    union piece *piece = malloc(sizeof *piece + size);
    if (piece == NULL) {
        return NULL;
    }
    piece->size = size;
    heap->used += size;
    return piece + 1;
}

static void give_back(void *ctx, void *data) {
    struct heap *heap = ctx;
    if (data != NULL) {
        union piece *piece = (union piece *)data - 1;
        heap->used -= piece->size;
        free(piece);
    }
}

static void *retake(void *ctx, void *data, duk_size_t size) {
    struct heap *heap = ctx;
    if (data == NULL) {
        return take(ctx, size);
    }
    union piece *piece = (union piece *)data - 1;
    if (size == 0) {
        give_back(ctx, data);
        return NULL;
    }
    size_t others = heap->used - piece->size;
    if (size > LIMIT_JAVASCRIPT_MEMORY_BYTES - others) {
        return NULL;
    }
    piece = realloc(piece, sizeof *piece + size);
    if (piece == NULL) {
        return NULL;
    }
    piece->size = size;
    heap->used = others + size;
    return piece + 1;
}

static void on_fatal(void *ctx, const char *words) {
    (void)ctx;
    (void)words;
    _exit(1); /* the renderer starts another */
}

/* -- values ---------------------------------------------------------------------------------- */

static void push_json(duk_context *duk, const json_t *value) {
    if (json_is_string(value)) {
        duk_push_lstring(duk, json_string_value(value), json_string_length(value));
    } else if (json_is_number(value)) {
        duk_push_number(duk, json_number_value(value));
    } else if (json_is_array(value)) {
        duk_idx_t array = duk_push_array(duk);
        for (size_t i = 0; i < json_array_size(value); i++) {
            push_json(duk, json_array_get(value, i));
            duk_put_prop_index(duk, array, (duk_uarridx_t)i);
        }
    } else {
        duk_push_null(duk);
    }
}

/* A string of the engine; its surrogates and other bytes that are no UTF-8 become nothing. */
static json_t *to_json_string(duk_context *duk, duk_idx_t index) {
    duk_size_t len;
    const char *text = duk_safe_to_lstring(duk, index, &len);
    json_t *value = json_stringn(text, len);
    return value != NULL ? value : json_string("");
}

static void tell(json_t *frame) {
    if (!javascript_send(JAVASCRIPT_WIRE_FD, frame, JAVASCRIPT_NO_DEADLINE)) {
        _exit(0);
    }
}

static void tell_one(const char *key, json_t *value) {
    json_t *frame = json_object();
    json_object_set_new(frame, key, value);
    tell(frame);
}

/* -- functions of the score (reference 15) ---------------------------------------------------- */

static duk_ret_t js_print(duk_context *duk) {
    duk_push_string(duk, " ");
    duk_insert(duk, 0);
    duk_join(duk, duk_get_top(duk) - 1);
    tell_one("print", to_json_string(duk, -1));
    return 0;
}

static duk_ret_t js_post(duk_context *duk) {
    json_t *words = json_array();
    for (duk_idx_t i = 0; i < duk_get_top(duk); i++) {
        if (duk_is_number(duk, i)) {
            double number = duk_get_number(duk, i);
            bool is_int = number >= INT32_MIN && number <= INT32_MAX && number == (int32_t)number;
            json_t *value = is_int ? json_integer((int32_t)number) : json_real(number);
            json_array_append_new(words, value != NULL ? value : json_integer(0));
        } else if (duk_is_boolean(duk, i)) {
            json_array_append_new(words, json_integer(duk_get_boolean(duk, i)));
        } else {
            json_array_append_new(words, to_json_string(duk, i));
        }
    }
    tell_one("post", words);
    return 0;
}

static duk_ret_t js_readfile(duk_context *duk) {
    tell_one("read", to_json_string(duk, 0));
    json_t *answer = javascript_receive(JAVASCRIPT_WIRE_FD, JAVASCRIPT_NO_DEADLINE);
    if (answer == NULL) {
        _exit(0);
    }
    json_t *data = json_object_get(answer, "data");
    if (!json_is_string(data)) {
        json_decref(answer);
        return duk_error(duk, DUK_ERR_ERROR, "readfile: can't open file : %s",
                         duk_safe_to_string(duk, 0));
    }
    duk_push_lstring(duk, json_string_value(data), json_string_length(data));
    json_decref(answer);
    return 1;
}

static duk_ret_t js_version(duk_context *duk) {
    duk_push_number(duk, APPLICATION_LANGUAGE_VERSION);
    return 1;
}

static duk_ret_t js_osname(duk_context *duk) {
    duk_push_string(duk, "Linux");
    return 1;
}

static duk_ret_t js_osid(duk_context *duk) {
    duk_push_int(duk, 3); /* as $OSId, reference 1.2 */
    return 1;
}

static void add_functions(duk_context *duk) {
    static const duk_function_list_entry FUNCTIONS[] = {
        {"print", js_print, DUK_VARARGS},
        {"post", js_post, DUK_VARARGS},
        {"readfile", js_readfile, 1},
        {"version", js_version, 0},
        {"osname", js_osname, 0},
        {"osid", js_osid, 0},
        {NULL, NULL, 0},
    };
    duk_push_global_object(duk);
    duk_put_function_list(duk, -1, FUNCTIONS);
    duk_pop(duk);
}

/* -- running ---------------------------------------------------------------------------------- */

static void set_globals(duk_context *duk, json_t *globals) {
    const char *name;
    json_t *value;
    json_object_foreach(globals, name, value) {
        push_json(duk, value);
        duk_put_global_string(duk, name);
    }
}

/* The value on top as script text: a string, or an array of strings, concatenated. */
static json_t *script_text(duk_context *duk) {
    if (duk_is_array(duk, -1)) {
        duk_size_t n = duk_get_length(duk, -1);
        for (duk_size_t i = 0; i < n; i++) {
            duk_get_prop_index(duk, -1, (duk_uarridx_t)i);
            bool is_string = duk_is_string(duk, -1) != 0;
            duk_pop(duk);
            if (!is_string) {
                return json_null();
            }
        }
        duk_push_string(duk, "");
        duk_insert(duk, -2);
        duk_idx_t array = duk_normalize_index(duk, -1);
        for (duk_size_t i = 0; i < n; i++) {
            duk_get_prop_index(duk, array, (duk_uarridx_t)i);
        }
        duk_remove(duk, array);
        duk_concat(duk, (duk_idx_t)n + 1);
    }
    return duk_is_string(duk, -1) ? to_json_string(duk, -1) : json_null();
}

/* Under duk_safe_call: reading a value may run getters of the code. */
static duk_ret_t evaluate(duk_context *duk, void *udata) {
    const json_t *ask = udata;
    set_globals(duk, json_object_get(ask, "globals"));
    const json_t *code = json_object_get(ask, "run");
    duk_push_string(duk, "javascript");
    duk_compile_lstring_filename(duk, DUK_COMPILE_EVAL, json_string_value(code),
                                 json_string_length(code));
    duk_call(duk, 0);
    tell_one("value", script_text(duk));
    return 0;
}

static void tell_error(duk_context *duk) {
    json_t *frame = json_object();
    int line = 0;
    if (duk_is_error(duk, -1)) {
        duk_get_prop_string(duk, -1, "lineNumber");
        line = duk_is_number(duk, -1) ? duk_get_int(duk, -1) : 0;
        duk_pop(duk);
    }
    json_object_set_new(frame, "error", to_json_string(duk, -1));
    json_object_set_new(frame, "line", json_integer(line));
    tell(frame);
}

static void set_limits(void) {
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGINT, SIG_IGN); /* of the terminal: the renderer ends first */
}

int javascript_worker_main(void) {
    struct heap heap = {0};
    set_limits();
    duk_context *duk = duk_create_heap(take, retake, give_back, &heap, on_fatal);
    if (duk == NULL) {
        return 1;
    }
    add_functions(duk);
    json_t *ask;
    while ((ask = javascript_receive(JAVASCRIPT_WIRE_FD, JAVASCRIPT_NO_DEADLINE)) != NULL) {
        alarm(2 + LIMIT_JAVASCRIPT_MS / 1000); /* also when nobody is left to end it */
        if (json_is_string(json_object_get(ask, "run")) &&
            duk_safe_call(duk, evaluate, ask, 0, 1) != DUK_EXEC_SUCCESS) {
            tell_error(duk);
        }
        duk_set_top(duk, 0);
        alarm(0);
        json_decref(ask);
    }
    duk_destroy_heap(duk);
    return 0;
}
