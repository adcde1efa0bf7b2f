/* What an engraved page consists of: glyphs, lines, boxes, polygons, curves and
 * texts with their colour, plain data. Lengths in standard staff spaces (sp,
 * 6 pt), y downwards. Every piece tells its role and its chord, so that tests
 * measure the layout instead of pixels. */
#ifndef LEGGIO_NOTATION_INK_H
#define LEGGIO_NOTATION_INK_H

#include "renderer/notation/arena.h"
#include "renderer/notation/music/music.h"

struct ink_box { /* left <= right, top <= bottom */
    double left, top, right, bottom;
};

enum ink_role {
    ROLE_STAFF_LINE,
    ROLE_LEDGER,
    ROLE_HEAD,
    ROLE_STEM,
    ROLE_FLAG,
    ROLE_BEAM,
    ROLE_ACCIDENTAL,
    ROLE_DOT,
    ROLE_REST,
    ROLE_CLEF,
    ROLE_KEY,
    ROLE_METER,
    ROLE_BAR,
    ROLE_REPEAT_DOT,
    ROLE_GROUP,
    ROLE_TIE,
    ROLE_SLUR,
    ROLE_ARTICULATION,
    ROLE_ORNAMENT,
    ROLE_FERMATA,
    ROLE_FINGERING,
    ROLE_DYNAMIC,
    ROLE_HAIRPIN,
    ROLE_TUPLET,
    ROLE_OCTAVA,
    ROLE_VOLTA,
    ROLE_PEDAL,
    ROLE_GLISSANDO,
    ROLE_TREMOLO,
    ROLE_ARPEGGIO,
    ROLE_CLUSTER,
    ROLE_TEXT,
    ROLE_LYRIC,
    ROLE_TEMPO,
    ROLE_MARK,
    ROLE_HARMONY,
    ROLE_JUMP,
    ROLE_INSTRUMENT,
    ROLE_NUMBER,
    ROLE_PAGE_TEXT,
    ROLE_BREATH,
    ROLE_TAB,
    ROLE_BRACKET,
    ROLE_IMAGE,
    ROLE_COUNT
};

enum ink_shape {
    INK_GLYPH,   /* music glyph, origin at x, y */
    INK_LINE,    /* x, y to x2, y2, `thickness`, butt ends unless is_round; dashes when dash > 0 */
    INK_BOX,     /* filled x, y .. x2, y2 */
    INK_POLYGON, /* filled, points */
    INK_CURVE,   /* filled closed path: points are 1 + 3 n (start, then cubic triples) */
    INK_TEXT,    /* UTF-8 at x, baseline y (one line), the box is its ink */
    INK_CIRCLE,  /* filled disk (thickness 0) or ring around x, y; radius x2 */
    INK_IMAGE,   /* file `text` in x, y .. x2, y2 */
};

struct ink_point {
    double x, y;
};

struct ink_font {       /* of INK_TEXT */
    const char *family; /* NULL: the serif face of the renderer */
    double size;        /* em in sp */
    bool is_bold, is_italic, is_underlined;
};

struct ink {
    enum ink_shape shape;
    enum ink_role role;
    struct music_color color;
    double x, y, x2, y2;
    double thickness;
    double dash, gap; /* INK_LINE */
    bool is_round;
    uint16_t glyph; /* enum music_glyph (font.h), INK_GLYPH */
    double size;    /* INK_GLYPH: sp of this glyph's staff space, 1 = standard size */
    struct ink_font font;
    const char *text;
    struct ink_point *points;
    uint32_t n_points;
    uint32_t chord;     /* index in music.chords, NOTATION_NONE */
    uint32_t head;      /* ROLE_HEAD: of that chord */
    struct ink_box box; /* of the ink; filled by ink_list_add */
};

struct ink_list {
    struct ink *items;
    size_t n_items, capacity;
};

/* Append a copy; computes the box. false: arena full (the stage checks at its end). */
bool ink_list_add(struct arena *arena, struct ink_list *list, const struct ink *ink);
/* Box of ink_list_add without adding. */
void ink_measure(struct ink *ink);
void ink_move(struct ink *ink, double dx, double dy);
/* Smallest box around both; an empty box has left > right. */
struct ink_box ink_box_join(struct ink_box a, struct ink_box b);
struct ink_box ink_box_empty(void);

#endif
