/* Named values of the application, of scenes and of static nodes that are kept
 * and told again, most of them without effect where there is no desktop. */
#ifndef LEGGIO_SCORE_SETTINGS_H
#define LEGGIO_SCORE_SETTINGS_H

#include "renderer/score/message.h"

enum setting_kind {
    SETTING_INT,
    SETTING_FLOAT,
    SETTING_BOOL,
    SETTING_WORD,    /* one string; without parameter: cleared */
    SETTING_WORDS,   /* strings; calls add, no parameter clears */
    SETTING_TRIGGER, /* accepted with any parameters, nothing kept */
};

struct setting_row {
    const char *name;
    enum setting_kind kind;
    double number;    /* default */
    const char *text; /* default of a word; NULL = not told while unset */
};

struct settings;
struct settings *settings_create(const struct setting_row *rows, size_t n_rows); /* rows borrowed */
void settings_destroy(struct settings *settings);
/* 0, LG_EBADREQUEST, LG_ENOTFOUND (no such name). */
int settings_set(struct settings *settings, const char *name, const struct param *params,
                 size_t n_params);
bool settings_get(const struct settings *settings, const char *name, struct message *out);
void settings_reset(struct settings *settings);
double settings_number(const struct settings *settings, const char *name); /* 0 when unknown */
/* The strings of SETTING_WORDS; borrowed until the next set. NULL, 0 when there are none. */
char *const *settings_words(const struct settings *settings, const char *name, size_t *n_words);
bool settings_knows(const struct settings *settings, const char *name);
size_t settings_count(const struct settings *settings);
const struct setting_row *settings_row(const struct settings *settings, size_t row_i);

#endif
