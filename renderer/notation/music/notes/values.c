/* Durations to values: see values.h. */
#include "renderer/notation/music/notes/values.h"

#include <stdlib.h>

#include "renderer/notation/music/dates.h"

struct rational value_duration(int value, int n_dots) {
    int64_t num = ((int64_t)2 << n_dots) - 1; /* 1, 3/2, 7/4, 15/8 */
    if (value >= 0) {
        return (struct rational){num, (int64_t)1 << (n_dots + value)};
    }
    return n_dots > 0 ? (struct rational){num, (int64_t)1 << (n_dots - 1)}
                      : (struct rational){2 * num, 1};
}

int64_t value_figure(struct rational duration) {
    int64_t odd = duration.den;
    if ((odd & (odd - 1)) == 0) {
        return 1;
    }
    odd = rational_reduce(duration).den;
    while (odd % 2 == 0) {
        odd /= 2;
    }
    return odd;
}

int64_t value_figure_normal(int64_t figure) {
    int64_t normal = 1;
    while (normal <= (figure - 1) / 2) {
        normal *= 2;
    }
    return normal;
}

struct rational value_written(struct rational duration) {
    int64_t figure = value_figure(duration);
    if (figure == 1) {
        return duration;
    }
    return date_multiply(duration, (struct rational){figure, value_figure_normal(figure)});
}

/* Largest power of two that is not longer: breve to 256th. */
static int base_value(struct rational duration) {
    int value = MUSIC_VALUE_BREVE;
    while (value < MUSIC_VALUE_MAX && date_less(duration, value_duration(value, 0))) {
        value++;
    }
    return value;
}

static int dots_allowed(int value) {
    if (value == MUSIC_VALUE_BREVE) {
        return 0;
    }
    int finest = MUSIC_VALUE_MAX - value;
    return finest < VALUE_DOTS_MAX ? finest : VALUE_DOTS_MAX;
}

bool value_of_duration(struct rational duration, int *value, int *n_dots) {
    if (duration.num <= 0) {
        return false;
    }
    int base = base_value(duration);
    for (int dots = dots_allowed(base); dots >= 0; dots--) {
        if (date_equal(value_duration(base, dots), duration)) {
            *value = base;
            *n_dots = dots;
            return true;
        }
    }
    return false;
}

static struct value_part longest_value(struct rational written) {
    struct value_part part = {written, base_value(written), 0};
    for (int dots = dots_allowed(part.value); dots >= 0; dots--) {
        struct rational duration = value_duration(part.value, dots);
        if (!date_less(written, duration)) {
            part.duration = duration;
            part.n_dots = dots;
            break;
        }
    }
    return part;
}

struct value_part value_first_part(struct rational duration) {
    const struct rational breve = {2, 1}, finest = {1, 256};
    struct value_part whole = {.duration = duration};
    if (value_of_duration(duration, &whole.value, &whole.n_dots)) {
        return whole;
    }
    struct rational written = value_written(duration);
    struct rational piece = written;
    if (date_less(breve, written)) {
        struct rational breves = {2 * date_quotient(written, breve), 1};
        struct rational rest = date_subtract(written, breves);
        piece = date_is_zero(rest) || date_less(rest, finest) ? breve : rest;
    }
    struct value_part part = longest_value(piece);
    struct rational left = date_subtract(written, part.duration);
    if (left.num <= 0 || date_less(left, finest)) {
        part.duration = duration; /* everything: also what cannot be drawn */
    } else {
        part.duration = date_multiply(part.duration, date_divide(duration, written));
    }
    return part;
}

struct value_part value_nearest(struct rational duration) {
    struct rational written = duration.num > 0 ? value_written(duration) : (struct rational){1, 4};
    struct value_part part = longest_value(written);
    part.duration = duration;
    return part;
}

bool value_parse(const char *text, int *value, int *n_dots) {
    char *end;
    long num = 1;
    while (*text == ' ') {
        text++;
    }
    if (*text != '/') {
        num = strtol(text, &end, 10);
        if (end == text || num <= 0 || num > 256) {
            return false;
        }
        text = end;
    }
    long den = 1;
    if (*text == '/') {
        den = strtol(text + 1, &end, 10);
        if (end == text + 1 || den <= 0 || den > 256) {
            return false;
        }
        text = end;
    }
    int dots = 0;
    while (*text == '.' && dots < VALUE_DOTS_MAX) {
        dots++;
        text++;
    }
    if (!value_of_duration(rational_reduce((struct rational){num, den}), value, n_dots)) {
        return false;
    }
    *n_dots = *n_dots + dots < VALUE_DOTS_MAX ? *n_dots + dots : VALUE_DOTS_MAX;
    return true;
}
