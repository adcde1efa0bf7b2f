/* Looking back into a state folder, also while a renderer uses it. The others return the exit
 * status: 0, 1. */
#ifndef LEGGIO_PAST_HISTORY_H
#define LEGGIO_PAST_HISTORY_H

struct renderer_options;
struct state;

/* Their state folder, to look only; state_close. NULL after logging. */
struct state *history_open(const struct renderer_options *options);

/* --at: draws a picture that was published once, from what the journal holds, and compares its
 * pixels with those that were published. 1 when they differ (the file is written all the same) or
 * it is not kept. */
int history_export(const struct renderer_options *options);

/* --export-log: writes the concert as a script with times (concert_log.h). */
int history_export_log(const struct renderer_options *options);

#endif
