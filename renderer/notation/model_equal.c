/* Equality of two models: what is written, not where in the text nor under which alias. */
#include <string.h>

#include "renderer/notation/model.h"

static bool is_same_text(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool is_same_number(double a, double b) {
    return !(a < b) && !(a > b);
}

static bool is_same_param(const struct notation_param *a, const struct notation_param *b) {
    return is_same_text(a->name, b->name) && a->kind == b->kind && a->unit == b->unit &&
           a->is_word == b->is_word && is_same_text(a->text, b->text) &&
           is_same_number(a->number, b->number);
}

static bool is_same_tag(const struct notation_tag *a, const struct notation_tag *b) {
    if (a->kind != b->kind || a->is_pair != b->is_pair || a->has_range != b->has_range ||
        a->is_member != b->is_member || a->id != b->id || a->default_unit != b->default_unit ||
        a->n_params != b->n_params || a->first != b->first || a->end != b->end ||
        a->first_event != b->first_event || a->end_event != b->end_event ||
        (a->kind == TAG_UNKNOWN && !is_same_text(a->name, b->name))) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_params; i++) {
        if (!is_same_param(&a->params[i], &b->params[i])) {
            return false;
        }
    }
    return true;
}

static bool is_same_note(const struct notation_note *a, const struct notation_note *b) {
    if (a->is_rest != b->is_rest || a->is_empty != b->is_empty || a->is_tab != b->is_tab ||
        a->event != b->event || rational_compare(a->duration, b->duration) != 0 ||
        a->n_tags != b->n_tags) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_tags; i++) {
        if (a->tags[i] != b->tags[i]) {
            return false;
        }
    }
    if (a->is_rest) {
        return true;
    }
    if (a->is_tab) {
        return a->tab_string == b->tab_string && is_same_text(a->text, b->text);
    }
    return a->step == b->step && a->alter == b->alter && a->octave == b->octave &&
           is_same_number(a->detune, b->detune);
}

static bool is_same_event(const struct notation_event *a, const struct notation_event *b) {
    if (a->kind != b->kind || rational_compare(a->date, b->date) != 0 ||
        rational_compare(a->duration, b->duration) != 0 ||
        rational_compare(a->written, b->written) != 0 || a->n_dots != b->n_dots ||
        a->is_grace != b->is_grace || a->is_cue != b->is_cue || a->n_notes != b->n_notes ||
        a->item != b->item) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_notes; i++) {
        if (!is_same_note(&a->notes[i], &b->notes[i])) {
            return false;
        }
    }
    return true;
}

static bool is_same_voice(const struct notation_voice *a, const struct notation_voice *b) {
    if (a->n_items != b->n_items || a->n_events != b->n_events || a->n_tags != b->n_tags ||
        rational_compare(a->duration, b->duration) != 0) {
        return false;
    }
    for (size_t i = 0; i < a->n_items; i++) {
        if (a->items[i].kind != b->items[i].kind || a->items[i].index != b->items[i].index ||
            rational_compare(a->items[i].date, b->items[i].date) != 0) {
            return false;
        }
    }
    for (size_t i = 0; i < a->n_events; i++) {
        if (!is_same_event(&a->events[i], &b->events[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < a->n_tags; i++) {
        if (!is_same_tag(&a->tags[i], &b->tags[i])) {
            return false;
        }
    }
    return true;
}

static bool is_same_settings(const struct notation_settings *a, const struct notation_settings *b) {
    return is_same_number(a->system_distance, b->system_distance) &&
           is_same_number(a->system_distribution, b->system_distribution) &&
           is_same_number(a->system_distribution_limit, b->system_distribution_limit) &&
           is_same_number(a->force, b->force) && is_same_number(a->spring, b->spring) &&
           is_same_number(a->neighborhood_spacing, b->neighborhood_spacing) &&
           is_same_number(a->optimal_page_fill, b->optimal_page_fill) &&
           is_same_number(a->resize_page, b->resize_page) &&
           is_same_number(a->check_lyrics, b->check_lyrics);
}

bool notation_equal(const struct notation *a, const struct notation *b) {
    if (a->n_voices != b->n_voices || rational_compare(a->duration, b->duration) != 0 ||
        !is_same_settings(&a->settings, &b->settings)) {
        return false;
    }
    for (size_t i = 0; i < a->n_voices; i++) {
        if (!is_same_voice(&a->voices[i], &b->voices[i])) {
            return false;
        }
    }
    return true;
}
