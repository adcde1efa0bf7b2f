/* Queries as script text, and their replies as JSON: `/ITL/scene/x color 1 2 3 255;`
 * becomes {"address", "method", "params"}. What stands in parentheses stays text.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/score_rpc/score_job.h"

/* -- a query ----------------------------------------------------------------- */

struct text {
    char *data;
    size_t len, room;
    bool is_broken;
};

static void append(struct text *text, const char *bytes, size_t len) {
    if (text->is_broken) {
        return;
    }
    if (text->len + len + 1 > text->room) {
        size_t room = (text->len + len + 1) * 2;
        char *data = realloc(text->data, room);
        if (data == NULL) {
            text->is_broken = true;
            return;
        }
        text->data = data;
        text->room = room;
    }
    memcpy(text->data + text->len, bytes, len);
    text->len += len;
}

/* In quotes; the script language escapes a quote and nothing else. */
static void append_string(struct text *text, const char *string) {
    append(text, "\"", 1);
    for (const char *at = string; *at != '\0'; at++) {
        if (*at == '"') {
            append(text, "\\", 1);
        }
        append(text, at, 1);
    }
    append(text, "\"", 1);
}

static bool append_param(struct text *text, const json_t *param) {
    char digits[40];
    append(text, " ", 1);
    if (json_is_string(param)) {
        const char *string = json_string_value(param);
        bool is_word = string[0] != '\0' && !isdigit((unsigned char)string[0]);
        for (const char *at = string; *at != '\0'; at++) {
            is_word = is_word && (isalnum((unsigned char)*at) || *at == '_');
        }
        if (is_word) {
            append(text, string, strlen(string));
        } else {
            append_string(text, string);
        }
        return strlen(string) == json_string_length(param);
    }
    if (json_is_integer(param)) {
        snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(param));
    } else if (json_is_real(param)) {
        snprintf(digits, sizeof digits, "%f", json_real_value(param));
    } else {
        return false;
    }
    append(text, digits, strlen(digits));
    return true;
}

char *score_query_print(const char *address, const json_t *params, size_t *size_bytes) {
    struct text text = {NULL, 0, 0, false};
    bool is_good = true;
    append(&text, address, strlen(address));
    for (size_t i = 0; i < json_array_size(params) && is_good; i++) {
        is_good = append_param(&text, json_array_get(params, i));
    }
    append(&text, "", 1);
    if (!is_good || text.is_broken) {
        free(text.data);
        return NULL;
    }
    *size_bytes = text.len - 1;
    return text.data;
}

/* -- replies ------------------------------------------------------------------- */

struct reader {
    const char *at, *end;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct reader *reader) {
    while (reader->at < reader->end && is_blank(*reader->at)) {
        reader->at++;
    }
}

/* "…" with escaped quotes; at stands behind the opening one. */
static json_t *read_quoted(struct reader *reader) {
    char *text = malloc((size_t)(reader->end - reader->at) + 1);
    size_t len = 0;
    if (text == NULL) {
        return NULL;
    }
    while (reader->at < reader->end && *reader->at != '"') {
        if (*reader->at == '\\' && reader->at + 1 < reader->end &&
            (reader->at[1] == '"' || reader->at[1] == '\'')) {
            reader->at++;
        }
        text[len++] = *reader->at++;
    }
    reader->at += reader->at < reader->end;
    json_t *string = json_stringn(text, len);
    free(text);
    return string;
}

/* ( … ) whole, as text. */
static json_t *read_list(struct reader *reader) {
    const char *start = reader->at;
    int depth = 0;
    bool is_quoted = false;
    for (; reader->at < reader->end; reader->at++) {
        char c = *reader->at;
        if (c == '\\' && is_quoted && reader->at + 1 < reader->end) {
            reader->at++;
        } else if (c == '"') {
            is_quoted = !is_quoted;
        } else if (!is_quoted) {
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth == 0) {
                reader->at++;
                break;
            }
        }
    }
    return json_stringn(start, (size_t)(reader->at - start));
}

static json_t *number_or_word(const char *word, size_t len) {
    char text[64], *end;
    if (len < sizeof text && len > 0 &&
        (isdigit((unsigned char)word[0]) || strchr("+-.", word[0]) != NULL)) {
        memcpy(text, word, len);
        text[len] = '\0';
        errno = 0;
        long long whole = strtoll(text, &end, 10);
        if (*end == '\0' && errno == 0) {
            return json_integer(whole);
        }
        double real = strtod(text, &end);
        if (*end == '\0' && strpbrk(text, "xXnN") == NULL) {
            return json_real(real); /* NULL for what is not finite */
        }
    }
    return json_stringn(word, len);
}

/* The next word of the statement; NULL at its end. */
static json_t *read_word(struct reader *reader) {
    skip_blanks(reader);
    if (reader->at == reader->end || *reader->at == ';') {
        return NULL;
    }
    if (*reader->at == '"') {
        reader->at++;
        return read_quoted(reader);
    }
    if (*reader->at == '(') {
        return read_list(reader);
    }
    const char *start = reader->at;
    int depth = 0; /* expr( … ) is one word */
    while (reader->at < reader->end) {
        char c = *reader->at;
        if (depth <= 0 && (is_blank(c) || c == ';')) {
            break;
        }
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        reader->at++;
    }
    return number_or_word(start, (size_t)(reader->at - start));
}

static json_t *read_message(struct reader *reader) {
    json_t *address = read_word(reader);
    json_t *params = json_array();
    json_t *word, *method = NULL;
    while ((word = read_word(reader)) != NULL) {
        if (method == NULL && json_is_string(word)) {
            method = word;
        } else {
            json_array_append_new(params, word);
        }
    }
    reader->at += reader->at < reader->end; /* the semicolon */
    json_t *message =
        json_pack("{s:o?, s:o?, s:o}", "address", address, "method", method, "params", params);
    return message;
}

json_t *score_messages_parse(const char *text, size_t size_bytes) {
    struct reader reader = {text, text + size_bytes};
    json_t *messages = json_array();
    skip_blanks(&reader);
    while (reader.at < reader.end) {
        json_array_append_new(messages, read_message(&reader));
        skip_blanks(&reader);
    }
    return messages;
}
