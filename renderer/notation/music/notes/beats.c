/* Beats of a meter; see beats.h. */
#include "renderer/notation/music/notes/beats.h"

#include "renderer/notation/music/dates.h"

static struct rational beat_length(int num, int den) {
    if (den >= 8) {
        return (struct rational){num % 3 == 0 ? 3 : 2, den};
    }
    /* C/ and 3/2 still group by quarters. */
    return (struct rational){1, den == 4 || den < 3 ? 4 : den};
}

static struct rational multiple_below(struct rational value, struct rational step) {
    if (date_less(value, step)) {
        return (struct rational){0, 1};
    }
    return date_multiply(step, (struct rational){date_quotient(value, step), 1});
}

struct rational beat_in_measure(const struct music_meter *meter, struct rational offset) {
    if (meter == NULL || meter->length.num <= 0) {
        return multiple_below(offset, (struct rational){1, 4});
    }
    /* Without automatic bars a measure goes on and on. */
    struct rational part = multiple_below(offset, meter->length);
    for (int i = 0; i < meter->n_parts; i++) {
        struct rational length =
            rational_reduce((struct rational){meter->parts[i].num, meter->parts[i].den});
        struct rational end = date_add(part, length);
        if (date_less(offset, end)) {
            struct rational beat = beat_length(meter->parts[i].num, meter->parts[i].den);
            return date_add(part, multiple_below(date_subtract(offset, part), beat));
        }
        part = end;
    }
    return part;
}

struct beat beat_at(const struct arranged_voice *voice, struct rational date) {
    const struct arranged_bar *bars = voice->bars.items;
    const struct meter_at *meter = arrange_meter(voice, date);
    struct beat beat = {.bar = arrange_bar_before(voice, date)};
    struct rational measure = {0, 1};
    if (beat.bar != SIZE_MAX) {
        measure = bars[beat.bar].date;
    }
    if (meter != NULL) {
        measure = date_max(measure, meter->date);
        bool is_first = beat.bar == SIZE_MAX && voice->bars.n > 0 && meter->date.num == 0;
        struct rational upbeat = is_first ? bars[0].date : (struct rational){0, 1};
        if (is_first && upbeat.num > 0 && date_less(upbeat, meter->meter.length)) {
            measure = date_subtract(upbeat, meter->meter.length);
        }
    }
    struct rational offset = date_subtract(date, measure);
    beat.begin = date_add(measure, beat_in_measure(meter != NULL ? &meter->meter : NULL, offset));
    return beat;
}
