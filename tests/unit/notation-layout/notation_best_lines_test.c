/* Lines are the best ones of the whole piece, by the sum of their deviations from natural spacing:
 * random measures, broken by lines_break and by trying all breaks. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "renderer/notation/layout/horizontal.h"

#define MEASURES_MAX 1500
#define PIECES       2000

struct piece {
    struct music music;
    struct horizontal h;
    struct music_measure measures[MEASURES_MAX];
    struct music_voice voice;
    struct slot slots[2 * MEASURES_MAX];
    struct gutter gutters[MEASURES_MAX];
    struct header headers[MEASURES_MAX];
    uint32_t boundary_slot[MEASURES_MAX + 1];
    double natural[2 * MEASURES_MAX], least[2 * MEASURES_MAX];
};

static uint32_t random_state;

static double random_between(double low, double high) {
    random_state = random_state * 1664525u + 1013904223u;
    return low + (high - low) * (double)(random_state >> 8) / (double)(1u << 24);
}

/* 60 to 1500 measures of one notes slot and one bar line each; some pieces even, some with written
 * breaks, some with measures that no line ends after. */
static void make(struct piece *piece, uint32_t seed) {
    *piece = (struct piece){.voice = {.auto_system_break = true}};
    random_state = seed * 2654435761u + 17;
    uint32_t n = (uint32_t)random_between(60, seed % 10 == 0 ? MEASURES_MAX : 300);
    double narrow = seed % 3 == 0 ? 12 : 4, wide = seed % 3 == 0 ? 12 : 40, x = 0, least = 0;
    piece->boundary_slot[0] = NOTATION_NONE;
    for (uint32_t i = 0; i < n; i++) {
        double width = random_between(narrow, wide);
        piece->measures[i].may_break_after = seed % 5 != 0 || random_between(0, 1) < 0.8;
        piece->measures[i].breaks_system_after = seed % 7 == 0 && random_between(0, 1) < 0.03;
        piece->headers[i] = (struct header){.limit = i == 0 ? 9 : 6, .to_note = 1.5};
        piece->gutters[i].end_right = 0.2;
        piece->slots[2 * i + 1].gutter = i;
        piece->natural[2 * i] = x + 1.4;
        piece->least[2 * i] = least + 1;
        piece->natural[2 * i + 1] = x += width;
        piece->least[2 * i + 1] = least += width * random_between(0.4, 0.8);
        piece->boundary_slot[i + 1] = 2 * i + 1;
    }
    piece->music = (struct music){.measures = piece->measures,
                                  .n_measures = n,
                                  .voices = &piece->voice,
                                  .n_voices = 1,
                                  .page = {.width = random_between(50, 200)}};
    piece->h = (struct horizontal){.arena = arena_create(64u << 20),
                                   .music = &piece->music,
                                   .slots = piece->slots,
                                   .n_slots = 2 * (size_t)n,
                                   .gutters = piece->gutters,
                                   .headers = piece->headers,
                                   .boundary_slot = piece->boundary_slot,
                                   .natural_x = piece->natural,
                                   .least_x = piece->least};
    assert_non_null(piece->h.arena);
}

static double length(const struct piece *piece, const double *x, uint32_t from, uint32_t to) {
    double limit = piece->headers[from].limit + piece->headers[from].to_note;
    return limit + x[2 * to - 1] - x[2 * from] + 0.2;
}

/* What a line costs: stretched, squeezed, the last one short, or wider than the page. */
static double cost_of(const struct piece *piece, uint32_t from, uint32_t to) {
    double width = piece->music.page.width, natural = length(piece, piece->natural, from, to);
    double fixed = piece->headers[from].limit + piece->headers[from].to_note;
    if (length(piece, piece->least, from, to) > width + 1e-6) {
        return 1e4;
    }
    double force = (width - fixed) / fmax(1, natural - fixed);
    if (force < 1) {
        return 4 * pow(1 / fmax(force, 0.05) - 1, 2);
    }
    return to == piece->music.n_measures ? 2 * pow(fmax(0, 0.5 - natural / width), 2)
                                         : pow(force - 1, 2);
}

/* Over all ways; a line may be too wide only where no shorter one begins. */
static double least_cost(const struct piece *piece) {
    static double best[MEASURES_MAX + 1];
    uint32_t n = (uint32_t)piece->music.n_measures;
    for (uint32_t i = 0; i <= n; i++) {
        best[i] = i == 0 ? 0 : INFINITY;
    }
    for (uint32_t from = 0; from < n; from++) {
        bool has_line = false;
        for (uint32_t to = from + 1; to <= n && isfinite(best[from]); to++) {
            bool is_end = to == n || piece->measures[to - 1].breaks_system_after;
            double cost = cost_of(piece, from, to);
            if (!is_end && !piece->measures[to - 1].may_break_after) {
                continue;
            }
            if (cost >= 1e4 && has_line) {
                break;
            }
            best[to] = fmin(best[to], best[from] + cost);
            has_line = true;
            if (is_end || cost >= 1e4) {
                break;
            }
        }
    }
    return best[n];
}

static void test_lines_break__finds_the_best_lines_of_the_whole_piece(void **state) {
    (void)state;
    struct piece *piece = malloc(sizeof *piece);
    assert_non_null(piece);
    for (uint32_t seed = 1; seed <= PIECES; seed++) {
        uint32_t *ends = NULL, n_lines = 0, from = 0;
        double cost = 0;
        make(piece, seed);
        assert_int_equal(lines_break(&piece->h, &ends, &n_lines), 0);
        for (uint32_t i = 0; i < n_lines; i++) {
            cost += cost_of(piece, from, ends[i]);
            from = ends[i];
        }
        assert_int_equal(from, piece->music.n_measures);
        if (n_lines > 1 && fabs(cost - least_cost(piece)) > 1e-6) {
            fail_msg("piece %u: %u lines cost %g, the best ones %g", seed, n_lines, cost,
                     least_cost(piece));
        }
        arena_destroy(piece->h.arena);
    }
    free(piece);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_break__finds_the_best_lines_of_the_whole_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
