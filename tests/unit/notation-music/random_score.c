/* See random_score.h. */
#include "random_score.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct writer {
    uint32_t state;
    char *text;
    size_t len, size;
};

static uint32_t pick(struct writer *writer, uint32_t n) {
    writer->state = writer->state * 1664525u + 1013904223u;
    return (writer->state >> 8) % n;
}

static void __attribute__((format(printf, 2, 3)))
put(struct writer *writer, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(writer->text + writer->len, writer->size - writer->len, format, args);
    va_end(args);
    if (n > 0 && (size_t)n < writer->size - writer->len) {
        writer->len += (size_t)n;
    }
}

static const char *duration(struct writer *writer) {
    static const char *const all[] = {"/4",  "/8",   "/16",  "/2",   "/1",    "/4.",  "/8.",
                                      "/12", "/20",  "/28",  "*5/8", "*9/16", "/32",  "",
                                      "",    "*3/1", "/2..", "/6",   "*1/24", "*7/30"};
    return all[pick(writer, sizeof(all) / sizeof(all[0]))];
}

static void put_note(struct writer *writer) {
    static const char *const signs[] = {"", "", "", "#", "&", "##"};
    put(writer, "%c%s%d%s", "cdefgah"[pick(writer, 7)], signs[pick(writer, 6)],
        (int)pick(writer, 3), duration(writer));
}

static void put_event(struct writer *writer) {
    switch (pick(writer, 10)) {
    case 0:
        put(writer, "_%s", duration(writer));
        break;
    case 1:
        put(writer, "empty%s", duration(writer));
        break;
    case 2:
        put(writer, "{");
        put_note(writer);
        put(writer, ",");
        put_note(writer);
        put(writer, pick(writer, 2) == 0 ? "}" : ",_/8}");
        break;
    default:
        put_note(writer);
        break;
    }
    put(writer, " ");
}

static void put_range(struct writer *writer, const char *tag) {
    put(writer, "%s(", tag);
    for (uint32_t n = 1 + pick(writer, 4); n > 0; n--) {
        put_event(writer);
    }
    put(writer, ") ");
}

static void put_symbol(struct writer *writer, int n_staves) {
    static const char *const ranges[] = {
        "\\tie",
        "\\beam",
        "\\slur",
        "\\stacc",
        "\\cresc",
        "\\grace",
        "\\tuplet<\"-3-\">",
        "\\trill",
        "\\dispDur<1,4>",
        "\\stemsDown",
        "\\oct<1>",
        "\\lyrics<\"a b-c d\">",
        "\\glissando",
        "\\fBeam",
        "\\volta<\"1.\">",
        "\\cue",
        "\\acc",
    };
    static const char *const tags[] = {
        "|",
        "\\repeatBegin",
        "\\repeatEnd",
        "\\clef<\"bass\">",
        "\\clef<\"treble\">",
        "\\key<-3>",
        "\\key<4>",
        "\\meter<\"3/4\">",
        "\\meter<\"6/8\">",
        "\\newSystem",
        "\\intens<\"f\">",
        "\\beamsFull",
        "\\beamsAuto",
        "\\stemsUp",
        "\\stemsAuto",
        "\\staffOff",
        "\\staffOn",
        "\\text<\"x\">",
        "\\segno",
        "\\daCapo",
        "\\fine",
        "\\doubleBar",
    };
    uint32_t kind = pick(writer, 12);
    if (kind == 0) {
        put_range(writer, ranges[pick(writer, sizeof(ranges) / sizeof(ranges[0]))]);
    } else if (kind == 1) {
        put(writer, "%s ", tags[pick(writer, sizeof(tags) / sizeof(tags[0]))]);
    } else if (kind == 2 && n_staves > 1 && pick(writer, 4) == 0) {
        put(writer, "\\staff<%d> ", 1 + (int)pick(writer, (uint32_t)n_staves));
    } else {
        put_event(writer);
    }
}

void random_score(uint32_t seed, char *text, size_t size_bytes) {
    struct writer writer = {.state = seed * 2654435761u + 1, .text = text, .size = size_bytes};
    static const char *const meters[] = {"4/4", "3/4", "6/8", "2+3/8", "C/", "x"};
    uint32_t n_voices = 1 + pick(&writer, 4);
    int n_staves = 1 + (int)pick(&writer, 3);
    put(&writer, "{");
    for (uint32_t v = 0; v < n_voices; v++) {
        put(&writer, "%s[\\staff<%d> \\meter<\"%s\"> ", v > 0 ? "," : "", 1 + (int)v % n_staves,
            meters[pick(&writer, 6)]);
        for (uint32_t n = pick(&writer, 60); n > 0; n--) {
            put_symbol(&writer, n_staves);
        }
        put(&writer, "]");
    }
    put(&writer, "}");
}
