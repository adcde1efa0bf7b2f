/* Standard MIDI files. A reader of our own: the packaged one (libsmf) asserts on
 * what it reads, which would end the renderer. Only notes and meters are looked
 * at; every read is checked against the chunk it is in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/pianoroll.h"

#define TRACKS_MAX 1024

struct cursor {
    const uint8_t *at, *end;
    bool is_short; /* something was missing */
};

/* A file under way. Times are ticks. */
struct midi {
    struct pianoroll *roll;
    int64_t ticks_per_whole;
    uint32_t track;
    int64_t now;
    int64_t begun[16][128]; /* -1: not sounding */
    uint32_t voices[16];    /* of this track's channels; UINT32_MAX: none yet */
    int64_t last;           /* end of everything */
    int64_t measure;        /* ticks; 0: none was given */
    int64_t measure_from;
};

static unsigned read_byte(struct cursor *cursor) {
    if (cursor->at >= cursor->end) {
        cursor->is_short = true;
        return 0;
    }
    return *cursor->at++;
}

static uint32_t read_number(struct cursor *cursor, int n_bytes) {
    uint32_t value = 0;
    for (int i = 0; i < n_bytes; i++) {
        value = value << 8 | read_byte(cursor);
    }
    return value;
}

/* Seven bits a byte, at most four bytes. */
static uint32_t read_variable(struct cursor *cursor) {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        unsigned byte = read_byte(cursor);
        value = value << 7 | (byte & 0x7f);
        if ((byte & 0x80) == 0) {
            break;
        }
    }
    return value;
}

static const uint8_t *skip(struct cursor *cursor, uint32_t n_bytes) {
    const uint8_t *from = cursor->at;
    if (n_bytes > (size_t)(cursor->end - cursor->at)) {
        cursor->is_short = true;
        cursor->at = cursor->end;
        return NULL;
    }
    cursor->at += n_bytes;
    return from;
}

static struct rational date_of(const struct midi *midi, int64_t ticks) {
    return rational_reduce((struct rational){ticks, midi->ticks_per_whole});
}

static void end_note(struct midi *midi, unsigned channel, unsigned pitch) {
    int64_t begun = midi->begun[channel][pitch];
    midi->begun[channel][pitch] = -1;
    if (begun < 0 || midi->now <= begun) {
        return;
    }
    if (midi->voices[channel] == UINT32_MAX) {
        midi->voices[channel] = midi->roll->n_voices < PIANOROLL_VOICES_MAX
                                    ? midi->roll->n_voices++
                                    : PIANOROLL_VOICES_MAX - 1;
    }
    const struct pianoroll_note note = {midi->voices[channel], pitch, date_of(midi, begun),
                                        date_of(midi, midi->now)};
    pianoroll_add_note(midi->roll, &note);
}

static void end_all_notes(struct midi *midi) {
    for (unsigned channel = 0; channel < 16; channel++) {
        for (unsigned pitch = 0; pitch < 128; pitch++) {
            end_note(midi, channel, pitch);
        }
    }
}

static void bars_until(struct midi *midi, int64_t end) {
    while (midi->measure > 0 && midi->measure_from + midi->measure < end) {
        midi->measure_from += midi->measure;
        if (!pianoroll_add_bar(midi->roll, date_of(midi, midi->measure_from))) {
            midi->measure = 0;
        }
    }
}

static void take_meta(struct midi *midi, struct cursor *cursor, unsigned kind) {
    uint32_t len = read_variable(cursor);
    const uint8_t *data = skip(cursor, len);
    if (data != NULL && kind == 0x58 && len >= 2 && data[1] < 10 && midi->track == 0) {
        bars_until(midi, midi->now);
        midi->measure = midi->ticks_per_whole * data[0] >> data[1];
        midi->measure_from = midi->now;
        if (midi->now > 0) {
            pianoroll_add_bar(midi->roll, date_of(midi, midi->now));
        }
    }
}

static void take_message(struct midi *midi, struct cursor *cursor, unsigned status) {
    static const int N_DATA[8] = {2, 2, 2, 2, 1, 1, 2, 0};
    unsigned data[2] = {0, 0};
    for (int i = 0; i < N_DATA[(status >> 4) & 7]; i++) {
        data[i] = read_byte(cursor) & 0x7f;
    }
    unsigned channel = status & 0x0f;
    unsigned kind = status & 0xf0;
    if (cursor->is_short || (kind != 0x80 && kind != 0x90)) {
        return;
    }
    end_note(midi, channel, data[0]);
    if (kind == 0x90 && data[1] > 0) {
        midi->begun[channel][data[0]] = midi->now;
    }
}

static void read_track(struct midi *midi, struct cursor *cursor) {
    unsigned status = 0;
    bool is_over = false;
    midi->now = 0;
    memset(midi->begun, 0xff, sizeof midi->begun);
    memset(midi->voices, 0xff, sizeof midi->voices);
    while (!is_over && !cursor->is_short && cursor->at < cursor->end) {
        midi->now += read_variable(cursor);
        unsigned byte = read_byte(cursor);
        if (byte == 0xff) {
            unsigned kind = read_byte(cursor);
            take_meta(midi, cursor, kind);
            is_over = kind == 0x2f;
        } else if (byte == 0xf0 || byte == 0xf7) {
            skip(cursor, read_variable(cursor));
        } else if (byte >= 0x80 && byte < 0xf0) {
            status = byte;
            take_message(midi, cursor, status);
        } else if (byte < 0x80 && status != 0) {
            cursor->at--; /* running status: this was its first data byte */
            take_message(midi, cursor, status);
        } else {
            cursor->is_short = true;
        }
    }
    end_all_notes(midi);
    midi->last = midi->now > midi->last ? midi->now : midi->last;
    if (midi->track == 0) {
        bars_until(midi, midi->now);
    }
}

static int refuse(struct notation_message *error, const char *why) {
    *error = (struct notation_message){0};
    snprintf(error->text, sizeof error->text, "%s", why);
    return LG_EBADREQUEST;
}

/* Ticks of a whole note. Frames a second (SMPTE) are taken at 120 quarters a minute. */
static int64_t whole_of(uint32_t division) {
    if ((division & 0x8000) == 0) {
        return (int64_t)division * 4;
    }
    int frames = 256 - (int)(division >> 8);
    return (int64_t)frames * (division & 0xff) * 2;
}

int pianoroll_from_midi(const void *bytes, size_t len, struct pianoroll *out,
                        struct notation_message *error) {
    struct cursor file = {bytes, (const uint8_t *)bytes + len, false};
    struct midi *midi = calloc(1, sizeof *midi);
    int code = LG_OK;
    *out = (struct pianoroll){.duration = {0, 1}};
    if (midi == NULL) {
        return LG_ENOMEM;
    }
    midi->roll = out;
    if (len < 14 || memcmp(skip(&file, 4), "MThd", 4) != 0) {
        code = refuse(error, "no MIDI file: MThd was expected");
        goto out;
    }
    uint32_t header_len = read_number(&file, 4);
    const uint8_t *header = skip(&file, header_len);
    if (header == NULL || header_len < 6) {
        code = refuse(error, "the MIDI header is cut short");
        goto out;
    }
    midi->ticks_per_whole = whole_of((uint32_t)header[4] << 8 | header[5]);
    if (midi->ticks_per_whole <= 0) {
        code = refuse(error, "the MIDI header has no time division");
        goto out;
    }
    while (file.at < file.end && midi->track < TRACKS_MAX) {
        const uint8_t *name = skip(&file, 4);
        uint32_t chunk_len = read_number(&file, 4);
        const uint8_t *chunk = skip(&file, chunk_len);
        if (name == NULL || chunk == NULL) {
            code = refuse(error, "a MIDI track is cut short");
            goto out;
        }
        if (memcmp(name, "MTrk", 4) == 0) {
            struct cursor track = {chunk, chunk + chunk_len, false};
            read_track(midi, &track);
            midi->track++;
        }
    }
    out->duration = date_of(midi, midi->last);
out:
    free(midi);
    if (code != LG_OK) {
        pianoroll_finish(out);
    }
    return code;
}
