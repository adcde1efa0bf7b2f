/* Score expressions in scripts: their text goes on as one parameter, for the score types to read;
 * only variables are put in here, since they end with the script. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "renderer/score/alloc.h"
#include "renderer/script/script.h"
#include "renderer/script/variables.h"

static bool is_name_char(char c) {
    return isalnum((unsigned char)c) != 0 || c == '_';
}

/* A name or an expression stands as it is, anything else is notation and is quoted. */
static void put_param(const struct param *param, struct text *out) {
    struct text plain = {0};
    param_print(param, true, &plain);
    const char *text = plain.data != NULL ? plain.data : "";
    bool is_bare = text[0] != '\0' &&
                   (strncmp(text, "expr(", 5) == 0 || strpbrk(text, " \t\r\n[]{}()\"'\\") == NULL);
    if (is_bare) {
        text_append(out, text, plain.len);
    } else {
        text_append(out, "\"", 1);
        for (const char *at = text; *at != '\0'; at++) {
            text_append(out, "\\", *at == '"' ? 1 : 0);
            text_append(out, at, 1);
        }
        text_append(out, "\"", 1);
    }
    text_finish(&plain);
}

/* false: over the limit of what variables may insert. */
static bool put_variable(struct script *script, const char *name, struct script_loc loc,
                         struct text *out) {
    const struct value *value = variables_get(script->variables, name);
    if (value == NULL) {
        script_warn_undefined(script, loc, name);
        text_printf(out, "$%s", name);
        return true;
    }
    if (value->bytes > script->expandable_bytes) {
        return false;
    }
    script->expandable_bytes -= value->bytes;
    for (size_t i = 0; i < value->n_params; i++) {
        if (i > 0) {
            text_append(out, " ", 1);
        }
        put_param(&value->params[i], out);
    }
    return true;
}

/* A quoted part as it is; returns its end. */
static const char *put_quoted(const char *at, struct text *out) {
    const char *from = at++;
    while (*at != '\0' && *at != *from) {
        at += *at == '\\' && at[1] != '\0' ? 2 : 1;
    }
    at += *at != '\0' ? 1 : 0;
    text_append(out, from, (size_t)(at - from));
    return at;
}

struct value statement_expression(struct script *script, char *text, struct script_loc loc) {
    struct text out = {0};
    bool is_good = true;
    for (const char *at = text; is_good && *at != '\0';) {
        if (*at == '"' || *at == '\'') {
            at = put_quoted(at, &out);
        } else if (*at == '$' && is_name_char(at[1])) {
            size_t len = 1;
            while (is_name_char(at[1 + len])) {
                len++;
            }
            char *name = alloc_text_n(at + 1, len);
            is_good = put_variable(script, name, loc, &out);
            free(name);
            at += len + 1;
        } else {
            text_append(&out, at++, 1);
        }
    }
    free(text);
    if (!is_good) {
        text_finish(&out);
        return value_failed(loc, "the script expands to more than %u MiB",
                            LIMIT_SCRIPT_EXPANDED_BYTES >> 20);
    }
    return value_text(out.data);
}
