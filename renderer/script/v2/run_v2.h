/* Script text, version 2, to messages (score-language reference section 2).
 *
 * The whole text is parsed into trees, then the trees are expanded to messages, then the messages
 * run: nothing runs when there is an error anywhere. A delayed message becomes
 * `/ITL after MS ( message )`. Score thread only. */
#ifndef LEGGIO_SCRIPT_RUN_V2_H
#define LEGGIO_SCRIPT_RUN_V2_H

#include "renderer/script/run.h"

/* As script_run; message and error of the target are used, query never. */
int script_v2_run(const struct script_target *target, const char *text, size_t len,
                  const char *name);
/* Does a file of this name hold version 2? NULL = posted text, no. */
bool script_v2_is_name(const char *name);

#endif
