/* Reading and writing map texts. Small enough for a reader by hand: brackets and numbers. */
#include "renderer/score/maps/map_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"

#define NUMBER_TEXT_MAX 64

struct reader {
    const char *at, *end;
    int line;
    const char *expected; /* of the last thing that was not there */
};

static void skip_line(struct reader *reader) {
    while (reader->at < reader->end && *reader->at != '\n') {
        reader->at++;
    }
}

/* false: a comment that does not end. */
static bool skip_block(struct reader *reader) {
    for (reader->at += 2; reader->at + 1 < reader->end; reader->at++) {
        if (reader->at[0] == '*' && reader->at[1] == '/') {
            reader->at += 2;
            return true;
        }
        reader->line += *reader->at == '\n';
    }
    return false;
}

static bool skip_blanks(struct reader *reader) {
    while (reader->at < reader->end) {
        char first = *reader->at;
        char second = reader->at + 1 < reader->end ? reader->at[1] : '\0';
        if (first == '#' || first == '%' || (first == '/' && second == '/')) {
            skip_line(reader);
        } else if (first == '/' && second == '*') {
            if (!skip_block(reader)) {
                return false;
            }
        } else if (strchr(" \t\r\n", first) != NULL && first != '\0') {
            reader->line += first == '\n';
            reader->at++;
        } else {
            break;
        }
    }
    return true;
}

/* The next character, as text of length 1. */
static bool take(struct reader *reader, const char *c) {
    if (!skip_blanks(reader) || reader->at == reader->end || *reader->at != *c) {
        reader->expected = c;
        return false;
    }
    reader->at++;
    return true;
}

static bool is_next(struct reader *reader, char c) {
    return skip_blanks(reader) && reader->at < reader->end && *reader->at == c;
}

/* The characters of one number, zero-terminated. */
static bool take_word(struct reader *reader, char word[NUMBER_TEXT_MAX]) {
    if (!skip_blanks(reader)) {
        return false;
    }
    size_t len = 0;
    while (reader->at < reader->end && *reader->at != '\0' &&
           strchr("0123456789+-.eE", *reader->at) != NULL) {
        if (len + 1 >= NUMBER_TEXT_MAX) {
            return false;
        }
        word[len++] = *reader->at++;
    }
    word[len] = '\0';
    return len > 0;
}

static bool take_int(struct reader *reader, int64_t *out) {
    char word[NUMBER_TEXT_MAX], *end;
    reader->expected = "an integer";
    if (!take_word(reader, word) || strpbrk(word, ".eE") != NULL) {
        return false;
    }
    long long value = strtoll(word, &end, 10);
    *out = value;
    return *end == '\0' && value > INT64_MIN && value < INT64_MAX;
}

static bool take_space_number(struct reader *reader, enum map_space space, double *out) {
    if (space != MAP_SPACE_UNIT) {
        int64_t value;
        if (!take_int(reader, &value) || value > INT32_MAX || value < INT32_MIN) {
            return false;
        }
        *out = (double)value;
        return true;
    }
    char word[NUMBER_TEXT_MAX], *end;
    reader->expected = "a number with a decimal point";
    if (!take_word(reader, word) || strchr(word, '.') == NULL) {
        return false; /* a decimal point is required */
    }
    *out = strtod(word, &end);
    return *end == '\0' && isfinite(*out);
}

static bool take_span(struct reader *reader, enum map_space space, struct span_1d *out) {
    return take(reader, "[") && take_space_number(reader, space, &out->from) && take(reader, ",") &&
           take_space_number(reader, space, &out->to) && take(reader, "[");
}

enum date_kind { DATE_UNKNOWN, DATE_RELATIVE, DATE_ABSOLUTE };

/* minutes:seconds:hundredths at 60 quarters a minute, so that a second is 1/4. */
static bool make_absolute(int64_t minutes, int64_t seconds, int64_t hundredths,
                          struct rational *out) {
    if (minutes < 0 || seconds < 0 || hundredths < 0 || minutes > 1000000 || seconds > 60000000 ||
        hundredths > 1000000000) {
        return false;
    }
    int64_t all = (minutes * 60 + seconds) * 100 + hundredths;
    return rational_make(all, 400, out);
}

static bool take_date(struct reader *reader, enum date_kind *kind, struct rational *out) {
    int64_t first, second, third;
    if (!take_int(reader, &first) || !skip_blanks(reader)) {
        return false;
    }
    bool is_relative = is_next(reader, '/');
    enum date_kind here = is_relative ? DATE_RELATIVE : DATE_ABSOLUTE;
    if (*kind != DATE_UNKNOWN && *kind != here) {
        reader->expected = "dates of one kind only, n/d or minutes:seconds:hundredths";
        return false;
    }
    *kind = here;
    if (is_relative) {
        reader->at++;
        bool is_int = take_int(reader, &second);
        reader->expected = is_int ? "a denominator that is not 0" : reader->expected;
        return is_int && rational_make(first, second, out);
    }
    return take(reader, ":") && take_int(reader, &second) && take(reader, ":") &&
           take_int(reader, &third) && make_absolute(first, second, third, out);
}

static bool take_pair(struct reader *reader, enum map_space space, enum date_kind *kind,
                      struct segment *out) {
    *out = (struct segment){0};
    if (!take(reader, "(") || !take_span(reader, space, &out->x)) {
        return false;
    }
    if (space != MAP_SPACE_FRAMES && !take_span(reader, space, &out->y)) {
        return false;
    }
    return take(reader, ")") && take(reader, "(") && take(reader, "[") &&
           take_date(reader, kind, &out->begin) && take(reader, ",") &&
           take_date(reader, kind, &out->end) && take(reader, "[") && take(reader, ")");
}

int map_text_parse(const char *text, size_t len, enum map_space space, struct map_text *out,
                   struct map_text_error *error) {
    struct reader reader = {text, text + len, 1, "( [x1, x2[ [y1, y2[ ) ( [n/d, n/d[ )"};
    enum date_kind kind = DATE_UNKNOWN;
    struct map_text map = {space, {0}};
    int result = space == MAP_SPACE_NONE ? LG_EBADREQUEST : LG_OK;
    while (result == LG_OK) {
        bool is_readable = skip_blanks(&reader);
        if (is_readable && reader.at == reader.end) {
            break;
        }
        struct segment segment;
        if (!is_readable || !take_pair(&reader, space, &kind, &segment)) {
            result = LG_EBADREQUEST;
        } else if (map.segments.n_items >= MAP_TEXT_SEGMENTS_MAX) {
            reader.expected = "fewer segments";
            result = LG_ETOOLARGE;
        } else {
            segments_add(&map.segments, &segment);
        }
    }
    if (result == LG_OK && map.segments.n_items == 0) {
        result = LG_EBADREQUEST;
    }
    if (result != LG_OK) {
        *error = (struct map_text_error){reader.line, reader.expected};
        map_text_finish(&map);
        return result;
    }
    *out = map;
    return LG_OK;
}

void map_text_finish(struct map_text *map) {
    segments_finish(&map->segments);
}

/* Nine decimals at most; floats keep the point that the reader asks for. */
static void print_number(struct text *out, enum map_space space, double value) {
    if (space != MAP_SPACE_UNIT) {
        text_printf(out, "%.0f", value);
        return;
    }
    char word[400]; /* of the largest double */
    int len = snprintf(word, sizeof word, "%.9f", value);
    while (len > 2 && word[len - 1] == '0' && word[len - 2] != '.') {
        len--;
    }
    text_append(out, word, (size_t)len);
}

static void print_span(struct text *out, enum map_space space, struct span_1d span) {
    text_printf(out, "[");
    print_number(out, space, span.from);
    text_printf(out, ", ");
    print_number(out, space, span.to);
    text_printf(out, "[ ");
}

void map_text_print(const struct map_text *map, struct text *out) {
    for (size_t i = 0; i < map->segments.n_items; i++) {
        const struct segment *segment = &map->segments.items[i];
        text_printf(out, "( ");
        print_span(out, map->space, segment->x);
        if (map->space != MAP_SPACE_FRAMES) {
            print_span(out, map->space, segment->y);
        }
        text_printf(out, ") ( [%lld/%lld, %lld/%lld[ ) \n", (long long)segment->begin.num,
                    (long long)segment->begin.den, (long long)segment->end.num,
                    (long long)segment->end.den);
    }
}
