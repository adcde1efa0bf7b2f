/* Growing texts, and messages as text: the script form of section 13 and the
 * bare form of error messages. */
#include "renderer/score/message.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/score/alloc.h"

enum print_form { PRINT_SCRIPT, PRINT_EXACT, PRINT_PLAIN, PRINT_ERROR };

static void print_message(const struct message *msg, enum print_form form, struct text *out);

static void reserve(struct text *text, size_t more) {
    if (text->capacity - text->len > more) {
        return;
    }
    size_t capacity = text->capacity < 64 ? 64 : text->capacity;
    while (capacity - text->len <= more) {
        capacity *= 2;
    }
    text->data = alloc_resize(text->data, capacity, 1);
    text->capacity = capacity;
}

void text_append(struct text *text, const char *bytes, size_t len) {
    reserve(text, len);
    memcpy(text->data + text->len, bytes, len);
    text->len += len;
    text->data[text->len] = '\0';
}

void text_vprintf(struct text *text, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len > 0) {
        reserve(text, (size_t)len);
        vsnprintf(text->data + text->len, (size_t)len + 1, format, again);
        text->len += (size_t)len;
    }
    va_end(again);
}

void text_printf(struct text *text, const char *format, ...) {
    va_list args;
    va_start(args, format);
    text_vprintf(text, format, args);
    va_end(args);
}

void text_finish(struct text *text) {
    free(text->data);
    *text = (struct text){0};
}

static bool is_word_char(char c) {
    return isalnum((unsigned char)c) || (c != '\0' && strchr("-_+*?", c) != NULL);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Must a string be quoted so that the script lexer reads it back as a string? A word
 * that starts like a number is quoted, except signed scene units ("-1sw"), which the
 * original prints bare. */
/* `expr( … )` whole, as the lexer would read it back. */
static bool is_expression(const char *string) {
    if (strncmp(string, "expr(", 5) != 0) {
        return false;
    }
    int depth = 1;
    const char *at = string + 5;
    for (; *at != '\0' && depth > 0; at++) {
        if (*at == '"' || *at == '\'') {
            char quote = *at++;
            while (*at != '\0' && *at != quote) {
                at += *at == '\\' && at[1] != '\0' ? 2 : 1;
            }
            if (*at == '\0') {
                return false;
            }
        }
        depth += *at == '(' ? 1 : *at == ')' ? -1 : 0;
    }
    return depth == 0 && *at == '\0';
}

static bool needs_quotes(const char *string) {
    size_t len = strlen(string);
    if (is_expression(string)) {
        return false;
    }
    if (len == 0 || is_digit(string[0]) || strcmp(string, "__END__") == 0 ||
        (len == 1 && strchr("-+*?", string[0]) != NULL)) {
        return true;
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_word_char(string[i])) {
            return true;
        }
    }
    if ((string[0] == '-' || string[0] == '+') && is_digit(string[1])) {
        return strcmp(string + len - 2, "sw") != 0 && strcmp(string + len - 2, "sh") != 0;
    }
    return false;
}

static void print_string(const char *string, enum print_form form, struct text *out) {
    bool is_script = form == PRINT_SCRIPT || form == PRINT_EXACT;
    if (!is_script || !needs_quotes(string)) {
        text_append(out, string, strlen(string));
        return;
    }
    /* The language has no way to end a string in a backslash (OSC has): it is left out, so that
     * what follows can be read. */
    const char *end = string + strlen(string);
    while (end > string && end[-1] == '\\') {
        end--;
    }
    text_append(out, "\"", 1);
    for (const char *at = string; at < end; at++) {
        if (*at == '"' || (*at == '\\' && at[1] == '\'')) {
            text_append(out, "\\", 1);
        }
        text_append(out, at, 1);
    }
    text_append(out, "\"", 1);
}

static void print_float(float value, enum print_form form, struct text *out) {
    char digits[40];
    int len = snprintf(digits, sizeof digits - 2, "%g", (double)value);
    if (form == PRINT_EXACT && strtof(digits, NULL) != value) {
        len = snprintf(digits, sizeof digits - 2, "%.9g", (double)value);
    }
    if (form != PRINT_ERROR && strpbrk(digits, ".einf") == NULL) {
        memcpy(digits + len, ".0", 3);
    }
    text_append(out, digits, strlen(digits));
}

static void print_list(const struct message_list *list, enum print_form form, struct text *out) {
    text_append(out, "( ", 2);
    for (size_t i = 0; i < list->n_messages; i++) {
        if (i > 0) {
            text_append(out, ", ", 2);
        }
        print_message(&list->messages[i], form, out);
    }
    text_append(out, " )", 2);
}

static void print_param(const struct param *param, enum print_form form, struct text *out) {
    switch (param->kind) {
    case PARAM_INT:
        text_printf(out, "%d", (int)param->as.i);
        return;
    case PARAM_FLOAT:
        print_float(param->as.f, form, out);
        return;
    case PARAM_STRING:
        print_string(param->as.text, form, out);
        return;
    case PARAM_MESSAGES:
        print_list(param->as.messages, form, out);
        return;
    }
}

static const char host_chars[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

static void print_message(const struct message *msg, enum print_form form, struct text *out) {
    if (msg->host != NULL) {
        bool is_plain = msg->host[strspn(msg->host, host_chars)] == '\0';
        text_printf(out, is_plain ? "%s:%u" : "\"%s\":%u", msg->host, (unsigned)msg->port);
    }
    text_append(out, msg->address, strlen(msg->address));
    if (msg->method != NULL) {
        text_append(out, " ", 1);
        print_string(msg->method, form, out);
    }
    for (size_t i = 0; i < msg->n_params; i++) {
        text_append(out, " ", 1);
        print_param(&msg->params[i], form, out);
    }
}

void param_print(const struct param *param, bool is_plain, struct text *out) {
    print_param(param, is_plain ? PRINT_PLAIN : PRINT_SCRIPT, out);
}

void message_print(const struct message *msg, struct text *out) {
    print_message(msg, PRINT_SCRIPT, out);
}

void message_print_exact(const struct message *msg, struct text *out) {
    print_message(msg, PRINT_EXACT, out);
}

void message_print_error(const struct message *msg, struct text *out) {
    print_message(msg, PRINT_ERROR, out);
}
