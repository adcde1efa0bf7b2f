/* From the model: sounding notes with their times, and where measures begin. */
#include "renderer/notation/pianoroll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"

static bool grow(void **items, size_t *capacity, size_t n, size_t size_bytes) {
    if (n < *capacity) {
        return true;
    }
    size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
    void *grown = realloc(*items, wanted * size_bytes);
    if (grown == NULL) {
        return false;
    }
    *items = grown;
    *capacity = wanted;
    return true;
}

bool pianoroll_add_note(struct pianoroll *roll, const struct pianoroll_note *note) {
    if (roll->n_notes >= PIANOROLL_NOTES_MAX ||
        !grow((void **)&roll->notes, &roll->notes_capacity, roll->n_notes, sizeof *roll->notes)) {
        return false;
    }
    roll->notes[roll->n_notes++] = *note;
    return true;
}

bool pianoroll_add_bar(struct pianoroll *roll, struct rational date) {
    if (roll->n_bars >= PIANOROLL_BARS_MAX ||
        !grow((void **)&roll->bars, &roll->bars_capacity, roll->n_bars, sizeof *roll->bars)) {
        return false;
    }
    roll->bars[roll->n_bars++] = date;
    return true;
}

void pianoroll_finish(struct pianoroll *roll) {
    free(roll->notes);
    free(roll->bars);
    *roll = (struct pianoroll){.duration = {0, 1}};
}

/* -- notes ----------------------------------------------------------------------- */

static double pitch_of(const struct notation_note *note) {
    static const int CLASSES[7] = {0, 2, 4, 5, 7, 9, 11};
    return 12.0 * (note->octave + 4) + CLASSES[(note->step % 7 + 7) % 7] + note->alter +
           note->detune;
}

static void add_event(struct pianoroll *roll, uint32_t voice, const struct notation_event *event) {
    for (uint32_t note_i = 0; event->kind == NOTATION_CHORD && note_i < event->n_notes; note_i++) {
        const struct notation_note *from = &event->notes[note_i];
        struct pianoroll_note note = {.voice = voice, .begin = event->date};
        if (from->is_rest || from->is_tab || from->duration.num <= 0 ||
            !rational_add(event->date, from->duration, &note.end)) {
            continue;
        }
        note.pitch = pitch_of(from);
        pianoroll_add_note(roll, &note);
    }
}

/* -- bars ------------------------------------------------------------------------ */

/* Length of a measure: "4/4", "C", "C/", "2+3/8", "3/4+2/8"; num 0: none. */
static struct rational meter_length(const char *text) {
    struct rational whole = {0, 1};
    if (strcmp(text, "C") == 0 || strcmp(text, "c") == 0 || strcmp(text, "C/") == 0 ||
        strcmp(text, "c/") == 0) {
        return (struct rational){1, 1};
    }
    long sum = 0;
    int read = 0, n = 0;
    for (long number = 0; sscanf(text + read, "%5ld%n", &number, &n) == 1 && number > 0;) {
        read += n;
        sum += number;
        long den = 0;
        if (text[read] == '/' && sscanf(text + read + 1, "%5ld%n", &den, &n) == 1 && den > 0) {
            struct rational part = {sum, den};
            read += n + 1;
            sum = 0;
            if (!rational_add(whole, part, &whole)) {
                return (struct rational){0, 1};
            }
        }
        if (text[read] != '+') {
            break;
        }
        read++;
    }
    return whole;
}

struct bar_counter {
    struct pianoroll *roll;
    struct rational next, length; /* length.num 0: no meter */
    bool is_automatic;
};

static void restart(struct bar_counter *counter, struct rational from) {
    if (!rational_add(from, counter->length, &counter->next)) {
        counter->length = (struct rational){0, 1};
    }
}

/* The automatic bars before a date. */
static void count_to(struct bar_counter *counter, struct rational date) {
    while (counter->is_automatic && counter->length.num > 0 &&
           rational_compare(counter->next, date) < 0 &&
           pianoroll_add_bar(counter->roll, counter->next)) {
        restart(counter, counter->next);
    }
}

static void add_explicit(struct bar_counter *counter, struct rational date) {
    const struct pianoroll *roll = counter->roll;
    count_to(counter, date);
    if (date.num > 0 &&
        (roll->n_bars == 0 || rational_compare(roll->bars[roll->n_bars - 1], date) < 0)) {
        pianoroll_add_bar(counter->roll, date);
    }
    restart(counter, date);
}

static void find_bars(const struct notation_voice *voice, struct pianoroll *roll) {
    struct bar_counter counter = {.roll = roll, .next = {0, 1}, .length = {0, 1}};
    for (size_t item_i = 0; item_i < voice->n_items; item_i++) {
        const struct notation_item *item = &voice->items[item_i];
        if (item->kind != NOTATION_ITEM_TAG) {
            continue;
        }
        const struct notation_tag *tag = &voice->tags[item->index];
        switch (tag->kind) {
        case TAG_METER:
            count_to(&counter, item->date);
            counter.length = meter_length(notation_tag_text(tag, "type", "4/4"));
            counter.is_automatic = notation_tag_bool(tag, "autoBarlines", true);
            restart(&counter, item->date);
            break;
        case TAG_BAR:
        case TAG_DOUBLE_BAR:
        case TAG_REPEAT_BEGIN:
        case TAG_REPEAT_END:
            add_explicit(&counter, item->date);
            break;
        default:
            break;
        }
    }
    count_to(&counter, voice->duration);
}

int pianoroll_from_notation(const struct notation *notation, struct pianoroll *out) {
    *out = (struct pianoroll){.duration = notation->duration};
    out->n_voices = notation->n_voices < PIANOROLL_VOICES_MAX ? (uint32_t)notation->n_voices
                                                              : PIANOROLL_VOICES_MAX;
    for (uint32_t voice_i = 0; voice_i < out->n_voices; voice_i++) {
        const struct notation_voice *voice = &notation->voices[voice_i];
        for (size_t event_i = 0; event_i < voice->n_events; event_i++) {
            add_event(out, voice_i, &voice->events[event_i]);
        }
    }
    if (notation->n_voices > 0) {
        find_bars(&notation->voices[0], out);
    }
    return LG_OK;
}
