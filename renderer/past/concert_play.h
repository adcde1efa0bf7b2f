/* --replay: a concert log, played in its time into the running score. Score thread only. */
#ifndef LEGGIO_PAST_CONCERT_PLAY_H
#define LEGGIO_PAST_CONCERT_PLAY_H

struct renderer;
struct concert_play;

/* Reads the file. NULL after logging. */
struct concert_play *concert_play_open(struct renderer *renderer, const char *path, double speed);
/* Begins to play it. */
void concert_play_start(struct concert_play *play);
void concert_play_destroy(struct concert_play *play);

#endif
