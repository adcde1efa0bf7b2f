/* One scene as this gateway holds it: the newest frame, its text for INScore
 * clients (made when first asked for), and the requests that wait until a
 * version is here. Loop thread only.
 */
#ifndef LEGGIO_GATEWAY_WS_VIEW_H
#define LEGGIO_GATEWAY_WS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"

struct picture;
struct view;

/* Who waits, as the gateway names connections: slot and life. */
struct connection_id {
    uint32_t slot;
    uint32_t life;
};

struct views;
struct views *views_create(void);
void views_destroy(struct views *views);
/* Finds or makes; NULL when there are LIMIT_WS_VIEWS of scenes that nobody knows
 * (clients may ask for any name; the score's own scenes have a limit of their
 * own). Takes a reference. */
struct view *views_enter(struct views *views, const char *scene, bool is_known);
void views_leave(struct views *views, struct view *view);
/* NULL when nobody looks at this scene. No reference. */
struct view *views_find(struct views *views, const char *scene);
struct view *views_first(struct views *views);
struct view *view_next(struct view *view);

const char *view_scene(const struct view *view);
const struct frame *view_frame(const struct view *view); /* NULL before the first */
struct frame *view_newest(const struct view *view);      /* the same, to make references of */
/* Take this frame (a reference is made) unless it is older. Returns true when
 * what clients see changed (another version or epoch). */
bool view_adopt(struct view *view, struct frame *frame);
/* The scene is gone: nothing to show until another frame comes. */
void view_forget_frame(struct view *view);
/* Newest picture's text, borrowed; NULL without a frame or memory. */
struct picture *view_picture(struct view *view);

/* Does the view show this version of this epoch (or something after it)? */
bool view_shows(const struct view *view, uint64_t epoch, uint64_t version);

/* A request that waits until a version is shown or the time has come. */
struct view_held {
    struct connection_id id; /* whose it is */
    uint64_t epoch, version; /* 0 and 1: any picture */
    int64_t deadline_us;
    void *cookie; /* owned: given on, or dropped */
    void (*drop)(void *cookie);
};
/* Keep it. 0, or LG_ENOMEM (it stays the caller's). */
int view_hold(struct view *view, const struct view_held *held);
/* The next one that need not wait any longer: the caller's. false: none. */
bool view_release(struct view *view, int64_t now_us, struct view_held *held);
/* Earliest deadline of what is held, INT64_MAX when nothing is. */
int64_t view_deadline_us(const struct view *view);

#endif
