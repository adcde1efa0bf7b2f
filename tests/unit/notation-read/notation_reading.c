/* clang-format off: cmocka needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <string.h>

#include "notation_reading.h"
#include "renderer/notation/read/gmn.h"

static char buffer[4096];

static struct notation *must_read(const char *text, bool is_partial) {
    struct notation *notation = NULL;
    struct notation_message error;
    int result = is_partial ? gmn_read_partial(text, strlen(text), &notation, &error)
                            : gmn_read(text, strlen(text), &notation, &error);
    if (result != 0) {
        fail_msg("%s\nrefused: %d:%d %s", text, error.line, error.column, error.text);
    }
    return notation;
}

struct notation *read_gmn(const char *text) {
    return must_read(text, false);
}

struct notation *read_gmn_partial(const char *text) {
    return must_read(text, true);
}

const char *refusal(const char *text) {
    struct notation *notation = NULL;
    struct notation_message error;
    if (gmn_read(text, strlen(text), &notation, &error) == 0) {
        notation_destroy(notation);
        fail_msg("accepted: %s", text);
    }
    assert_null(notation);
    snprintf(buffer, sizeof(buffer), "%d:%d %s", error.line, error.column, error.text);
    return buffer;
}

const char *only_warning(const struct notation *notation) {
    assert_int_equal(notation->n_warnings, 1);
    const struct notation_message *warning = &notation->warnings[0];
    snprintf(buffer, sizeof(buffer), "%d:%d %s", warning->line, warning->column, warning->text);
    return buffer;
}

static size_t add_note(size_t len, const struct notation_note *note) {
    char *out = buffer + len;
    size_t size = sizeof(buffer) - len;
    if (note->is_rest) {
        return len + (size_t)snprintf(out, size, "_");
    }
    if (note->is_tab) {
        return len + (size_t)snprintf(out, size, "s%d:%s", note->tab_string, note->text);
    }
    static const char *const alters[] = {"&&", "&", "", "#", "##"};
    assert_in_range(note->alter + 2, 0, 4);
    return len + (size_t)snprintf(out, size, "%c%s%d", "cdefgab"[note->step],
                                  alters[note->alter + 2], note -> octave);
}

static size_t add_event(size_t len, const struct notation_event *event) {
    static const char *const words[] = {"", "_", "empty"};
    len += (size_t)snprintf(buffer + len, sizeof(buffer) - len, "%s%s", event->is_grace ? "~" : "",
                            words[event->kind]);
    for (uint32_t i = 0; i < event->n_notes; i++) {
        if (i > 0) {
            buffer[len++] = ',';
        }
        len = add_note(len, &event->notes[i]);
    }
    return len + (size_t)snprintf(buffer + len, sizeof(buffer) - len, " %lld/%lld ",
                                  (long long)event->written.num, (long long)event->written.den);
}

const char *summary(const struct notation *notation) {
    size_t len = 0;
    buffer[0] = '\0';
    for (size_t i = 0; i < notation->n_voices; i++) {
        if (i > 0) {
            len += (size_t)snprintf(buffer + len, sizeof(buffer) - len, "| ");
        }
        for (size_t j = 0; j < notation->voices[i].n_events; j++) {
            len = add_event(len, &notation->voices[i].events[j]);
        }
    }
    if (len > 0) {
        buffer[len - 1] = '\0';
    }
    return buffer;
}

const struct notation_tag *tag_of(const struct notation *notation, enum notation_tag_kind kind,
                                  size_t n) {
    for (size_t i = 0; i < notation->n_voices; i++) {
        for (size_t j = 0; j < notation->voices[i].n_tags; j++) {
            if (notation->voices[i].tags[j].kind == kind && n-- == 0) {
                return &notation->voices[i].tags[j];
            }
        }
    }
    fail_msg("no such tag: %s", notation_tag_name(kind));
    return NULL;
}

size_t count_tags(const struct notation *notation, enum notation_tag_kind kind) {
    size_t n = 0;
    for (size_t i = 0; i < notation->n_voices; i++) {
        for (size_t j = 0; j < notation->voices[i].n_tags; j++) {
            n += notation->voices[i].tags[j].kind == kind ? 1 : 0;
        }
    }
    return n;
}

void assert_rational(struct rational value, int64_t num, int64_t den) {
    if (value.num != num || value.den != den) {
        fail_msg("%lld/%lld instead of %lld/%lld", (long long)value.num, (long long)value.den,
                 (long long)num, (long long)den);
    }
}
