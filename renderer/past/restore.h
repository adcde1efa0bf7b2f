/* How a life of the renderer begins and ends: with the score that the state folder holds, or with
 * the
 * --score files. Score thread only. */
#ifndef LEGGIO_PAST_RESTORE_H
#define LEGGIO_PAST_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

struct renderer;
struct past; /* what is carried from the database into the running renderer */

/* The renderer has its state folder, inputs and a fresh score; nobody writes the database yet. Goes
 * on with the score that is there; else (a first start, --fresh, other --score files, a damaged
 * journal: what was there is set aside) *is_new = true and the score is empty. 0 or an error code
 * (logged). */
int past_begin(struct renderer *renderer, bool *is_new);
/* A picture was shown: this score can be drawn. */
void past_note_shown(struct renderer *renderer);
/* The journal runs: note the start. */
void past_note_start(struct renderer *renderer);
/* The parts are there: answers of earlier requests to the call server, URLs to be fetched. */
void past_hand_over(struct renderer *renderer);
/* For draw_thread_options.known_version: after an orderly stop the last picture of each scene is
 * known. */
bool past_known_version(const struct renderer *renderer, const char *scene, uint64_t *version,
                        uint64_t *pixels_hash);
/* The journal has stopped: an orderly end. */
void past_note_end(struct renderer *renderer);
void past_destroy(struct past *past);

#endif
