/* Scenes: rectangles with a picture of their own (section 6). */
#ifndef LEGGIO_SCORE_SCENE_H
#define LEGGIO_SCORE_SCENE_H

#include "renderer/score/object.h"
#include "renderer/score/nodes/settings.h"

extern const struct object_type SCENE_TYPE;

/* Its own root path, NULL when the application's is in force. */
const char *scene_root_path(const struct object *scene);
/* Of the scripts it loads: 1, 2; 0 = the application's. */
int scene_parse_version(const struct object *scene);
/* Are all pictures together within LIMIT_SCENES_PIXELS? */
bool scene_fits(const struct score *score);
/* Settings of a scene; NULL for anything else. */
const struct settings *scene_settings(const struct object *object);

/* -- what scenes and the application share: load.c ------------------------------ */

/* The `load` message; also at /ITL. */
int load_run(struct object *object, const struct param *params, size_t n_params);
int load_preprocess(struct object *object, const struct param *params, size_t n_params);
/* "dir/" owned by the caller; a missing '/' is added. NULL when dir is empty. */
char *load_directory(const char *dir);

#endif
