/* The table of tags, tags.def: names, forms, parameters. */
#ifndef LEGGIO_NOTATION_TAGS_H
#define LEGGIO_NOTATION_TAGS_H

#include "renderer/notation/model.h"

enum tag_form {
    FORM_P,  /* position only */
    FORM_R,  /* range only */
    FORM_PR, /* both */
    FORM_RE, /* range, and Begin/End pair */
};

/* What a written name stands for: \slur, \slurBegin, \slurEnd. */
enum tag_role { TAG_ROLE_PLAIN, TAG_ROLE_BEGIN, TAG_ROLE_END };

struct tag_names;

/* All names with their aliases, for finding; lives in the arena. NULL when that is full. */
struct tag_names *tag_names_create(struct arena *arena);
/* Kind of a name as written after the backslash; TAG_UNKNOWN when there is none. *name is the
 * name without Begin or End (a literal). */
enum notation_tag_kind tag_names_find(const struct tag_names *names, const char *text, size_t len,
                                      enum tag_role *role, const char **name);

enum tag_form notation_tag_form(enum notation_tag_kind kind);
/* Name of the parameter at a place, into buffer; false when the list is shorter. */
bool notation_tag_place_name(enum notation_tag_kind kind, uint32_t place, char *buffer, size_t size,
                             bool *is_required);
/* Place of a parameter in the tag's list; -1 when it goes by name only or is unknown. */
int notation_tag_place(enum notation_tag_kind kind, const char *name);
/* Does the tag have such a parameter, those of all tags included? */
bool notation_tag_knows(enum notation_tag_kind kind, const char *name);

#endif
