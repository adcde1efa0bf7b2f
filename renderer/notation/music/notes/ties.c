/* Ties: between the parts of one note, and what \tie joins: equal pitches of neighbours (gmn.md
 * 10.4, 14.17). */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/notes/heads.h"

struct end { /* a head that may be tied */
    const struct notation_note *note;
    uint32_t chord, head;
};

static void tie_parts(struct music *music, const struct arranged_voice *voice, size_t event) {
    size_t n;
    const uint32_t *chords = arrange_event_chords(voice, event, &n);
    for (size_t i = 0; i + 1 < n; i++) {
        struct music_chord *from = &music->chords[chords[i]];
        const struct music_chord *to = &music->chords[chords[i + 1]];
        if (!to->is_continuation || from->kind != MUSIC_CHORD || from->is_tremolo_pair ||
            from->n_heads != to->n_heads) {
            continue;
        }
        for (uint32_t head = 0; head < from->n_heads; head++) {
            from->heads[head].tie_to_chord = chords[i + 1];
            from->heads[head].tie_to_head = head;
        }
    }
}

static int compare_ends(const void *a, const void *b) {
    return heads_compare(((const struct end *)a)->note, ((const struct end *)b)->note);
}

/* Heads of the first or last parts of an event, lowest first. */
static int collect_ends(struct arranger *arranger, const struct arranged_voice *voice, size_t event,
                        bool is_last, struct list *ends) {
    size_t n;
    const struct music_chord *all = arranger->music->chords;
    const uint32_t *chords = arrange_event_chords(voice, event, &n);
    ends->n = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_end = is_last ? i + 1 == n || !all[chords[i + 1]].is_continuation
                              : !all[chords[i]].is_continuation;
        for (uint32_t head = 0; is_end && head < all[chords[i]].n_heads; head++) {
            struct end *end = list_add(arranger->scratch, ends, sizeof(*end));
            if (end == NULL) {
                return LG_ETOOLARGE;
            }
            *end = (struct end){all[chords[i]].heads[head].note, chords[i], head};
        }
    }
    if (ends->n > 1) {
        qsort(ends->items, ends->n, sizeof(struct end), compare_ends);
    }
    return 0;
}

static bool has_tag(const struct notation_note *note, uint32_t tag) {
    for (uint32_t i = 0; i < note->n_tags; i++) {
        if (note->tags[i] == tag) {
            return true;
        }
    }
    return false;
}

struct tie_job {
    struct arranger *arranger;
    const struct arranged_voice *voice;
    uint32_t tag;
    bool is_member; /* written at one member of a chord: that one alone */
    struct list from, to;
};

static int side_of(const struct notation_tag *tag) {
    const char *curve = notation_tag_text(tag, "curve", "");
    return strcmp(curve, "up") == 0 ? 1 : strcmp(curve, "down") == 0 ? -1 : 0;
}

static int tie_events(struct tie_job *job, size_t left, size_t right) {
    struct music_chord *all = job->arranger->music->chords;
    const struct notation_tag *tag = &job->voice->model->tags[job->tag];
    int code = collect_ends(job->arranger, job->voice, left, true, &job->from);
    code = code != 0 ? code : collect_ends(job->arranger, job->voice, right, false, &job->to);
    const struct end *from = job->from.items, *to = job->to.items;
    for (size_t i = 0, j = 0; code == 0 && i < job->from.n && j < job->to.n;) {
        int order = heads_compare(from[i].note, to[j].note);
        if (order != 0) {
            *(order < 0 ? &i : &j) += 1;
            continue;
        }
        struct music_head *head = &all[from[i].chord].heads[from[i].head];
        if (!job->is_member || has_tag(from[i].note, job->tag)) {
            head->tie_to_chord = to[j].chord;
            head->tie_to_head = to[j].head;
            head->tie_tag = tag;
            head->tie_side = side_of(tag);
        }
        i++;
        j++;
    }
    return code;
}

static bool is_member_tag(const struct arranged_voice *voice, uint32_t tag_i) {
    const struct notation_tag *tag = &voice->model->tags[tag_i];
    if (tag->first_event >= voice->model->n_events) {
        return false;
    }
    const struct notation_event *event = &voice->model->events[tag->first_event];
    for (uint32_t i = 0; i < event->n_notes; i++) {
        if (has_tag(&event->notes[i], tag_i)) {
            return true;
        }
    }
    return false;
}

/* Each event of the range with the next one, graces between them aside. */
static int tie_range(struct arranger *arranger, const struct arranged_voice *voice,
                     uint32_t tag_i) {
    const struct notation_voice *model = voice->model;
    const struct notation_tag *tag = &model->tags[tag_i];
    struct tie_job job = {.arranger = arranger,
                          .voice = voice,
                          .tag = tag_i,
                          .is_member = is_member_tag(voice, tag_i)};
    size_t previous = SIZE_MAX;
    for (size_t event = tag->first_event; event < tag->end_event && event < model->n_events;
         event++) {
        if (model->events[event].is_grace &&
            (previous != SIZE_MAX && !model->events[previous].is_grace)) {
            continue;
        }
        if (model->events[event].kind != NOTATION_CHORD) {
            previous = SIZE_MAX;
            continue;
        }
        int code = previous != SIZE_MAX ? tie_events(&job, previous, event) : 0;
        if (code != 0) {
            return code;
        }
        previous = event;
    }
    return 0;
}

int arrange_ties(struct arranger *arranger) {
    for (size_t v = 0; v < arranger->music->n_voices; v++) {
        const struct arranged_voice *voice = &arranger->voices[v];
        for (size_t event = 0; event < voice->model->n_events; event++) {
            tie_parts(arranger->music, voice, event);
        }
        for (size_t t = 0; voice->kinds[TAG_TIE] > 0 && t < voice->model->n_tags; t++) {
            const struct notation_tag *tag = &voice->model->tags[t];
            int code = tag->kind == TAG_TIE && tag->has_range
                           ? tie_range(arranger, voice, (uint32_t)t)
                           : 0;
            if (code != 0) {
                return code;
            }
        }
    }
    return 0;
}
