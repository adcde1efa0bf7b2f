/* One table of styles (family, weight, slant) with their faces, and one of measured
 * texts, behind one lock. HarfBuzz reads the font files itself; cairo gets the same
 * files, so that glyph numbers agree. */
#include "renderer/notation/text_metrics.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cairo-ft.h>
#include <fontconfig/fontconfig.h>
#include <hb.h>
#include <hb-ot.h>

#define FACES_MAX     48  /* font files in use */
#define STYLES_MAX    96  /* family x weight x slant; further ones are drawn as serif */
#define FALLBACKS_MAX 512 /* characters with a face of their own, per process */
#define CACHED_BYTES  96  /* longer texts are measured each time */
#define RUNS_MAX      64  /* changes of face in one line */

struct face {
    char *file;
    int index;
    hb_font_t *font;
    FcPattern *pattern; /* owned; what cairo's is made from */
    cairo_font_face_t *cairo;
    double upem, ascent, descent; /* ascent and descent in em */
};
struct style {
    char *family;
    bool is_bold, is_italic;
    struct face *face;
};
struct fallback {
    const struct style *style;
    uint32_t character;
    struct face *face;
};
struct measured {
    const struct style *style;
    uint64_t hash;
    size_t len;
    char *text;
    struct text_extents em; /* at 1 em */
};

/* The process's fonts; read and written with the lock held. */
static struct {
    pthread_mutex_t lock;
    struct face faces[FACES_MAX];
    size_t n_faces;
    struct style styles[STYLES_MAX];
    size_t n_styles;
    struct fallback fallbacks[FALLBACKS_MAX];
    size_t n_fallbacks;
    struct measured measured[TEXT_CACHE_ENTRIES * 2];
    size_t n_measured;
    hb_buffer_t *buffer;
} fonts = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct run {
    struct face *face;
    size_t begin, end;
};

static void read_metrics(struct face *face) {
    hb_font_extents_t extents;
    face->upem = hb_face_get_upem(hb_font_get_face(face->font));
    face->ascent = 0.9;
    face->descent = 0.2;
    if (hb_font_get_h_extents(face->font, &extents)) {
        face->ascent = extents.ascender / face->upem;
        face->descent = -extents.descender / face->upem;
    }
}

/* The face of a matched pattern; the same file is opened once. NULL: unreadable or too many. */
static struct face *face_of_locked(FcPattern *pattern) {
    FcChar8 *file = NULL;
    int index = 0;
    if (FcPatternGetString(pattern, FC_FILE, 0, &file) != FcResultMatch) {
        return NULL;
    }
    (void)FcPatternGetInteger(pattern, FC_INDEX, 0, &index);
    for (size_t i = 0; i < fonts.n_faces; i++) {
        if (fonts.faces[i].index == index && strcmp(fonts.faces[i].file, (char *)file) == 0) {
            return &fonts.faces[i];
        }
    }
    if (fonts.n_faces == FACES_MAX) {
        return NULL;
    }
    hb_blob_t *blob = hb_blob_create_from_file_or_fail((const char *)file);
    if (blob == NULL) {
        return NULL;
    }
    struct face *face = &fonts.faces[fonts.n_faces];
    hb_face_t *hb = hb_face_create(blob, (unsigned)index & 0xffff);
    hb_blob_destroy(blob);
    face->file = strdup((const char *)file);
    FcPatternReference(pattern);
    face->pattern = pattern;
    face->index = index;
    face->font = hb_font_create(hb);
    hb_face_destroy(hb);
    hb_font_make_immutable(face->font);
    face->cairo = cairo_ft_font_face_create_for_pattern(pattern);
    if (face->file == NULL || face->cairo == NULL) {
        free(face->file);
        hb_font_destroy(face->font);
        FcPatternDestroy(face->pattern);
        cairo_font_face_destroy(face->cairo);
        *face = (struct face){0};
        return NULL;
    }
    read_metrics(face);
    fonts.n_faces++;
    return face;
}

static FcPattern *pattern_of(const char *family, bool is_bold, bool is_italic) {
    FcPattern *pattern = FcPatternCreate();
    if (pattern != NULL) {
        FcPatternAddString(pattern, FC_FAMILY, (const FcChar8 *)family);
        FcPatternAddInteger(pattern, FC_WEIGHT, is_bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR);
        FcPatternAddInteger(pattern, FC_SLANT, is_italic ? FC_SLANT_ITALIC : FC_SLANT_ROMAN);
        FcPatternAddBool(pattern, FC_SCALABLE, FcTrue);
    }
    return pattern;
}

static struct face *match_locked(FcPattern *pattern) {
    FcResult result;
    FcConfigSubstitute(NULL, pattern, FcMatchPattern);
    FcDefaultSubstitute(pattern);
    FcPattern *match = FcFontMatch(NULL, pattern, &result);
    struct face *face = match != NULL ? face_of_locked(match) : NULL;
    if (match != NULL) {
        FcPatternDestroy(match);
    }
    return face;
}

/* The names that scores use mean faces with the metrics of Times, Helvetica, Courier. */
static const char *family_of(const char *family) {
    static const struct {
        const char *name, *family;
    } names[] = {
        {"times", "Liberation Serif"},      {"times new roman", "Liberation Serif"},
        {"serif", "Liberation Serif"},      {"helvetica", "Liberation Sans"},
        {"arial", "Liberation Sans"},       {"sans", "Liberation Sans"},
        {"sans-serif", "Liberation Sans"},  {"courier", "Liberation Mono"},
        {"courier new", "Liberation Mono"}, {"monospace", "Liberation Mono"},
    };
    if (family == NULL || family[0] == '\0') {
        return "Liberation Serif";
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcasecmp(family, names[i].name) == 0) {
            return names[i].family;
        }
    }
    return family;
}

/* NULL only when there is no font at all. */
static struct style *style_locked(const struct ink_font *font) {
    const char *family = family_of(font->family);
    for (size_t i = 0; i < fonts.n_styles; i++) {
        struct style *style = &fonts.styles[i];
        if (style->is_bold == font->is_bold && style->is_italic == font->is_italic &&
            strcmp(style->family, family) == 0) {
            return style;
        }
    }
    if (fonts.n_styles == STYLES_MAX) {
        return &fonts.styles[0];
    }
    struct style *style = &fonts.styles[fonts.n_styles];
    FcPattern *pattern = pattern_of(family, font->is_bold, font->is_italic);
    if (pattern == NULL) {
        return NULL;
    }
    style->face = match_locked(pattern);
    FcPatternDestroy(pattern);
    style->family = strdup(family);
    style->is_bold = font->is_bold;
    style->is_italic = font->is_italic;
    if (style->face == NULL || style->family == NULL) {
        free(style->family);
        return fonts.n_styles > 0 ? &fonts.styles[0] : NULL;
    }
    fonts.n_styles++;
    return style;
}

/* has_failed: there is a font for it, whose file could not be opened now. */
static struct face *find_fallback_locked(const struct style *style, uint32_t character,
                                         bool *has_failed) {
    struct face *face = style->face;
    *has_failed = false;
    FcPattern *pattern = pattern_of(style->family, style->is_bold, style->is_italic);
    FcCharSet *set = FcCharSetCreate();
    if (pattern != NULL && set != NULL && FcCharSetAddChar(set, character)) {
        FcPatternAddCharSet(pattern, FC_CHARSET, set);
        struct face *other = match_locked(pattern);
        hb_codepoint_t glyph;
        *has_failed = other == NULL && fonts.n_faces < FACES_MAX;
        if (other != NULL && hb_font_get_nominal_glyph(other->font, character, &glyph)) {
            face = other;
        }
    }
    if (set != NULL) {
        FcCharSetDestroy(set);
    }
    if (pattern != NULL) {
        FcPatternDestroy(pattern);
    }
    return face;
}

/* The face that draws a character: the style's own when it has it. */
static struct face *face_for_locked(const struct style *style, uint32_t character) {
    hb_codepoint_t glyph;
    if (character < 0x80 || hb_font_get_nominal_glyph(style->face->font, character, &glyph)) {
        return style->face;
    }
    for (size_t i = 0; i < fonts.n_fallbacks; i++) {
        if (fonts.fallbacks[i].style == style && fonts.fallbacks[i].character == character) {
            return fonts.fallbacks[i].face;
        }
    }
    if (fonts.n_fallbacks == FALLBACKS_MAX) {
        return style->face;
    }
    bool has_failed;
    struct face *face = find_fallback_locked(style, character, &has_failed);
    if (!has_failed) {
        fonts.fallbacks[fonts.n_fallbacks++] = (struct fallback){style, character, face};
    }
    return face;
}

/* Next character; bytes that are no UTF-8 count as one replacement sign each. */
static uint32_t decode(const char *text, size_t len, size_t *at) {
    unsigned char first = (unsigned char)text[*at];
    size_t n = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    if (n == 0 || n > len - *at) {
        (*at)++;
        return 0xfffd;
    }
    uint32_t character = n == 1 ? first : first & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        unsigned char next = (unsigned char)text[*at + i];
        if ((next & 0xc0) != 0x80) {
            (*at)++;
            return 0xfffd;
        }
        character = character << 6 | (next & 0x3f);
    }
    *at += n;
    return character;
}

/* Cut a line into runs of one face. Returns their number. */
static size_t cut_locked(const struct style *style, const char *text, size_t len,
                         struct run *runs) {
    size_t n = 0;
    for (size_t at = 0; at < len;) {
        size_t begin = at;
        uint32_t character = decode(text, len, &at);
        bool is_mark = (character >= 0x300 && character < 0x370) || character == 0x200d ||
                       (character >= 0xfe00 && character < 0xfe10);
        struct face *face = is_mark && n > 0 ? runs[n - 1].face : face_for_locked(style, character);
        if (n > 0 && (runs[n - 1].face == face || n == RUNS_MAX)) {
            runs[n - 1].end = at;
        } else {
            runs[n++] = (struct run){face, begin, at};
        }
    }
    return n;
}

/* Shape a run into the common buffer. Returns the number of glyphs. */
static unsigned shape_locked(const struct run *run, const char *text) {
    if (fonts.buffer == NULL) {
        fonts.buffer = hb_buffer_create();
    }
    hb_buffer_clear_contents(fonts.buffer);
    hb_buffer_add_utf8(fonts.buffer, text + run->begin, (int)(run->end - run->begin), 0,
                       (int)(run->end - run->begin));
    hb_buffer_guess_segment_properties(fonts.buffer);
    hb_shape(run->face->font, fonts.buffer, NULL, 0);
    return hb_buffer_get_length(fonts.buffer);
}

static void join_glyph(const struct face *face, hb_codepoint_t glyph, double x, double y,
                       struct ink_box *ink, bool *has_ink) {
    hb_glyph_extents_t extents;
    if (!hb_font_get_glyph_extents(face->font, glyph, &extents) || extents.width == 0 ||
        extents.height == 0) {
        return;
    }
    struct ink_box box = {x + extents.x_bearing / face->upem, y - extents.y_bearing / face->upem,
                          x + (extents.x_bearing + extents.width) / face->upem,
                          y - (extents.y_bearing + extents.height) / face->upem};
    *ink = *has_ink ? ink_box_join(*ink, box) : box;
    *has_ink = true;
}

static void measure_locked(const struct style *style, const char *text, size_t len,
                           struct text_extents *out) {
    struct run runs[RUNS_MAX];
    bool has_ink = false;
    *out = (struct text_extents){.ascent = style->face->ascent, .descent = style->face->descent};
    size_t n_runs = cut_locked(style, text, len, runs);
    for (size_t run_i = 0; run_i < n_runs; run_i++) {
        const struct face *face = runs[run_i].face;
        unsigned n = shape_locked(&runs[run_i], text);
        const hb_glyph_info_t *info = hb_buffer_get_glyph_infos(fonts.buffer, NULL);
        const hb_glyph_position_t *place = hb_buffer_get_glyph_positions(fonts.buffer, NULL);
        for (unsigned i = 0; i < n; i++) {
            join_glyph(face, info[i].codepoint, out->advance + place[i].x_offset / face->upem,
                       -place[i].y_offset / face->upem, &out->ink, &has_ink);
            out->advance += place[i].x_advance / face->upem;
        }
    }
}

static uint64_t hash_of(const struct style *style, const char *text, size_t len) {
    uint64_t hash = 1469598103934665603u ^ (uint64_t)(style - fonts.styles);
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    }
    return hash;
}

static void forget_all_locked(void) {
    for (size_t i = 0; i < TEXT_CACHE_ENTRIES * 2; i++) {
        free(fonts.measured[i].text);
    }
    memset(fonts.measured, 0, sizeof fonts.measured);
    fonts.n_measured = 0;
}

/* Extents at 1 em, from memory when they are there. */
static void look_up_locked(const struct style *style, const char *text, size_t len,
                           struct text_extents *out) {
    if (len > CACHED_BYTES) {
        measure_locked(style, text, len, out);
        return;
    }
    uint64_t hash = hash_of(style, text, len);
    size_t at = hash % (TEXT_CACHE_ENTRIES * 2);
    for (; fonts.measured[at].text != NULL; at = (at + 1) % (TEXT_CACHE_ENTRIES * 2)) {
        const struct measured *known = &fonts.measured[at];
        if (known->hash == hash && known->style == style && known->len == len &&
            memcmp(known->text, text, len) == 0) {
            *out = known->em;
            return;
        }
    }
    measure_locked(style, text, len, out);
    char *copy = malloc(len + 1);
    if (copy == NULL) {
        return;
    }
    if (fonts.n_measured == TEXT_CACHE_ENTRIES) {
        forget_all_locked();
        at = hash % (TEXT_CACHE_ENTRIES * 2);
    }
    memcpy(copy, text, len);
    fonts.measured[at] = (struct measured){style, hash, len, copy, *out};
    fonts.n_measured++;
}

static void scale(struct text_extents *out, double size) {
    out->ink.left *= size;
    out->ink.top *= size;
    out->ink.right *= size;
    out->ink.bottom *= size;
    out->advance *= size;
    out->ascent *= size;
    out->descent *= size;
}

void text_measure(const struct ink_font *font, const char *text, struct text_extents *out) {
    *out = (struct text_extents){.advance = 0};
    pthread_mutex_lock(&fonts.lock);
    const struct style *style = style_locked(font);
    if (style != NULL) {
        look_up_locked(style, text, strnlen(text, TEXT_LINE_BYTES), out);
    }
    pthread_mutex_unlock(&fonts.lock);
    scale(out, font->size);
    if (font->is_underlined && out->advance > 0) {
        struct ink_box line = {0, 0.10 * font->size, out->advance, 0.15 * font->size};
        out->ink = out->ink.right > out->ink.left ? ink_box_join(out->ink, line) : line;
    }
}

double text_width(const struct ink_font *font, const char *text) {
    struct text_extents extents;
    text_measure(font, text, &extents);
    return extents.advance;
}

/* Glyphs of a run from x on; returns how many, at most TEXT_LINE_BYTES, and moves x. */
static int place_run_locked(const struct run *run, const char *text, double size, double *x,
                            double y, cairo_glyph_t *glyphs) {
    unsigned n = shape_locked(run, text);
    const hb_glyph_info_t *info = hb_buffer_get_glyph_infos(fonts.buffer, NULL);
    const hb_glyph_position_t *place = hb_buffer_get_glyph_positions(fonts.buffer, NULL);
    double unit = size / run->face->upem;
    n = n < TEXT_LINE_BYTES ? n : TEXT_LINE_BYTES;
    for (unsigned i = 0; i < n; i++) {
        glyphs[i] = (cairo_glyph_t){info[i].codepoint, *x + place[i].x_offset * unit,
                                    y - place[i].y_offset * unit};
        *x += place[i].x_advance * unit;
    }
    return (int)n;
}

double text_each_run(const struct ink_font *font, const char *text, double x, double y,
                     text_run_fn fn, void *ctx) {
    struct run runs[RUNS_MAX];
    size_t n_runs = 0, len = strnlen(text, TEXT_LINE_BYTES);
    cairo_glyph_t *glyphs = malloc(TEXT_LINE_BYTES * sizeof *glyphs);
    if (glyphs == NULL) {
        return x;
    }
    pthread_mutex_lock(&fonts.lock);
    const struct style *style = style_locked(font);
    if (style != NULL) {
        n_runs = cut_locked(style, text, len, runs);
    }
    pthread_mutex_unlock(&fonts.lock);
    for (size_t i = 0; i < n_runs; i++) {
        pthread_mutex_lock(&fonts.lock);
        int n = place_run_locked(&runs[i], text, font->size, &x, y, glyphs);
        cairo_font_face_t *cairo = cairo_font_face_reference(runs[i].face->cairo);
        pthread_mutex_unlock(&fonts.lock);
        fn(ctx, cairo, glyphs, n);
        cairo_font_face_destroy(cairo);
    }
    free(glyphs);
    return x;
}

void text_renew_faces(void) {
    pthread_mutex_lock(&fonts.lock);
    for (size_t i = 0; i < fonts.n_faces; i++) {
        cairo_font_face_t *fresh = cairo_ft_font_face_create_for_pattern(fonts.faces[i].pattern);
        cairo_font_face_destroy(fonts.faces[i].cairo);
        fonts.faces[i].cairo = fresh;
    }
    pthread_mutex_unlock(&fonts.lock);
}

struct show {
    cairo_t *cr;
    double size;
};

static void show_run(void *ctx, cairo_font_face_t *face, const cairo_glyph_t *glyphs, int n) {
    const struct show *show = ctx;
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_face(show->cr, face);
    cairo_set_font_size(show->cr, show->size);
    cairo_set_font_options(show->cr, options);
    cairo_show_glyphs(show->cr, glyphs, n);
    cairo_font_options_destroy(options);
}

void text_show(cairo_t *cr, const struct ink_font *font, const char *text, double x, double y) {
    struct show show = {cr, font->size};
    cairo_save(cr);
    double right = text_each_run(font, text, x, y, show_run, &show);
    if (font->is_underlined) {
        cairo_rectangle(cr, x, y + 0.10 * font->size, right - x, 0.05 * font->size);
        cairo_fill(cr);
    }
    cairo_restore(cr);
}
