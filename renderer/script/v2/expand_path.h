/* The paths of a tree as messages. */
#ifndef LEGGIO_SCRIPT_EXPAND_PATH_H
#define LEGGIO_SCRIPT_EXPAND_PATH_H

#include "renderer/script/v2/expand.h"

/* All messages of one statement, or of one list, to expansion->out. */
bool expand_paths(struct expansion *expansion, const struct tree *tree, struct scope scope,
                  const struct bound *path);

#endif
