/* What belongs to the page or to a whole voice: \pageFormat, \systemFormat, \title, \composer,
 * \footer, \set (gmn.md 8, 9, 11). */
#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/look.h"

#define POINTS_PER_SPACE 6.0

static double of_cm(double cm) {
    return cm / NOTATION_CM_PER_SPACE;
}

static double bounded(double value, double low, double high) {
    return value >= low ? value <= high ? value : high : low;
}

static struct music_page_format default_page(void) {
    return (struct music_page_format){of_cm(21), of_cm(29.7), of_cm(2), of_cm(2),
                                      of_cm(2),  of_cm(2),    false};
}

/* \pageFormat<"A4"> or <w, h, lm, tm, rm, bm>; margins of its own as soon as it appears. */
static struct music_page_format read_page(const struct notation_tag *tag) {
    struct music_page_format page = default_page();
    const char *type = notation_tag_text(tag, "type", NULL);
    if (type != NULL && strcmp(type, "A3") == 0) {
        page.width = of_cm(29.7);
        page.height = of_cm(42);
    } else if (type != NULL && (strcmp(type, "letter") == 0 || strcmp(type, "Letter") == 0)) {
        page.width = of_cm(18);
        page.height = of_cm(31);
    }
    page.width = bounded(notation_tag_length(tag, "w", page.width), of_cm(5), of_cm(400));
    page.height = bounded(notation_tag_length(tag, "h", page.height), of_cm(5), of_cm(300));
    page.left = bounded(notation_tag_length(tag, "lm", of_cm(2)), 0, page.width / 2 - 1);
    page.top = bounded(notation_tag_length(tag, "tm", of_cm(5)), 0, page.height / 2 - 1);
    page.right = bounded(notation_tag_length(tag, "rm", of_cm(2)), 0, page.width / 2 - 1);
    page.bottom = bounded(notation_tag_length(tag, "bm", of_cm(3)), 0, page.height / 2 - 1);
    page.is_set = true;
    return page;
}

static int add_text(struct arranger *arranger, struct list *texts, const struct notation_tag *tag) {
    static const struct {
        const char *param, *page_format, *text_format;
        double points;
    } rows[] = {
        {"name", "c2", "cc", 24},
        {"name", "53", "rb", 14},
        {"text", "c6", "cc", 10},
    };
    int row = tag->kind == TAG_TITLE ? 0 : tag->kind == TAG_COMPOSER ? 1 : 2;
    const char *text = notation_tag_text(tag, rows[row].param, "");
    if (*text == '\0') {
        return 0;
    }
    struct music_page_text *page_text = list_add(arranger->arena, texts, sizeof(*page_text));
    if (page_text == NULL) {
        return LG_ETOOLARGE;
    }
    double size = notation_tag_length(tag, "fsize", rows[row].points / POINTS_PER_SPACE);
    *page_text = (struct music_page_text){
        .tag = tag,
        .text = text,
        .page_format = notation_tag_text(tag, "pageformat", rows[row].page_format),
        .text_format = notation_tag_text(tag, "textformat", rows[row].text_format),
        .font = notation_tag_text(tag, "font", NULL),
        .attributes = notation_tag_text(tag, "fattrib", ""),
        .size_sp = bounded(size, 0.1, 100),
        .look = look_of_tag(tag, look_default()),
    };
    return 0;
}

/* A setting with its name, or without "auto" before it. */
static bool setting(const struct notation_tag *tag, const char *name, const char *short_name,
                    bool current) {
    return notation_tag_bool(tag, name, notation_tag_bool(tag, short_name, current));
}

static void read_settings(struct music *music, struct music_voice *voice,
                          const struct notation_tag *tag) {
    voice->end_bar = setting(tag, "autoEndBar", "endBar", voice->end_bar);
    voice->auto_page_break = setting(tag, "autoPageBreak", "pageBreak", voice->auto_page_break);
    voice->auto_system_break =
        setting(tag, "autoSystemBreak", "systemBreak", voice->auto_system_break);
    voice->auto_stretch_last_line =
        setting(tag, "autoStretchLastLine", "stretchLastLine", voice->auto_stretch_last_line);
    voice->auto_stretch_first_line =
        setting(tag, "autoStretchFirstLine", "stretchFirstLine", voice->auto_stretch_first_line);
    music->repeats_tied_accidentals = !setting(
        tag, "autoHideTiedAccidentals", "hideTiedAccidentals", !music->repeats_tied_accidentals);
    music->fingering_position = notation_tag_text(tag, "fingeringPos", music->fingering_position);
    music->fingering_size = notation_tag_length(tag, "fingeringSize", music->fingering_size);
    music->harmony_position = notation_tag_text(tag, "harmonyPos", music->harmony_position);
}

static void read_numbering(struct music *music, const struct notation_tag *tag) {
    const char *text = notation_tag_text(tag, "autoMeasuresNum", "off");
    if (strcmp(text, "system") == 0) {
        music->numbering = MUSIC_NUMBERS_SYSTEM;
    } else if (strcmp(text, "page") == 0) {
        music->numbering = MUSIC_NUMBERS_PAGE;
    } else if (notation_tag_bool(tag, "autoMeasuresNum", false)) {
        music->numbering = MUSIC_NUMBERS_EACH;
    }
}

int arrange_page(struct arranger *arranger) {
    struct music *music = arranger->music;
    struct list texts = {0};
    music->page = default_page();
    for (size_t v = 0; v < music->n_voices; v++) {
        const struct notation_voice *model = arranger->voices[v].model;
        music->voices[v].end_bar = true;
        music->voices[v].auto_system_break = music->voices[v].auto_page_break = true;
        for (size_t t = 0; t < model->n_tags; t++) {
            const struct notation_tag *tag = &model->tags[t];
            int code = 0;
            if (tag->kind == TAG_PAGE_FORMAT && !music->page.is_set) {
                music->page = read_page(tag);
            } else if (tag->kind == TAG_SYSTEM_FORMAT && music->first_indent == 0) {
                music->first_indent = bounded(notation_tag_length(tag, "dx", 0), 0, of_cm(40));
            } else if (tag->kind == TAG_SET) {
                read_settings(music, &music->voices[v], tag);
            } else if (tag->kind == TAG_METER) {
                read_numbering(music, tag);
            } else if (tag->kind == TAG_TITLE || tag->kind == TAG_COMPOSER ||
                       tag->kind == TAG_FOOTER) {
                code = add_text(arranger, &texts, tag);
            }
            if (code != 0) {
                return code;
            }
        }
    }
    music->page_texts = texts.items;
    music->n_page_texts = texts.n;
    return 0;
}
