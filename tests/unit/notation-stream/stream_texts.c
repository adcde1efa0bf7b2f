/* See stream_texts.h. */
#include "stream_texts.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

struct writer {
    uint32_t state;
    char *text;
    size_t len, size;
    bool is_free, has_whole_tags, has_bars;
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

#define CHOICE(writer, ...)                                                                        \
    ((const char *const[]){__VA_ARGS__}[pick(writer, sizeof((const char *const[]){__VA_ARGS__}) /  \
                                                         sizeof(const char *))])

static void put_note(struct writer *writer) {
    static const char *const durations[] = {"",    "",    "",    "/4",  "/8",   "/8",  "/16",  "/2",
                                            "/4.", "/12", "/12", "/24", "*5/8", "/32", "*3/20"};
    put(writer, "%c%s", "cdefgah"[pick(writer, 7)], CHOICE(writer, "", "", "", "", "#", "&"));
    if (pick(writer, 3) == 0) {
        put(writer, "%d", (int)pick(writer, 3));
    }
    if (pick(writer, 3) == 0) {
        put(writer, "%s", durations[pick(writer, sizeof durations / sizeof durations[0])]);
    }
}

static void put_event(struct writer *writer) {
    switch (pick(writer, 12)) {
    case 0:
        put(writer, "_%s", CHOICE(writer, "", "/4", "/8", "/1"));
        break;
    case 1:
        put(writer, "{");
        put_note(writer);
        put(writer, ",");
        put_note(writer);
        put(writer, "%s}", CHOICE(writer, "", ",\\acc(a)"));
        break;
    case 2:
        put(writer, "%s", CHOICE(writer, "$r", "empty/8", "s1:7:", "$long"));
        break;
    default:
        put_note(writer);
        break;
    }
    put(writer, " ");
}

static void put_range(struct writer *writer) {
    put(writer, "%s(",
        CHOICE(writer, "\\tie", "\\beam", "\\slur", "\\slur", "\\stacc", "\\cresc", "\\grace",
               "\\tuplet<\"-3-\">", "\\trill", "\\stemsDown", "\\oct<1>", "\\lyrics<\"a b-c d\">",
               "\\glissando", "\\accent", "\\cue", "\\acc", "\\text<\"under\">", "\\trem",
               "\\noteFormat<\"x\">", "\\fermata", "\\dispDur<1,4>", "\\alter<0.5>", "\\mrest<2>"));
    for (uint32_t n = 1 + pick(writer, 5); n > 0; n--) {
        put_event(writer);
    }
    put(writer, ") ");
}

static void put_pair(struct writer *writer) {
    const char *name = CHOICE(writer, "tie", "slur", "cresc", "beam", "dim", "glissando");
    put(writer, "\\%sBegin ", name);
    for (uint32_t n = 1 + pick(writer, 4); n > 0; n--) {
        put_event(writer);
        if (pick(writer, 6) == 0) {
            put(writer, "%s ", CHOICE(writer, "|", "\\clef<\"bass\">", "\\intens<\"p\">"));
        }
    }
    put(writer, "\\%sEnd ", name);
}

static void put_tag(struct writer *writer) {
    put(writer, "%s ",
        CHOICE(writer, "\\clef<\"bass\">", "\\clef<\"treble\">", "\\key<-3>", "\\key<4>",
               "\\key<0>", "\\intens<\"f\">", "\\intens<\"mf\">", "\\beamsFull", "\\beamsAuto",
               "\\beamsOff", "\\stemsUp", "\\stemsAuto", "\\text<\"some words\">", "\\newSystem",
               "\\tempo<\"Allegro\">", "\\headsLeft", "\\headsNormal", "\\noteFormat<\"diamond\">",
               "\\noteFormat<\"\">", "\\oct<1>", "\\oct<0>", "\\alter<0.5>", "\\alter<0>",
               "\\pedalOn", "\\pedalOff", "\\mark<\"A\">", "\\breathMark", "\\space<9>",
               "\\units<\"mm\">", "\\units<\"hs\">", "\\unknown<3>", "\\newPage",
               "\\harmony<\"C7\">", "(* a remark *)", "% to the end\n", "\\restFormat<dy=2>",
               "\\symbol<\"x.png\">"));
}

static void put_symbol(struct writer *writer) {
    uint32_t kind = pick(writer, 40);
    if (kind < 2) {
        put_range(writer);
    } else if (kind == 2) {
        put_pair(writer);
    } else if (kind == 3) {
        put_tag(writer);
    } else if (kind == 4 && !writer->is_free && pick(writer, 3) == 0) {
        put(writer, "%s ",
            CHOICE(writer, "\\meter<\"3/4\">", "\\meter<\"6/8\">", "\\meter<\"4/4\">",
                   "\\meter<\"2/4\">", "\\meter<\"2+3/8\">"));
    } else if ((kind == 5 && !writer->is_free && pick(writer, 4) == 0) ||
               (kind < 10 && writer->has_bars)) {
        put(writer, "%s ", CHOICE(writer, "|", "|", "|", "\\doubleBar"));
    } else if (kind == 11 && writer->has_whole_tags && pick(writer, 3) == 0) {
        put(writer, "%s ",
            CHOICE(writer, "\\title<\"x\">", "\\set<autoEndBar=\"off\">", "\\repeatEnd",
                   "\\staff<2>", "\\staffFormat<\"4-lines\">", "\\staffOff", "\\staffOn",
                   "\\daCapo"));
    } else {
        put_event(writer);
    }
}

static void put_voice(struct writer *writer, int n_symbols) {
    for (int i = 0; i < n_symbols; i++) {
        put_symbol(writer);
    }
}

size_t stream_text(uint32_t seed, struct stream_style style, char *text, size_t size_bytes) {
    struct writer writer = {.state = seed * 2654435761u + (uint32_t)style.kind + 1,
                            .text = text,
                            .size = size_bytes,
                            .is_free = style.kind == STREAM_FREE || style.kind == STREAM_BARS,
                            .has_bars = style.kind == STREAM_BARS,
                            .has_whole_tags = style.kind == STREAM_WHOLE_TAGS};
    put(&writer, "$r=\"g/8 a\"; $long=\"e d/16 c f\"; ");
    put(&writer, "%s", CHOICE(&writer, "", "$FORCE=900; "));
    bool has_two = style.kind == STREAM_VOICES;
    put(&writer, "%s[", has_two ? "{" : CHOICE(&writer, "", "{"));
    put(&writer, "%s",
        CHOICE(&writer, "", "\\title<\"t\">", "\\staffFormat<\"5-lines\",size=2pt>",
               "\\set<autoStretchLastLine=\"on\">", "\\instr<\"Flute\">", "\\instr<\"Horn\",\"F\">",
               "\\instr<\"Clarinet\",transp=\"B&\">"));
    const char *meter = writer.is_free ? ""
                                       : CHOICE(&writer, "\\meter<\"4/4\">", "\\meter<\"4/4\">",
                                                "\\meter<\"4/4\",autoMeasuresNum=\"on\">",
                                                "\\meter<\"C/\">", "\\meter<\"6/8\">");
    put(&writer, "%s ", meter);
    if (has_two) {
        put_voice(&writer, style.n_symbols / 2);
        put(&writer, "],[%s%s ", CHOICE(&writer, "", "\\staff<1> "), meter);
        put_voice(&writer, style.n_symbols);
    }
    put_voice(&writer, style.n_symbols);
    return writer.len;
}
