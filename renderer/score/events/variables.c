/* `$x[0,100]`, `$date%f`, `$1`, `$( /ITL/scene/a get x )` … in event messages.
 *
 * A string that is one variable becomes its values with their types; a variable
 * inside a longer string is replaced by its text; what is unknown stays. */
#include "renderer/score/events/variables.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/score/alloc.h"
#include "renderer/score/geometry.h"
#include "renderer/score/score_state.h"
#include "renderer/score/maps/object_maps.h"

/* Values of one variable, collected as parameters of a message without address. */
enum outcome { VARIABLE_UNKNOWN, VARIABLE_DONE, VARIABLE_DROP };

/* A text twice the limit of a message is told as too large, however it came about. */
enum { TOO_LARGE_BYTES = 2 * LIMIT_EVENT_MESSAGE_BYTES };

static bool is_word(const char *name, size_t len, const char *word) {
    return strlen(word) == len && strncmp(name, word, len) == 0;
}

static double clip01(double value) {
    return value < 0 ? 0 : (value > 1 ? 1 : value);
}

/* -- positions --------------------------------------------------------------------- */

struct point {
    double in_x, in_y;   /* 0..1 inside the box, clipped */
    double abs_x, abs_y; /* units from the box's corner, not clipped */
    double scene_x, scene_y;
    bool is_outside;
};

static struct point locate(const struct variable_context *context) {
    const struct object *object = context->object;
    struct box box;
    geometry_box(object, &box);
    struct point p = {.abs_x = context->x - box.x, .abs_y = context->y - box.y};
    double rx = box.width > 0 ? p.abs_x / box.width : 0;
    double ry = box.height > 0 ? p.abs_y / box.height : 0;
    p.is_outside = !(rx >= 0 && rx < 1 && ry >= 0 && ry < 1);
    p.in_x = clip01(rx);
    p.in_y = clip01(ry);
    p.scene_x = box.x + p.in_x * box.width;
    p.scene_y = box.y + p.in_y * box.height;
    if (!object->is_scene) {
        /* Quirk: the original counts the origin twice (reference pictures, script 34). */
        p.scene_x -= (double)object->attr.xorigin * box.width / 2;
        p.scene_y -= (double)object->attr.yorigin * box.height / 2;
        struct matrix to_scene = geometry_to_scene(object);
        matrix_apply(&to_scene, &p.scene_x, &p.scene_y);
    }
    p.scene_x /= 400;
    p.scene_y /= 400;
    return p;
}

/* "[a,b]" at *at: value * (b - a) + a, an int when no point is written. */
static bool parse_range(const char **at, double *low, double *high, bool *is_int) {
    const char *close = strchr(*at, ']');
    if (**at != '[' || close == NULL) {
        return false;
    }
    char *end;
    *low = strtod(*at + 1, &end);
    if (end == *at + 1 || *end != ',') {
        return false;
    }
    const char *second = end + 1;
    *high = strtod(second, &end);
    if (end == second || end != close || !isfinite(*low) || !isfinite(*high)) {
        return false;
    }
    *is_int = memchr(*at, '.', (size_t)(close - *at)) == NULL;
    *at = close + 1;
    return true;
}

static void give_ranged(const char **at, double value, struct message *out) {
    double low, high;
    bool is_int;
    if (!parse_range(at, &low, &high, &is_int)) {
        message_give_param(out, param_float((float)value));
        return;
    }
    struct param scaled = param_float((float)(value * (high - low) + low));
    message_give_param(out, is_int ? param_int(param_as_int(&scaled)) : scaled);
}

static enum outcome give_position(const struct variable_context *context, const char *name,
                                  size_t len, const char **at, struct message *out) {
    static const char *const WORDS[] = {"x", "y", "absx", "absy", "sx", "sy", "z"};
    size_t word_i = 0;
    while (word_i < 7 && !is_word(name, len, WORDS[word_i])) {
        word_i++;
    }
    if (word_i == 7 || !context->has_point) {
        return VARIABLE_UNKNOWN;
    }
    struct point p = locate(context);
    const struct attributes *attr = &context->object->attr;
    /* Quirk: the distance to the origin point, not the place in the box. */
    double values[7] = {fabs(((double)attr->xorigin + 1) / 2 - p.in_x),
                        fabs(((double)attr->yorigin + 1) / 2 - p.in_y),
                        p.abs_x,
                        p.abs_y,
                        p.scene_x,
                        p.scene_y,
                        0};
    give_ranged(at, values[word_i], out);
    return VARIABLE_DONE;
}

#define MAP_NAME_MAX 64

/* -- dates ------------------------------------------------------------------------- */

static bool fits(struct rational value) {
    return value.num <= INT32_MAX && value.num >= -INT32_MAX && value.den <= INT32_MAX;
}

/* Where a point is in time, by a map of the object; NULL or "" the anonymous one. */
static bool date_at_point(const struct variable_context *context, const char *map_name,
                          bool is_relative, struct rational *date) {
    struct point p = locate(context);
    const struct segments *map = object_map_find(context->object, map_name);
    double x = 2 * p.in_x - 1, y = 2 * p.in_y - 1;
    size_t segment_i;
    if (p.is_outside || map == NULL || !segments_find_point(map, x, y, &segment_i) ||
        !segment_date(&map->items[segment_i], x, date)) {
        return false;
    }
    return is_relative || rational_add(*date, context->object->attr.date, date);
}

/* Suffixes ":map", "[n/d]", "%f", "%a" in this order. */
static enum outcome give_date(const struct variable_context *context, bool is_relative,
                              const char **at, struct message *out) {
    const char *rest = *at;
    char map_name[MAP_NAME_MAX] = "";
    if (*rest == ':' && isalnum((unsigned char)rest[1])) {
        size_t len = 0;
        for (rest++; isalnum((unsigned char)*rest) || *rest == '_'; rest++) {
            if (len + 1 < sizeof map_name) {
                map_name[len++] = *rest;
            }
        }
        map_name[len] = '\0';
        if (object_map_find(context->object, map_name) == NULL) {
            return VARIABLE_DROP;
        }
    }
    struct rational date = is_relative ? (struct rational){0, 1} : context->object->attr.date;
    if (context->has_point && !date_at_point(context, map_name, is_relative, &date)) {
        return VARIABLE_DROP;
    }
    if (*rest == '[') {
        char *end;
        struct rational step;
        long long num = strtoll(rest + 1, &end, 10);
        long long den = *end == '/' ? strtoll(end + 1, &end, 10) : 0;
        if (*end != ']' || !rational_make(num, den, &step) ||
            !rational_quantise(date, step, &date)) {
            return VARIABLE_DROP;
        }
        rest = end + 1;
    }
    if (rest[0] == '%' && (rest[1] == 'f' || rest[1] == 'a')) {
        double value = rational_to_double(date) * (rest[1] == 'a' ? 4 : 1);
        message_give_param(out, param_float((float)value));
        *at = rest + 2;
        return VARIABLE_DONE;
    }
    if (!fits(date)) {
        return VARIABLE_DROP;
    }
    message_give_param(out, param_int((int32_t)date.num));
    message_give_param(out, param_int((int32_t)date.den));
    *at = rest;
    return VARIABLE_DONE;
}

/* -- names, arguments, queries ------------------------------------------------------- */

static enum outcome give_name(const struct variable_context *context, const char *name, size_t len,
                              struct message *out) {
    struct object *object = context->object;
    struct object *scene = object_scene(object);
    if (is_word(name, len, "name") || is_word(name, len, "self")) {
        message_give_param(out, param_string(object->name));
    } else if (is_word(name, len, "address")) {
        char *address = object_address(object);
        message_give_param(out, param_string(address));
        free(address);
    } else if (is_word(name, len, "scene") && scene != NULL) {
        message_give_param(out, param_string(scene->name));
    } else if (is_word(name, len, "version") && scene != NULL) {
        const struct score_env *env = score_env(object->score);
        uint64_t version = env->scene_version(env->ctx, scene);
        message_give_param(out, param_int((int32_t)(version & INT32_MAX)));
    } else {
        return VARIABLE_UNKNOWN;
    }
    return VARIABLE_DONE;
}

static enum outcome give_argument(const struct variable_context *context, const char *digits,
                                  size_t len, struct message *out) {
    unsigned long number = len <= 4 ? strtoul(digits, NULL, 10) : 0;
    if (number < 1 || number > context->n_args) {
        return VARIABLE_UNKNOWN;
    }
    message_give_param(out, param_copy(&context->args[number - 1]));
    return VARIABLE_DONE;
}

/* The words of "( address get attr )": a query has only names, so blanks and quotes are all
 * there is to know. */
static bool parse_query(const char *text, size_t len, struct message *msg) {
    const char *end = text + len;
    size_t n_words = 0;
    *msg = (struct message){0};
    while (text < end) {
        if (isspace((unsigned char)*text)) {
            text++;
            continue;
        }
        const char *stop;
        char quote = *text == '"' || *text == '\'' ? *text : '\0';
        if (quote != '\0') {
            text++;
            stop = memchr(text, quote, (size_t)(end - text));
            stop = stop != NULL ? stop : end;
        } else {
            for (stop = text; stop < end && !isspace((unsigned char)*stop); stop++) {
            }
        }
        char *word = alloc_text_n(text, (size_t)(stop - text));
        if (n_words == 0) {
            message_init(msg, word, NULL);
        } else if (n_words == 1) {
            msg->method = alloc_text(word);
        } else {
            message_give_param(msg, param_string(word));
        }
        free(word);
        n_words++;
        text = stop + (quote != '\0' && stop < end ? 1 : 0);
    }
    return n_words >= 2 && strcmp(msg->method, "get") == 0;
}

static enum outcome give_query(const struct variable_context *context, const char **at,
                               struct message *out) {
    const char *close = strchr(*at, ')');
    if (close == NULL) {
        return VARIABLE_UNKNOWN;
    }
    struct message query;
    bool is_query = parse_query(*at + 1, (size_t)(close - *at - 1), &query);
    if (is_query) {
        struct message *replies;
        size_t n_replies;
        score_query(context->object->score, &query, &replies, &n_replies);
        size_t size_bytes = 0;
        for (size_t i = 0; i < n_replies; i++) {
            size_bytes += message_size_bytes(&replies[i]);
            /* Over the limit the message is too large anyway; see variables_expand. */
            for (size_t k = 0; k < replies[i].n_params && size_bytes <= TOO_LARGE_BYTES; k++) {
                message_give_param(out, param_copy(&replies[i].params[k]));
            }
        }
        messages_free(replies, n_replies);
        *at = close + 1;
    }
    message_finish(&query);
    return is_query ? VARIABLE_DONE : VARIABLE_UNKNOWN;
}

/* -- strings --------------------------------------------------------------------------- */

/* The variable at *at (behind its '$'): values to out, *at behind it. */
static enum outcome give_variable(const struct variable_context *context, const char **at,
                                  struct message *out) {
    if (**at == '(') {
        return give_query(context, at, out);
    }
    const char *name = *at;
    size_t len = 0;
    if (isdigit((unsigned char)name[0])) {
        while (isdigit((unsigned char)name[len])) {
            len++;
        }
        *at = name + len;
        return give_argument(context, name, len, out);
    }
    while (isalnum((unsigned char)name[len]) || name[len] == '_') {
        len++;
    }
    *at = name + len;
    if (is_word(name, len, "date") || is_word(name, len, "rdate")) {
        return give_date(context, name[0] == 'r', at, out);
    }
    enum outcome outcome = give_position(context, name, len, at, out);
    return outcome != VARIABLE_UNKNOWN ? outcome : give_name(context, name, len, out);
}

static void append_values(const struct message *values, struct text *out) {
    for (size_t i = 0; i < values->n_params; i++) {
        if (i > 0) {
            text_append(out, " ", 1);
        }
        param_print(&values->params[i], true, out);
    }
}

/* Values of a string: to `out` as typed parameters when it is one variable, else one string. */
static bool expand_string(const struct variable_context *context, const char *string,
                          struct message *out) {
    struct text text = {0};
    const char *at = string;
    bool is_kept = true;
    while (*at != '\0' && is_kept && text.len <= TOO_LARGE_BYTES) {
        const char *dollar = strchr(at, '$');
        size_t plain_len = dollar != NULL ? (size_t)(dollar - at) : strlen(at);
        text_append(&text, at, plain_len);
        at += plain_len;
        if (dollar == NULL) {
            break;
        }
        struct message values = {0};
        const char *rest = dollar + 1;
        enum outcome outcome = give_variable(context, &rest, &values);
        if (outcome == VARIABLE_DONE && dollar == string && *rest == '\0') {
            for (size_t i = 0; i < values.n_params; i++) {
                message_give_param(out, param_copy(&values.params[i]));
            }
            message_finish(&values);
            text_finish(&text);
            return true;
        }
        is_kept = outcome != VARIABLE_DROP;
        if (outcome == VARIABLE_DONE) {
            append_values(&values, &text);
            at = rest;
        } else {
            text_append(&text, "$", 1);
            at = dollar + 1;
        }
        message_finish(&values);
    }
    if (is_kept) {
        message_give_param(out, param_string(text.data != NULL ? text.data : ""));
    }
    text_finish(&text);
    return is_kept;
}

/* `$self` and `$scene` as segments. */
static char *expand_address(const struct variable_context *context, const char *address) {
    struct object *scene = object_scene(context->object);
    struct text out = {0};
    for (const char *at = address; *at != '\0';) {
        size_t len = at[0] == '/' ? 1 : strcspn(at, "/");
        const char *replacement = NULL;
        if (is_word(at, len, "$self")) {
            replacement = context->object->name;
        } else if (is_word(at, len, "$scene") && scene != NULL) {
            replacement = scene->name;
        }
        text_append(&out, replacement != NULL ? replacement : at,
                    replacement != NULL ? strlen(replacement) : len);
        at += len;
    }
    return out.data != NULL ? out.data : alloc_text("");
}

/* The method: a string, its variables as text. */
static bool expand_method(const struct variable_context *context, const char *method,
                          struct message *out) {
    struct message values = {0};
    struct text text = {0};
    bool is_kept = expand_string(context, method, &values);
    append_values(&values, &text);
    out->method = alloc_text(text.data != NULL ? text.data : "");
    text_finish(&text);
    message_finish(&values);
    return is_kept;
}

/* A delayed message belongs to this event, not to one of its own: `$x` is what it is now. */
static bool expand_list(const struct variable_context *context, const struct message_list *list,
                        struct message *out) {
    struct message *messages = alloc_resize(NULL, list->n_messages + 1, sizeof *messages);
    size_t n_messages = 0;
    for (size_t i = 0; i < list->n_messages; i++) {
        n_messages += variables_expand(context, &list->messages[i], &messages[n_messages]) ? 1 : 0;
    }
    message_give_param(out, param_messages(message_list_give(messages, n_messages)));
    return n_messages > 0;
}

static bool is_after(const struct message *msg) {
    return msg->method != NULL && strcmp(msg->method, "after") == 0 &&
           strcmp(msg->address, "/ITL") == 0;
}

static bool expand_params(const struct variable_context *context, const struct message *from,
                          struct message *out) {
    size_t n_counted = 0, size_bytes = 0;
    bool is_kept = true;
    for (size_t i = 0; i < from->n_params && is_kept && size_bytes <= TOO_LARGE_BYTES; i++) {
        const struct param *param = &from->params[i];
        if (param->kind == PARAM_STRING && strchr(param->as.text, '$') != NULL) {
            is_kept = expand_string(context, param->as.text, out);
        } else if (param->kind == PARAM_MESSAGES && is_after(from)) {
            is_kept = expand_list(context, param->as.messages, out);
        } else {
            message_give_param(out, param_copy(param));
        }
        for (; n_counted < out->n_params; n_counted++) {
            const struct param *fresh = &out->params[n_counted];
            size_bytes += fresh->kind == PARAM_STRING ? strlen(fresh->as.text) : 0;
        }
    }
    return is_kept;
}

bool variables_expand(const struct variable_context *context, const struct message *from,
                      struct message *to) {
    char *address = expand_address(context, from->address);
    struct message out;
    message_init(&out, address, NULL);
    free(address);
    out.host = from->host != NULL ? alloc_text(from->host) : NULL;
    out.port = from->port;
    bool is_kept = true;
    if (from->method != NULL && strchr(from->method, '$') != NULL) {
        is_kept = expand_method(context, from->method, &out);
    } else if (from->method != NULL) {
        out.method = alloc_text(from->method);
    }
    is_kept = is_kept && expand_params(context, from, &out);
    if (is_kept && message_size_bytes(&out) > LIMIT_EVENT_MESSAGE_BYTES) {
        score_error(context->object->score,
                    "message of an event is too large (limit %u bytes): %.200s",
                    LIMIT_EVENT_MESSAGE_BYTES, out.address);
        is_kept = false;
    }
    if (is_kept) {
        *to = out;
    } else {
        message_finish(&out);
    }
    return is_kept;
}
