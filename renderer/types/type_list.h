/* The vtables, one per object type; types.c puts them into one table. */
#ifndef LEGGIO_TYPES_TYPE_LIST_H
#define LEGGIO_TYPES_TYPE_LIST_H

#include "renderer/score/object.h"

extern const struct object_type TYPE_ARC;
extern const struct object_type TYPE_CURVE;
extern const struct object_type TYPE_ELLIPSE;
extern const struct object_type TYPE_FASTGRAPH;
extern const struct object_type TYPE_GRAPH;
extern const struct object_type TYPE_GMN;
extern const struct object_type TYPE_GMNF;
extern const struct object_type TYPE_GMNSTREAM;
extern const struct object_type TYPE_GRID;
extern const struct object_type TYPE_HTML;
extern const struct object_type TYPE_HTMLF;
extern const struct object_type TYPE_HTTPD;
extern const struct object_type TYPE_IMG;
extern const struct object_type TYPE_LAYER;
extern const struct object_type TYPE_LINE;
extern const struct object_type TYPE_MEMIMG;
extern const struct object_type TYPE_MUSICXML;
extern const struct object_type TYPE_MUSICXMLF;
extern const struct object_type TYPE_PIANOROLL;
extern const struct object_type TYPE_PIANOROLLF;
extern const struct object_type TYPE_PIANOROLLSTREAM;
extern const struct object_type TYPE_POLYGON;
extern const struct object_type TYPE_RADIALGRAPH;
extern const struct object_type TYPE_RECT;
extern const struct object_type TYPE_SVG;
extern const struct object_type TYPE_SVGF;
extern const struct object_type TYPE_TXT;
extern const struct object_type TYPE_TXTF;
extern const struct object_type TYPE_URL;
extern const struct object_type TYPE_WEBSOCKET;

/* Types that other work brings: a box with the type's name. NULL when it is none of these. */
const struct object_type *placeholder_find(const char *name);

#endif
