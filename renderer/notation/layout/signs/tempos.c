/* Tempo marks with note symbols, and accel. / rit. with their dashed lines. */
#include "renderer/notation/layout/signs/rich_text.h"

#include <math.h>
#include <string.h>

#define TEMPO_PT 11.0
#define BASELINE (-2.0) /* gmn.md 12 */
#define ACCEL_PT 10.0

/* Tempo at the same date on a staff above: it stands for all. */
static bool is_repeated(const struct vertical_staff *at, const struct music_mark *mark) {
    const struct vertical_system *system = &at->vertical->systems[at->system_i];
    for (uint32_t k = 0; k < at->staff_i; k++) {
        const struct vertical_staff *above = &system->staves[k];
        for (uint32_t i = 0; !above->staff->is_hidden && i < above->n_marks; i++) {
            const struct music_mark *other = &at->vertical->music->marks[above->marks[i]];
            if (other->kind == MUSIC_MARK_TEMPO && other->text != NULL && mark->text != NULL &&
                rational_compare(other->date, mark->date) == 0 &&
                strcmp(other->text, mark->text) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* At a system's start over the signatures, else over the event. */
static double tempo_x(const struct vertical_staff *at, const struct music_mark *mark) {
    if (rational_compare(mark->date, at->system->begin) <= 0) {
        return 0.5;
    }
    return vertical_mark_x(at, mark);
}

static void tempo_layout(const struct vertical_staff *at, const struct music_mark *mark) {
    if (mark->text == NULL || is_repeated(at, mark)) {
        return;
    }
    struct ink_font font = rich_font(mark->tag, TEMPO_PT, "");
    bool is_plain = mark->tag != NULL && notation_tag_param(mark->tag, "fattrib") != NULL;
    struct ink_list list = {0};
    rich_append(at->vertical->arena, &list, ROLE_TEMPO, &font, mark->text,
                tempo_x(at, mark) + mark->look.dx, 0, !is_plain);
    for (size_t i = 0; i < list.n_items; i++) {
        vertical_tint(&list.items[i], &mark->look);
    }
    vertical_place(at, &list, -1, BASELINE - mark->look.dy, 0.5);
}

/* before, "accel." and after, then dashes to the end of the range. */
static void accel_layout(const struct vertical_staff *at, const struct vertical_piece *piece) {
    const struct music_span *span = piece->span;
    const struct notation_tag *tag = span->tag;
    struct ink_font font = rich_font(tag, ACCEL_PT, "i");
    struct ink_list list = {0};
    struct arena *arena = at->vertical->arena;
    double x = piece->left - (piece->first != NOTATION_NONE ? 0.65 : 0);
    double right =
        piece->right + (piece->ends_here && tag != NULL ? vertical_length(tag, "dx2", 0) : 0);
    if (piece->begins_here) {
        const char *before = tag != NULL ? notation_tag_text(tag, "before", "") : "";
        if (before[0] != '\0') {
            x = rich_append(arena, &list, ROLE_TEMPO, &font, before, x, 0, false) + 0.5;
        }
        const char *word = span->text != NULL                ? span->text
                           : span->kind == MUSIC_ACCELERANDO ? "accel."
                                                             : "rit.";
        x = rich_append(arena, &list, ROLE_TEMPO, &font, word, x, 0, false) + 0.5;
    }
    const char *after = tag != NULL && piece->ends_here ? notation_tag_text(tag, "after", "") : "";
    struct ink_list tail = {0};
    if (after[0] != '\0') {
        double end = rich_append(arena, &tail, ROLE_TEMPO, &font, after, 0, 0, false);
        double begin = fmax(right - end, x + 0.5);
        for (size_t i = 0; i < tail.n_items; i++) {
            ink_move(&tail.items[i], begin, 0);
            vertical_push(at, &list, &tail.items[i]);
        }
        right = begin - 0.5;
    }
    if (right > x + 1) {
        struct ink line = vertical_line(ROLE_TEMPO, x, -0.3, right, -0.3);
        line.thickness = 0.12;
        line.dash = 0.8;
        line.gap = 0.8;
        vertical_push(at, &list, &line);
    }
    for (size_t i = 0; i < list.n_items; i++) {
        vertical_tint(&list.items[i], &span->look);
    }
    vertical_place(at, &list, -1, BASELINE + 0.5 - span->look.dy, 0.4);
}

void tempos_layout(const struct vertical_staff *at) {
    for (uint32_t i = 0; i < at->n_pieces; i++) {
        enum music_span_kind kind = at->pieces[i].span->kind;
        if (kind == MUSIC_ACCELERANDO || kind == MUSIC_RITARDANDO) {
            accel_layout(at, &at->pieces[i]);
        }
    }
    for (uint32_t i = 0; i < at->n_marks; i++) {
        const struct music_mark *mark = &at->vertical->music->marks[at->marks[i]];
        if (mark->kind == MUSIC_MARK_TEMPO) {
            tempo_layout(at, mark);
        }
    }
}
