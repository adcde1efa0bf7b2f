/* /ITL: the application node (section 5). */
#ifndef LEGGIO_SCORE_APPLICATION_H
#define LEGGIO_SCORE_APPLICATION_H

#include "renderer/score/object.h"
#include "renderer/score/nodes/settings.h"

/* The version of the language that scripts may require. */
#define APPLICATION_LANGUAGE_VERSION 1.34

extern const struct object_type APPLICATION_TYPE;

const struct settings *application_settings(const struct object *root);

#endif
