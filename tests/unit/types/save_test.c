/* Save and load: what a random score saves makes the same score again: the same text, the same
 * replies of `get *`, the same pictures. With the real types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "renderer/draw/export.h"
#include "renderer/score/save.h"
#include "renderer/score/score.h"
#include "renderer/types/draw_scene.h"
#include "tests/score_env/score_env.h"

#define ROUNDS     60
#define STATEMENTS 90
#define SCREEN_PX  200

struct world {
    struct score_env env;
    struct score *score;
};

static void world_make(struct world *world) {
    world->env = score_env_empty(NULL);
    const struct score_options options = {
        .screen_px = SCREEN_PX, .root_path = "/tmp", .public_host = "host", .env = &world->env};
    world->score = score_create(&options);
}

/* Errors are the random score's own business; the caller asks where they matter. */
static void world_run(struct world *world, const char *text, struct text *errors) {
    struct score_result result;
    score_begin(world->score, "test");
    score_env_run(world->score, text, strlen(text), NULL);
    score_end(world->score, &result);
    if (errors != NULL && result.errors.len > 0) {
        text_append(errors, result.errors.data, result.errors.len);
    }
    score_result_finish(&result);
    for (int i = 0; i < 50 && score_has_queued(world->score); i++) {
        score_run_queued(world->score, &result);
        score_result_finish(&result);
    }
}

static void replies_of(struct world *world, const char *query, struct text *out) {
    struct score_result result;
    score_begin(world->score, "test");
    score_env_run(world->score, query, strlen(query), NULL);
    score_end(world->score, &result);
    for (size_t i = 0; i < result.n_replies; i++) {
        message_print(&result.replies[i], out);
        text_printf(out, ";\n");
    }
    score_result_finish(&result);
}

/* -- random scores ------------------------------------------------------------------- */

static uint32_t random_state;

static uint32_t pick(uint32_t n) {
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 9) % n;
}

static double real(double low, double high) {
    return low + (high - low) * pick(1001) / 1000.0;
}

/* Scenes "scene" and "other"; objects a..f in them, children of a and b. */
static void put_owner(struct text *out) {
    text_printf(out, "/ITL/%s", pick(4) == 0 ? "other" : "scene");
    if (pick(5) == 0) {
        text_printf(out, "/%c", "ab"[pick(2)]);
    }
}

static void put_object(struct text *out) {
    put_owner(out);
    text_printf(out, "/%c", "abcdef"[pick(6)]);
}

static void put_set(struct text *out) {
    static const char *const texts[] = {
        "txt \"two words\" 3 0.5",
        "html \"<h1>head</h1><p>some <b>bold</b> words</p>\"",
        "layer",
        "polygon 0. 0. 0.4 0.1 0.2 0.5",
        "curve 0. 0. 0.1 0.2 0.3 0.1 0.4 0.4",
        "line xy 0.4 -0.2",
        "line wa 0.5 30.",
        "arc 0.5 0.4 20. 200.",
        "grid 3 2",
        "gmn \"[ c d/8 e f/2 ]\"",
        "gmn '[\\meter<\"3/4\"> c/4 d \\text<\"x\">(e)]'",
        "graph y",
        "fastgraph y",
        "radialgraph p",
        ("svg '<svg width=\"50\" height=\"30\"><rect width=\"40\" height=\"20\" "
         "fill=\"red\"/></svg>'"),
        "txt \"it says \\\"so\\\"\" '$dollar' \"%d\"",
        "pianoroll \"[ c d e f ]\"",
        "rect 0.5sw 0.2sh",
        "gmnstream \"[ c d\"",
    };
    put_object(out);
    uint32_t kind = pick(8);
    if (kind < 2) {
        text_printf(out, " set %s %.3f %.3f;\n", kind == 0 ? "rect" : "ellipse", real(0.05, 1),
                    real(0.05, 1));
    } else {
        text_printf(out, " set %s;\n", texts[pick(sizeof texts / sizeof texts[0])]);
    }
}

static void put_attribute(struct text *out) {
    static const char *const numbers[] = {"x",       "y",       "z",       "angle",   "scale",
                                          "xorigin", "yorigin", "rotatex", "rotatey", "penWidth",
                                          "dx",      "dscale",  "dangle",  "tempo"};
    static const char *const others[] = {
        "color 10 200 30 128",
        "color orange",
        "hsb 300 40 60",
        "penColor 200 0 0 100",
        "penStyle dashDot",
        "penStyle wavy",
        "brushStyle dense3",
        "brushStyle none",
        "show 0",
        "effect blur 3",
        "effect shadow 4 5 10 20 30 200 2",
        "effect colorize 0.7 200 20 30",
        "effect none",
        "shear 0.2 0.1",
        "date 3 4",
        "date 2.5",
        "duration 7 8",
        "ddate 1 3",
        "lock 1",
        "width 0.6",
        "height 0.3",
        "width 0.25sw",
        "fontSize 24",
        "fontWeight bold",
        "fontStyle italic",
        "fontFamily Arial",
        "radius 20. 30.",
        "arrows triangle none",
        "close 1",
        "start 40.",
        "columns 4",
        "order topbottom",
        "xborder 0.1",
        "animate 1",
        "class some words",
        "dred 20",
        "alpha 100",
        "write more",
        "page 1",
        "keyboard 1",
        "clipPitch 50 70",
        "clipTime 0 1 2 1",
        "voiceColor 1 200 0 0",
        "pageFormat 15. 20.",
        "dy 0.3",
        "clock",
    };
    put_object(out);
    if (pick(2) == 0) {
        text_printf(out, " %s %.4f;\n", numbers[pick(sizeof numbers / sizeof numbers[0])],
                    real(-1, 1.5));
    } else {
        text_printf(out, " %s;\n", others[pick(sizeof others / sizeof others[0])]);
    }
}

static void put_event(struct text *out) {
    static const char *const events[] = {
        "watch mouseDown ( /ITL/scene/a x 0.5, /ITL/scene/b show 0 )",
        "watch timeEnter 1 4 3 2 ( /ITL/scene/* scale 0.5 )",
        "watch timeLeave 0 1 ( /ITL/scene/c red 20 )",
        "watch+ GO ( /ITL/scene/a watch NEXT ( host:7000/x y 1 '$x[0,1.]' ) )",
        "push",
        "pop",
        "watch mouseDown",
        "watch",
        "watch keyDown \"a\" ( /ITL/scene/d z 2 )",
        "watch x ( /ITL/scene/d y 0. )",
        "alias \"/my/a\" x y",
        "alias \"/my/b\" \"x[0,127]\"",
        "alias",
        "watch durEnter 0 1 ( /ITL/scene/d z 1 )",
        "watch newData ( /ITL/scene/d txt \"(\" \",\" )",
        "watch keyDown \"[a-c]\" ( /ITL/scene/d z 3 )",
    };
    put_object(out);
    text_printf(out, " %s;\n", events[pick(sizeof events / sizeof events[0])]);
}

static void put_time(struct text *out) {
    static const char *const maps[] = {
        "map \"( [-1., 0.[ [-1., 1.[ ) ( [0/1, 1/2[ ) ( [0., 1.[ [-1., 1.[ ) ( [1/2, 1/1[ )\"",
        "map half \"( [-1., 0.5[ [-1., 0.[ ) ( [0/1, 3/4[ )\"",
        "map+ half \"( [0., 1.[ [0., 1.[ ) ( [1/1, 2/1[ )\"",
        "map del",
        "map half del",
        "map \"( [0, 4[ [0, 1[ ) ( [0/1, 1/2[ )\"",
        "map voice1",
        "debug map 1",
    };
    uint32_t kind = pick(3);
    if (kind == 0) {
        put_object(out);
        text_printf(out, " %s;\n", maps[pick(sizeof maps / sizeof maps[0])]);
    } else if (kind == 1) {
        static const char *const options[] = {
            "", "syncTop", "syncBottom h", "syncFrame", "hv absolute", "H syncTop", "v", "del"};
        put_owner(out);
        text_printf(out, "/sync %c %c %s;\n", "abcdef"[pick(6)], "abcdef"[pick(6)],
                    options[pick(8)]);
    } else {
        put_object(out);
        text_printf(out, " dy %.3f;\n", real(-1, 1));
    }
}

static void put_signal(struct text *out) {
    static const char *const messages[] = {
        "/y size 12",
        "/y 0.1 -0.4 0.7 1.",
        "/z 0.5 0.5",
        "/y default 0.2",
        "/p set y z 0.3 0.2 0. 1.",
        "/p 0.1 0.2 0.3 0.4",
        " connect y \"c:scale[0.5,1.5]\"",
        " connect y \"d:red[0,255]:x\"",
        " disconnect y",
        " connect z \"e:date[0 1,3 2]\"",
        "/y 0.9",
    };
    put_owner(out);
    text_printf(out, "/signal%s;\n", messages[pick(sizeof messages / sizeof messages[0])]);
}

static void put_other(struct text *out) {
    static const char *const messages[] = {
        "/ITL/other new",
        "/ITL/scene/debug name 1",
        "/ITL/scene/a/debug name 1",
        "/ITL/scene/b/debug map 2",
        "/ITL/scene width 1.4",
        "/ITL/scene height 0.8",
        "/ITL/scene color 220 230 240",
        "/ITL/scene scale 1.3",
        "/ITL/scene xorigin 0.2",
        "/ITL/other fullscreen 1",
        "/ITL/scene rootPath \"/tmp/x\"",
        "/ITL/scene/f del",
        "/ITL/other/a del",
        "/ITL watch error ( /ITL/scene/a x 0. )",
        "/ITL/scene watch newElement ( /ITL/scene/a y 0. )",
        "/ITL alias \"/app\"",
        "/ITL/scene/signal/z del",
        "/ITL/scene/c/signal/own 0.1 0.2",
        "/ITL/other frameless 1",
        "/ITL/other windowOpacity 1",
        "/ITL/scene/filter reject x",
        "/ITL/scene forward 192.168.0.9:7000",
        "/ITL/scene/signal/y set",
    };
    text_printf(out, "%s;\n", messages[pick(sizeof messages / sizeof messages[0])]);
}

static void random_score(struct text *out) {
    text_printf(out, "/ITL/other new;\n");
    for (int i = 0; i < 8; i++) {
        put_set(out);
    }
    for (int i = 0; i < STATEMENTS; i++) {
        switch (pick(10)) {
        case 0:
        case 1:
            put_set(out);
            break;
        case 2:
            put_event(out);
            break;
        case 3:
        case 4:
            put_time(out);
            break;
        case 5:
            put_signal(out);
            break;
        case 6:
            put_other(out);
            break;
        default:
            put_attribute(out);
            break;
        }
    }
}

/* -- the law --------------------------------------------------------------------------- */

static void tell_difference(uint32_t seed, const char *what, const char *a, const char *b,
                            const char *script) {
    while (*a != '\0' && *a == *b) {
        const char *end_a = strchr(a, '\n'), *end_b = strchr(b, '\n');
        if (end_a == NULL || end_b == NULL || end_a - a != end_b - b ||
            memcmp(a, b, (size_t)(end_a - a)) != 0) {
            break;
        }
        a = end_a + 1;
        b = end_b + 1;
    }
    const char *dump = getenv("SAVE_TEST_DUMP");
    FILE *file = dump != NULL ? fopen(dump, "w") : NULL;
    if (file != NULL) {
        fputs(script, file);
        fclose(file);
    }
    fail_msg("seed %u: %s differ at\n%.300s\n-- instead of\n%.300s", (unsigned)seed, what, b, a);
}

static void compare_texts(uint32_t seed, const char *what, const struct text *a,
                          const struct text *b, const char *script) {
    if (a->len != b->len || memcmp(a->data, b->data, a->len) != 0) {
        tell_difference(seed, what, a->data, b->data, script);
    }
}

static void picture_of(const struct world *world, const char *address, uint8_t **png,
                       size_t *size) {
    struct object *scene = score_find(world->score, address);
    assert_non_null(scene);
    struct display_list *list = draw_scene(scene);
    assert_non_null(list);
    assert_int_equal(export_draw(list, EXPORT_PNG, png, size), 0);
    display_list_unref(list);
}

/* For looking at: SAVE_TEST_DUMP=/tmp/dump makes /tmp/dump, /tmp/dump.a.png, /tmp/dump.b.png. */
static void keep_picture(const char *which, const uint8_t *png, size_t size) {
    const char *dump = getenv("SAVE_TEST_DUMP");
    char path[512];
    snprintf(path, sizeof path, "%s.%s.png", dump != NULL ? dump : "", which);
    FILE *file = dump != NULL ? fopen(path, "wb") : NULL;
    if (file != NULL) {
        fwrite(png, 1, size, file);
        fclose(file);
    }
}

static void compare_pictures(uint32_t seed, const struct world *a, const struct world *b,
                             const char *address, const struct text *saved) {
    uint8_t *png_a, *png_b;
    size_t size_a, size_b;
    picture_of(a, address, &png_a, &size_a);
    picture_of(b, address, &png_b, &size_b);
    if (size_a != size_b || memcmp(png_a, png_b, size_a) != 0) {
        keep_picture("a", png_a, size_a);
        keep_picture("b", png_b, size_b);
        tell_difference(seed, "pictures", "", address, saved->data);
    }
    free(png_a);
    free(png_b);
}

static void put_line(void *ctx, struct message *msg) {
    message_print_exact(msg, ctx);
    text_append(ctx, ";\n", 2);
    message_finish(msg);
}

/* What snapshots hold makes the same score in a fresh one, and is no longer. */
static void check_brief(uint32_t seed, const struct world *one, const struct text *saved) {
    struct world fresh;
    struct text brief = {0}, again = {0};
    world_make(&fresh);
    save_emit_brief(score_root(one->score), put_line, &brief);
    assert_true(brief.len < saved->len);
    world_run(&fresh, brief.data, NULL);
    save_text(score_root(fresh.score), &again);
    compare_texts(seed, "brief script", saved, &again, brief.data);
    compare_pictures(seed, one, &fresh, "/ITL/scene", &brief);
    compare_pictures(seed, one, &fresh, "/ITL/other", &brief);
    score_destroy(fresh.score);
    text_finish(&brief);
    text_finish(&again);
}

static void check_round(uint32_t seed, struct text *script) {
    struct world one, two;
    struct text saved = {0}, again = {0}, replies = {0}, other_replies = {0}, errors = {0};
    world_make(&one);
    world_make(&two);
    world_run(&one, script->data, NULL);
    save_text(score_root(one.score), &saved);
    world_run(&two, saved.data, &errors);
    save_text(score_root(two.score), &again);
    compare_texts(seed, "saved scripts", &saved, &again, saved.data);
    replies_of(&one, "/ITL/scene get *; /ITL/other get *;", &replies);
    replies_of(&two, "/ITL/scene get *; /ITL/other get *;", &other_replies);
    compare_texts(seed, "replies of get *", &replies, &other_replies, saved.data);
    compare_pictures(seed, &one, &two, "/ITL/scene", &saved);
    compare_pictures(seed, &one, &two, "/ITL/other", &saved);
    check_brief(seed, &one, &saved);
    score_destroy(one.score);
    score_destroy(two.score);
    text_finish(&saved);
    text_finish(&again);
    text_finish(&replies);
    text_finish(&other_replies);
    text_finish(&errors);
}

static void test_save__makes_the_same_score_again(void **state) {
    (void)state;
    const char *wanted = getenv("SAVE_TEST_SEED");
    uint32_t first = wanted != NULL ? (uint32_t)strtoul(wanted, NULL, 10) : 1;
    uint32_t n = wanted != NULL ? 1 : ROUNDS;
    for (uint32_t seed = first; seed < first + n; seed++) {
        struct text script = {0};
        random_state = seed * 2654435761u;
        random_score(&script);
        check_round(seed, &script);
        text_finish(&script);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_save__makes_the_same_score_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
