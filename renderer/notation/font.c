/* Loads Emmentaler once: glyph indices by name, outlines through FreeType, boxes and
 * stem attachments from the font's own table LILC (gmn.md 15). Texts are text_metrics.c. */
#include "renderer/notation/font.h"

#include <cairo-ft.h>
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H
#include FT_TRUETYPE_TABLES_H
#include <glob.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/font_tables.h"

#define FONT_FILE       "emmentaler-20.otf"
#define FONT_FOLDERS    "/usr/share/lilypond/*/fonts/otf"
#define UNITS_PER_SPACE 250.0
#define TABLE_BYTES_MAX ((FT_ULong)4 << 20)

struct glyph {
    unsigned long index;
    double advance;
    struct font_metrics metrics;
    cairo_path_t path;
};

struct music_font {
    bool is_loaded;
    char path[PATH_MAX];
    FT_Library library;
    FT_Face face;
    cairo_font_face_t *cairo_face;
    struct glyph glyphs[GLYPH_COUNT];
};

static const char *const GLYPH_NAMES[GLYPH_COUNT] = {
#define GLYPH(enumerator, name, smufl) [GLYPH_##enumerator] = name,
#include "renderer/notation/glyphs.def"
#undef GLYPH
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards loading */
static struct music_font font;

static int find_file(char *path, size_t size, char *error, size_t error_size) {
    const char *folder = getenv("LEGGIO_MUSIC_FONTS");
    const char *where = folder != NULL && *folder != '\0' ? folder : FONT_FOLDERS;
    char pattern[PATH_MAX];
    glob_t found = {0};
    int result = LG_ENOTFOUND;
    if (snprintf(pattern, sizeof pattern, "%s/" FONT_FILE, where) < (int)sizeof pattern &&
        glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc > 0 &&
        snprintf(path, size, "%s", found.gl_pathv[found.gl_pathc - 1]) < (int)size) {
        result = 0; /* sorted: the newest version is the last */
    }
    globfree(&found);
    if (result != 0) {
        snprintf(error, error_size,
                 "music font " FONT_FILE " not found in %s: install the package lilypond-fonts, "
                 "or name its folder in LEGGIO_MUSIC_FONTS",
                 where);
    }
    return result;
}

/* --- outlines --- */

struct outline_sink {
    cairo_path_data_t *data;
    int n, capacity;
    bool is_open, has_failed;
    double x, y;
};

static double to_space(FT_Pos value) {
    return (double)value / UNITS_PER_SPACE;
}

static cairo_path_data_t *more_data(struct outline_sink *sink, cairo_path_data_type_t type,
                                    int length) {
    if (sink->n + length > sink->capacity) {
        int larger = sink->capacity * 2 + length + 32;
        cairo_path_data_t *data = realloc(sink->data, (size_t)larger * sizeof *data);
        if (data == NULL) {
            sink->has_failed = true;
            return NULL;
        }
        sink->data = data;
        sink->capacity = larger;
    }
    cairo_path_data_t *at = &sink->data[sink->n];
    at->header.type = type;
    at->header.length = length;
    sink->n += length;
    return at;
}

static void put_point(struct outline_sink *sink, cairo_path_data_t *data, double x, double y) {
    data->point.x = x;
    data->point.y = y;
    sink->x = x;
    sink->y = y;
}

static void close_contour(struct outline_sink *sink) {
    if (sink->is_open) {
        more_data(sink, CAIRO_PATH_CLOSE_PATH, 1);
        sink->is_open = false;
    }
}

static int on_move(const FT_Vector *to, void *user) {
    struct outline_sink *sink = user;
    close_contour(sink);
    cairo_path_data_t *data = more_data(sink, CAIRO_PATH_MOVE_TO, 2);
    if (data != NULL) {
        put_point(sink, data + 1, to_space(to->x), -to_space(to->y));
    }
    sink->is_open = true;
    return sink->has_failed;
}

static int on_line(const FT_Vector *to, void *user) {
    struct outline_sink *sink = user;
    cairo_path_data_t *data = more_data(sink, CAIRO_PATH_LINE_TO, 2);
    if (data != NULL) {
        put_point(sink, data + 1, to_space(to->x), -to_space(to->y));
    }
    return sink->has_failed;
}

static int on_cubic(const FT_Vector *a, const FT_Vector *b, const FT_Vector *to, void *user) {
    struct outline_sink *sink = user;
    cairo_path_data_t *data = more_data(sink, CAIRO_PATH_CURVE_TO, 4);
    if (data != NULL) {
        put_point(sink, data + 1, to_space(a->x), -to_space(a->y));
        put_point(sink, data + 2, to_space(b->x), -to_space(b->y));
        put_point(sink, data + 3, to_space(to->x), -to_space(to->y));
    }
    return sink->has_failed;
}

static int on_conic(const FT_Vector *c, const FT_Vector *to, void *user) {
    struct outline_sink *sink = user;
    double x0 = sink->x, y0 = sink->y;
    double cx = to_space(c->x), cy = -to_space(c->y), x1 = to_space(to->x), y1 = -to_space(to->y);
    cairo_path_data_t *data = more_data(sink, CAIRO_PATH_CURVE_TO, 4);
    if (data != NULL) {
        put_point(sink, data + 1, x0 + 2.0 / 3 * (cx - x0), y0 + 2.0 / 3 * (cy - y0));
        put_point(sink, data + 2, x1 + 2.0 / 3 * (cx - x1), y1 + 2.0 / 3 * (cy - y1));
        put_point(sink, data + 3, x1, y1);
    }
    return sink->has_failed;
}

static int load_outline(FT_Face face, struct glyph *glyph) {
    static const FT_Outline_Funcs FUNCS = {
        .move_to = on_move, .line_to = on_line, .conic_to = on_conic, .cubic_to = on_cubic};
    struct outline_sink sink = {0};
    if (FT_Load_Glyph(face, (FT_UInt)glyph->index, FT_LOAD_NO_SCALE) != 0 ||
        FT_Outline_Decompose(&face->glyph->outline, &FUNCS, &sink) != 0) {
        free(sink.data);
        return LG_EBADREQUEST;
    }
    close_contour(&sink);
    if (sink.has_failed) {
        free(sink.data);
        return LG_ENOMEM;
    }
    glyph->advance = to_space(face->glyph->metrics.horiAdvance);
    glyph->path =
        (cairo_path_t){.status = CAIRO_STATUS_SUCCESS, .data = sink.data, .num_data = sink.n};
    FT_BBox box;
    FT_Outline_Get_CBox(&face->glyph->outline, &box);
    glyph->metrics.box = (struct ink_box){to_space(box.xMin), -to_space(box.yMax),
                                          to_space(box.xMax), -to_space(box.yMin)};
    return 0;
}

/* --- loading --- */

/* The table as text; malloc'ed, NULL when it is missing. */
static char *load_table(FT_Face face, FT_ULong tag, size_t *len) {
    FT_ULong size = 0;
    if (FT_Load_Sfnt_Table(face, tag, 0, NULL, &size) != 0 || size == 0 || size > TABLE_BYTES_MAX) {
        return NULL;
    }
    char *text = malloc(size);
    if (text != NULL && FT_Load_Sfnt_Table(face, tag, 0, (FT_Byte *)text, &size) != 0) {
        free(text);
        return NULL;
    }
    *len = size;
    return text;
}

static int load_metrics(struct music_font *to) {
    size_t global_len = 0, glyph_len = 0;
    char *global = load_table(to->face, FT_MAKE_TAG('L', 'I', 'L', 'Y'), &global_len);
    char *glyphs = load_table(to->face, FT_MAKE_TAG('L', 'I', 'L', 'C'), &glyph_len);
    double space = global != NULL ? font_table_number(global, global_len, "staff_space") : 0;
    int result = LG_EBADREQUEST;
    if (glyphs != NULL && space > 0) {
        struct font_metrics metrics[GLYPH_COUNT];
        for (size_t i = 0; i < GLYPH_COUNT; i++) {
            metrics[i] = to->glyphs[i].metrics;
        }
        result = font_table_glyphs(glyphs, glyph_len, space, GLYPH_NAMES, metrics, GLYPH_COUNT);
        for (size_t i = 0; i < GLYPH_COUNT; i++) {
            to->glyphs[i].metrics = metrics[i];
        }
    }
    free(global);
    free(glyphs);
    return result;
}

static void unload(struct music_font *from) {
    for (size_t i = 0; i < GLYPH_COUNT; i++) {
        free(from->glyphs[i].path.data);
    }
    if (from->cairo_face != NULL) {
        cairo_font_face_destroy(from->cairo_face);
    }
    if (from->face != NULL) {
        FT_Done_Face(from->face);
    }
    if (from->library != NULL) {
        FT_Done_FreeType(from->library);
    }
    memset(from, 0, sizeof *from);
}

static int load_glyphs(struct music_font *to, char *error, size_t size) {
    for (size_t i = 0; i < GLYPH_COUNT; i++) {
        struct glyph *glyph = &to->glyphs[i];
        glyph->index = FT_Get_Name_Index(to->face, (const FT_String *)GLYPH_NAMES[i]);
        int result = glyph->index == 0 ? LG_EBADREQUEST : load_outline(to->face, glyph);
        if (result != 0) {
            snprintf(error, size,
                     "music font %s has no glyph %s: the package lilypond-fonts 2.24 is expected",
                     to->path, GLYPH_NAMES[i]);
            return result;
        }
    }
    int result = load_metrics(to);
    if (result != 0) {
        snprintf(error, size,
                 "music font %s has no readable tables LILY and LILC: the package "
                 "lilypond-fonts 2.24 is expected",
                 to->path);
    }
    return result;
}

static int load(struct music_font *to, char *error, size_t size) {
    int result = find_file(to->path, sizeof to->path, error, size);
    if (result != 0) {
        return result;
    }
    if (FT_Init_FreeType(&to->library) != 0 ||
        FT_New_Face(to->library, to->path, 0, &to->face) != 0) {
        snprintf(error, size, "music font %s is not a font: the package lilypond-fonts is expected",
                 to->path);
        return LG_EBADREQUEST;
    }
    result = load_glyphs(to, error, size);
    if (result == 0) {
        to->cairo_face = cairo_ft_font_face_create_for_ft_face(to->face, FT_LOAD_NO_HINTING);
        to->is_loaded = cairo_font_face_status(to->cairo_face) == CAIRO_STATUS_SUCCESS;
        result = to->is_loaded ? 0 : LG_ENOMEM;
    }
    return result;
}

int music_font_load(char *error, size_t size_bytes) {
    int result = 0;
    pthread_mutex_lock(&lock);
    if (!font.is_loaded) {
        result = load(&font, error, size_bytes);
        if (result != 0) {
            unload(&font);
        }
    }
    pthread_mutex_unlock(&lock);
    return result;
}

const char *music_font_path(void) {
    return font.path;
}

struct ink_box music_glyph_box(enum music_glyph glyph) {
    return font.glyphs[glyph].metrics.box;
}

double music_glyph_advance(enum music_glyph glyph) {
    return font.glyphs[glyph].advance;
}

struct ink_point music_glyph_attach(enum music_glyph glyph, bool is_up) {
    return is_up ? font.glyphs[glyph].metrics.attach_up : font.glyphs[glyph].metrics.attach_down;
}

cairo_font_face_t *music_font_face(void) {
    return font.cairo_face;
}

unsigned long music_glyph_index(enum music_glyph glyph) {
    return font.glyphs[glyph].index;
}

const cairo_path_t *music_glyph_path(enum music_glyph glyph) {
    return &font.glyphs[glyph].path;
}
