/* The style of a piece of HTML: what elements and their attributes change. */
#ifndef LEGGIO_TYPES_HTML_STYLE_H
#define LEGGIO_TYPES_HTML_STYLE_H

#include <stdbool.h>

#include <libxml/tree.h>

#include "renderer/draw/display_list.h"
#include "renderer/types/text/text_layout.h"

enum html_align { HTML_LEFT, HTML_CENTER, HTML_RIGHT };

struct html_style {
    struct text_font font;
    bool has_color;
    struct item_color color;
    bool is_underlined, is_struck, is_preformatted;
    double shift; /* of the baseline, down */
    enum html_align align;
    int list_depth;
};

/* Applies an element and its attributes (class and id aside). base: the object's own font. */
void html_style_apply(xmlNode *element, const struct text_font *base, struct html_style *style);
/* A colour as HTML and CSS write it. */
bool html_color(const char *word, struct item_color *out);
/* Whole number of an attribute; fallback when absent or odd. At most 10000. */
int html_attribute_int(xmlNode *element, const char *name, int fallback);
bool html_is(const xmlNode *node, const char *name);

#endif
