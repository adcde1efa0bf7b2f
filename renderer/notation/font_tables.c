/* One pass over the brackets: depth 1 holds a glyph's name, depth 3 a key, depth 3 or 4
 * its numbers. Numbers are read from a bounded copy, so the table needs no end mark. */
#include "renderer/notation/font_tables.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"

#define NAMES_MAX  1024
#define ATOM_BYTES 64

struct atom {
    char text[ATOM_BYTES];
    size_t len;
};

/* The next bracket or atom from *at; false at the end. Long atoms are cut. */
static bool next_token(const char *text, size_t len, size_t *at, struct atom *atom) {
    while (*at < len && isspace((unsigned char)text[*at])) {
        (*at)++;
    }
    if (*at >= len) {
        return false;
    }
    size_t begin = *at;
    if (text[begin] == '(' || text[begin] == ')') {
        (*at)++;
    } else {
        while (*at < len && !isspace((unsigned char)text[*at]) && text[*at] != '(' &&
               text[*at] != ')') {
            (*at)++;
        }
    }
    atom->len = *at - begin < ATOM_BYTES - 1 ? *at - begin : ATOM_BYTES - 1;
    memcpy(atom->text, text + begin, atom->len);
    atom->text[atom->len] = '\0';
    return true;
}

static bool is_number(const struct atom *atom, double *value) {
    char *end = NULL;
    *value = strtod(atom->text, &end);
    return end == atom->text + atom->len && atom->len > 0 && isfinite(*value);
}

double font_table_number(const char *text, size_t len, const char *name) {
    struct atom atom;
    bool is_named = false;
    double value;
    for (size_t at = 0; next_token(text, len, &at, &atom);) {
        if (is_named && is_number(&atom, &value)) {
            return value;
        }
        is_named = (is_named && strcmp(atom.text, ".") == 0) || strcmp(atom.text, name) == 0;
    }
    return 0;
}

struct reader {
    const char *const *names;
    struct font_metrics *metrics;
    uint16_t order[NAMES_MAX];
    size_t n;
    double space;
    struct font_metrics *glyph; /* the one being read; NULL: nobody asked for it */
    char key[ATOM_BYTES];
    double values[4];
    size_t n_values;
    size_t n_found;
};

static struct font_metrics *find(const struct reader *reader, const char *name) {
    size_t low = 0, high = reader->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(name, reader->names[reader->order[middle]]);
        if (order == 0) {
            return &reader->metrics[reader->order[middle]];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static void sort_names(struct reader *reader) { /* by insertion: some 150 names, once */
    for (size_t i = 0; i < reader->n; i++) {
        size_t at = i;
        for (; at > 0 && strcmp(reader->names[reader->order[at - 1]], reader->names[i]) > 0; at--) {
            reader->order[at] = reader->order[at - 1];
        }
        reader->order[at] = (uint16_t)i;
    }
}

static void end_key(struct reader *reader) {
    if (reader->glyph != NULL) {
        const double *v = reader->values;
        double s = reader->space;
        if (strcmp(reader->key, "bbox") == 0 && reader->n_values == 4) {
            reader->glyph->box = (struct ink_box){v[0] / s, -v[3] / s, v[2] / s, -v[1] / s};
            reader->n_found++;
        } else if (strcmp(reader->key, "attachment") == 0 && reader->n_values == 2) {
            reader->glyph->attach_up = (struct ink_point){v[0] / s, -v[1] / s};
        } else if (strcmp(reader->key, "attachment-down") == 0 && reader->n_values == 2) {
            reader->glyph->attach_down = (struct ink_point){v[0] / s, -v[1] / s};
        }
    }
    reader->key[0] = '\0';
    reader->n_values = 0;
}

static void on_atom(struct reader *reader, const struct atom *atom, int depth, bool is_first) {
    double value;
    if (depth == 1 && is_first) {
        reader->glyph = find(reader, atom->text);
    } else if (depth == 3 && is_first) {
        memcpy(reader->key, atom->text, atom->len + 1);
    } else if (depth >= 3 && reader->n_values < 4 && is_number(atom, &value)) {
        reader->values[reader->n_values++] = value;
    }
}

int font_table_glyphs(const char *text, size_t len, double space, const char *const *names,
                      struct font_metrics *metrics, size_t n) {
    struct reader reader = {
        .names = names, .metrics = metrics, .n = n < NAMES_MAX ? n : NAMES_MAX, .space = space};
    sort_names(&reader);
    struct atom atom;
    int depth = 0;
    bool is_first = false;
    for (size_t at = 0; next_token(text, len, &at, &atom);) {
        if (atom.text[0] == '(') {
            depth++;
            is_first = true;
        } else if (atom.text[0] == ')') {
            if (depth == 3) {
                end_key(&reader);
            }
            depth = depth > 0 ? depth - 1 : 0;
            is_first = false;
        } else {
            on_atom(&reader, &atom, depth, is_first);
            is_first = false;
        }
    }
    return reader.n_found > 0 ? 0 : LG_EBADREQUEST;
}
