/* A message: what every script statement, OSC packet and event becomes.
 *
 *     [host:port] address [method] parameters
 *
 * Plain data, owned by whoever made it. Nothing here knows objects.
 */
#ifndef LEGGIO_SCORE_MESSAGE_H
#define LEGGIO_SCORE_MESSAGE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct message_list;

enum param_kind { PARAM_INT, PARAM_FLOAT, PARAM_STRING, PARAM_MESSAGES };

struct param {
    enum param_kind kind;
    union {
        int32_t i;
        float f;
        char *text;                    /* owned, NUL terminated UTF-8 */
        struct message_list *messages; /* owned reference */
    } as;
};

struct message {
    char *host;    /* NULL = here */
    uint16_t port; /* with host */
    char *address; /* "/ITL/scene/a", "./sub", or an alias */
    char *method;  /* NULL when the first parameter is no string or there is none */
    struct param *params;
    size_t n_params;
};

/* Immutable once made; shared by count (score thread only). */
struct message_list {
    size_t n_messages;
    struct message *messages;
    unsigned refs;
};

/* -- parameters ------------------------------------------------------- */
struct param param_int(int32_t value);
struct param param_float(float value);
struct param param_string(const char *text);            /* copies */
struct param param_messages(struct message_list *list); /* takes over one reference */
struct param param_copy(const struct param *param);
void param_finish(struct param *param);
bool param_is_number(const struct param *param);
/* Numbers only: int as float, float truncated toward zero (saturating). */
float param_as_float(const struct param *param);
int32_t param_as_int(const struct param *param);

/* A name with values: what scripts show to JavaScript. Borrowed. */
struct named_value {
    const char *name;
    const struct param *params;
    size_t n_params;
};

/* -- messages --------------------------------------------------------- */
void message_init(struct message *msg, const char *address, const char *method);
/* Append; takes over the parameter's content. */
void message_give_param(struct message *msg, struct param param);
void message_copy(struct message *to, const struct message *from);
void message_finish(struct message *msg);
/* About how much memory it holds: texts and parameters, shared lists not counted. */
size_t message_size_bytes(const struct message *msg);
/* An array of messages and its content, as score_query gives it. */
void messages_free(struct message *messages, size_t n_messages);

/* A list of one reference; takes over the array and its messages. */
struct message_list *message_list_give(struct message *messages, size_t n_messages);
struct message_list *message_list_ref(struct message_list *list);
void message_list_unref(struct message_list *list);

/* -- a growing text, and the text form of section 13 ------------------- */
struct text {
    char *data; /* NUL terminated; NULL while empty */
    size_t len, capacity;
};
void text_append(struct text *text, const char *bytes, size_t len);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *format, va_list args);
void text_finish(struct text *text);

/* Script form: strings quoted when they must be, floats with 6 significant
 * digits and at least ".0", lists "( m1, m2 )". No trailing ';'. */
void message_print(const struct message *msg, struct text *out);
/* The same with as many digits as a float needs to be read back as it is: for save. */
void message_print_exact(const struct message *msg, struct text *out);
/* As error texts show it: no quotes, floats without forced point ("radius 40"). */
void message_print_error(const struct message *msg, struct text *out);
/* A parameter in script form; plain = without quotes (as in txt). */
void param_print(const struct param *param, bool is_plain, struct text *out);

#endif
