/* parse(print(model)) = model: on chosen texts, on the corpus, on generated scores. */
/* clang-format off: cmocka needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notation_reading.h"
#include "renderer/notation/read/gmn.h"

#define CORPUS "notation/corpus"

static void check_round_trip(const struct notation *notation, const char *name) {
    struct notation *again = NULL;
    struct notation_message error;
    char *printed = notation_print(notation);
    assert_non_null(printed);
    if (gmn_read(printed, strlen(printed), &again, &error) != 0) {
        fail_msg("%s printed as\n%s\nrefused: %d:%d %s", name, printed, error.line, error.column,
                 error.text);
    }
    if (!notation_equal(notation, again)) {
        fail_msg("%s printed as another score:\n%.2000s", name, printed);
    }
    notation_destroy(again);
    free(printed);
}

static void test_print__chosen_texts_come_back(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{}",
        "[]",
        "[c]",
        "{[c d],[e/8. f g]}",
        "$FORCE = 900.5; [c]",
        "[c#2/8. {e&,g/2,b} _ empty/1 s2:a\\:\\\\b:]",
        "[{c/4.,e/4,g/2..} {a/3,_/8,empty/16} {c}]",
        "[\\slur<\"up\\\"\\\\\\n\",2,-0.00001hs>(c \\stacc(d) | e) \\bar<hidden=\"true\"> \\|]",
        "[\\slurBegin:1<\"down\"> c \\slurBegin:2 d \\slurEnd:1 e \\slurEnd:2 \\tieBegin f]",
        "[{\\tieBegin:1 c, \\acc<\"none\">(e) \\noteFormat} f {c \\tieEnd:1, g}]",
        "[\\nonsense:7<a=1,word,m=2mm>(c d) \\x \\clef<treble> \\units<\"mm\"> \\space<.5>]",
        "[\\grace(c/16. {d,e}) f/4 \\cue<\"Fl.\">(g \\grace(a) b) \\alter<-.5>(c)]",
        "[c*0 d*5/7 e*3 f/12 g*333ms a*1/8... b]",
        "[c-3 d+2 e12 fis gis# a&&]",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct notation *notation = read_gmn(texts[i]);
        check_round_trip(notation, texts[i]);
        notation_destroy(notation);
    }
}

static void test_print__other_scores_are_not_equal(void **state) {
    (void)state;
    static const char *const texts[] = {
        "[c]",
        "[d]",
        "[c#]",
        "[c2]",
        "[c/8]",
        "[c.]",
        "[_]",
        "[empty]",
        "[c c]",
        "{[c],[]}",
        "[{c,e}]",
        "[{c,e/8}]",
        "[\\acc(c)]",
        "[{\\acc(c)}]",
        "[\\slur(c)]",
        "[\\slurBegin c \\slurEnd]",
        "[\\slurBegin:1 c \\slurEnd:1]",
        "[\\slur<\"up\">(c)]",
        "[\\slur<curve=\"up\">(c)]",
        "[\\slur() c]",
        "[\\x(c)]",
        "[\\y(c)]",
        "[s1:a:]",
        "[s2:a:]",
        "[s1:b:]",
        "$FORCE=1;[c]",
        "[\\grace(c)]",
        "[\\cue(c)]",
        "[\\text<\"a\">(c)]",
        "[\\text<a>(c)]",
        "[\\text<1>(c)]",
        "[\\text<1.0>(c)]",
        "[\\text<1hs>(c)]",
    };
    enum { N = sizeof(texts) / sizeof(texts[0]) };
    struct notation *notations[N];
    for (size_t i = 0; i < N; i++) {
        notations[i] = read_gmn(texts[i]);
        for (size_t j = 0; j <= i; j++) {
            if (notation_equal(notations[i], notations[j]) != (i == j)) {
                fail_msg("%s and %s", texts[i], texts[j]);
            }
        }
    }
    for (size_t i = 0; i < N; i++) {
        notation_destroy(notations[i]);
    }
}

static void test_print__corpus_comes_back(void **state) {
    (void)state;
    enum { FILE_MAX = 1 << 20 };
    DIR *folder = opendir(CORPUS);
    struct dirent *entry;
    char *text = malloc(FILE_MAX);
    int n_files = 0;
    assert_true(folder != NULL && text != NULL);
    while ((entry = readdir(folder)) != NULL) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot == NULL || strcmp(dot, ".gmn") != 0) {
            continue;
        }
        char path[512];
        snprintf(path, sizeof(path), CORPUS "/%s", entry->d_name);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        text[fread(text, 1, FILE_MAX - 1, file)] = '\0';
        fclose(file);
        if (strncmp(entry->d_name, "refused-", 8) != 0) {
            struct notation *notation = read_gmn(text);
            check_round_trip(notation, entry->d_name);
            notation_destroy(notation);
            n_files++;
        }
    }
    closedir(folder);
    free(text);
    assert_true(n_files >= 60);
}

/* -- generated scores -------------------------------------------------------- */

struct generator {
    char text[16384];
    size_t len;
    uint64_t seed;
};

static unsigned pick(struct generator *generator, unsigned n) {
    generator->seed = generator->seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(generator->seed >> 33) % n;
}

static void say(struct generator *generator, const char *piece) {
    size_t len = strlen(piece);
    if (generator->len + len < sizeof(generator->text)) {
        memcpy(generator->text + generator->len, piece, len + 1);
        generator->len += len;
    }
}

static void say_one(struct generator *generator, const char *const *pieces, unsigned n) {
    say(generator, pieces[pick(generator, n)]);
    say(generator, pick(generator, 3) == 0 ? " " : "");
}

static void say_note(struct generator *generator) {
    static const char *const names[] = {"c", "d",   "e",   "f ", "g",     "a",
                                        "h", "fis", "sol", "_",  "empty", "s3:7:"};
    static const char *const accidentals[] = {"", "", "#", "&", "##"};
    static const char *const octaves[] = {"", "", "0", "1", "2", "-1"};
    static const char *const durations[] = {"",    "",   "",       "/4", "/8", "*3/8",
                                            "/12", "*2", "*250ms", "/7", "*0"};
    static const char *const dots[] = {"", "", "", ".", "..", "..."};
    unsigned name = pick(generator, 12);
    say(generator, names[name]);
    if (name < 9) {
        say_one(generator, accidentals, 5);
        say_one(generator, octaves, 6);
    }
    say_one(generator, durations, 11);
    say_one(generator, dots, 6);
    say(generator, " ");
}

static void say_position_tag(struct generator *generator) {
    static const char *const tags[] = {"\\clef<\"bass\"> ",
                                       "\\meter<\"3/4\",autoBarlines=\"off\"> ",
                                       "| ",
                                       "\\staff<2> ",
                                       "\\text<\"a\\\"b\",dy=1.25cm> ",
                                       "\\whatever<1,two,c=\"3\"> ",
                                       "\\stemsUp ",
                                       "\\alter<0.5> ",
                                       "\\units<\"mm\"> ",
                                       "\\tempo<\"Vivo [1/4.] = 92\"> ",
                                       "\\noteFormat<\"x\",dx=-.5> "};
    say(generator, tags[pick(generator, 11)]);
}

static const char *const range_tags[] = {"\\slur(",
                                         "\\beam:3(",
                                         "\\stacc<\"heavy\">(",
                                         "\\grace(",
                                         "\\cue(",
                                         "\\nonsense<x=1>(",
                                         "\\alter<-1.5>(",
                                         "\\tuplet<\"-3-\",dy1=2hs>(",
                                         "\\lyrics<\"la li\">("};

static void say_chord(struct generator *generator) {
    say(generator, "{");
    for (unsigned i = 0, n = 1 + pick(generator, 4); i < n; i++) {
        say(generator, i > 0 ? ", " : "");
        unsigned how = pick(generator, 6);
        say(generator, how == 0   ? "\\acc("
                       : how == 1 ? "\\noteFormat<\"x\"> "
                       : how == 2 ? "\\tieBegin "
                                  : "");
        say_note(generator);
        say(generator, how == 0   ? ")"
                       : how == 3 ? "\\tieEnd "
                       : how == 4 ? "\\dotFormat<dx=1> "
                                  : "");
    }
    say(generator, "} ");
}

static void say_symbols(struct generator *generator, int depth) {
    static const char *const pairs[] = {"\\slurBegin:1 ", "\\slurEnd:1 ", "\\crescBegin<dx1=1> ",
                                        "\\crescEnd ",    "\\slurBegin ", "\\slurEnd "};
    for (unsigned i = 0, n = pick(generator, 12); i < n; i++) {
        switch (pick(generator, 8)) {
        case 0:
            say_position_tag(generator);
            break;
        case 1:
            say_chord(generator);
            break;
        case 2:
            say(generator, pairs[pick(generator, 6)]);
            break;
        case 3:
            if (depth < 4) {
                say(generator, range_tags[pick(generator, 9)]);
                say_symbols(generator, depth + 1);
                say(generator, ") ");
            }
            break;
        default:
            say_note(generator);
            break;
        }
    }
}

static void test_print__generated_scores_come_back(void **state) {
    (void)state;
    enum { N_SCORES = 4000 };
    struct generator generator;
    size_t n_events = 0;
    for (unsigned i = 0; i < N_SCORES; i++) {
        generator = (struct generator){.seed = i * 7919u + 1};
        unsigned n_voices = 1 + pick(&generator, 3);
        say(&generator, n_voices > 1 ? "{" : "");
        for (unsigned voice = 0; voice < n_voices; voice++) {
            say(&generator, voice > 0 ? "," : "");
            say(&generator, "[");
            say_symbols(&generator, 0);
            say(&generator, "]");
        }
        say(&generator, n_voices > 1 ? "}" : "");
        assert_true(generator.len < sizeof(generator.text) - 64);
        struct notation *notation = read_gmn(generator.text);
        check_round_trip(notation, generator.text);
        n_events += notation->voices[0].n_events;
        notation_destroy(notation);
    }
    assert_true(n_events > 2 * N_SCORES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_print__chosen_texts_come_back),
        cmocka_unit_test(test_print__other_scores_are_not_equal),
        cmocka_unit_test(test_print__corpus_comes_back),
        cmocka_unit_test(test_print__generated_scores_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
