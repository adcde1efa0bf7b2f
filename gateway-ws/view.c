/* Scenes in use, their newest frames, and requests that wait for a version. */
#include "gateway-ws/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "gateway-ws/picture.h"
#include "proto/limits.h"

struct held {
    struct held *next;
    struct view_held facts;
};

struct view {
    struct view *next;
    unsigned refs;
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    struct frame *frame;
    struct picture *picture;
    struct held *held; /* at most one per connection: requests come one by one */
};

struct views {
    struct view *first;
    unsigned n_views;
};

struct views *views_create(void) {
    return calloc(1, sizeof(struct views));
}

static void destroy_view(struct view *view) {
    while (view->held != NULL) {
        struct held *held = view->held;
        view->held = held->next;
        held->facts.drop(held->facts.cookie);
        free(held);
    }
    picture_unref(view->picture);
    frame_unref(view->frame);
    free(view);
}

void views_destroy(struct views *views) {
    if (views == NULL) {
        return;
    }
    while (views->first != NULL) {
        struct view *view = views->first;
        views->first = view->next;
        destroy_view(view);
    }
    free(views);
}

struct view *views_find(struct views *views, const char *scene) {
    struct view *view = views->first;
    while (view != NULL && strcmp(view->scene, scene) != 0) {
        view = view->next;
    }
    return view;
}

struct view *views_enter(struct views *views, const char *scene, bool is_known) {
    struct view *view = views_find(views, scene);
    if (view == NULL) {
        if ((!is_known && views->n_views >= LIMIT_WS_VIEWS) ||
            strlen(scene) > LIMIT_SCENE_NAME_BYTES || (view = calloc(1, sizeof(*view))) == NULL) {
            return NULL;
        }
        snprintf(view->scene, sizeof(view->scene), "%s", scene);
        view->next = views->first;
        views->first = view;
        views->n_views++;
    }
    view->refs++;
    return view;
}

void views_leave(struct views *views, struct view *view) {
    if (--view->refs > 0) {
        return;
    }
    struct view **at = &views->first;
    while (*at != view) {
        at = &(*at)->next;
    }
    *at = view->next;
    views->n_views--;
    destroy_view(view);
}

struct view *views_first(struct views *views) {
    return views->first;
}

struct view *view_next(struct view *view) {
    return view->next;
}

const char *view_scene(const struct view *view) {
    return view->scene;
}

const struct frame *view_frame(const struct view *view) {
    return view->frame;
}

struct frame *view_newest(const struct view *view) {
    return view->frame;
}

bool view_adopt(struct view *view, struct frame *frame) {
    const struct frame *old = view->frame;
    if (old == frame ||
        (old != NULL && old->epoch == frame->epoch && old->version > frame->version)) {
        return false;
    }
    bool is_news = old == NULL || old->epoch != frame->epoch || old->version != frame->version;
    frame_ref(frame);
    frame_unref(view->frame);
    view->frame = frame;
    picture_unref(view->picture);
    view->picture = NULL;
    return is_news;
}

void view_forget_frame(struct view *view) {
    picture_unref(view->picture);
    view->picture = NULL;
    frame_unref(view->frame);
    view->frame = NULL;
}

struct picture *view_picture(struct view *view) {
    if (view->picture == NULL && view->frame != NULL) {
        view->picture = picture_create(view->frame);
    }
    return view->picture;
}

bool view_shows(const struct view *view, uint64_t epoch, uint64_t version) {
    /* Of another life of the score nothing is worth waiting for. */
    return view->frame != NULL && (view->frame->epoch != epoch || view->frame->version >= version);
}

int view_hold(struct view *view, const struct view_held *facts) {
    struct held *held = calloc(1, sizeof(*held));
    if (held == NULL) {
        return LG_ENOMEM;
    }
    held->facts = *facts;
    held->next = view->held;
    view->held = held;
    return 0;
}

bool view_release(struct view *view, int64_t now_us, struct view_held *facts) {
    for (struct held **at = &view->held; *at != NULL; at = &(*at)->next) {
        struct held *held = *at;
        if (held->facts.deadline_us <= now_us ||
            view_shows(view, held->facts.epoch, held->facts.version)) {
            *facts = held->facts;
            *at = held->next;
            free(held);
            return true;
        }
    }
    return false;
}

int64_t view_deadline_us(const struct view *view) {
    int64_t deadline_us = INT64_MAX;
    for (const struct held *held = view->held; held != NULL; held = held->next) {
        int64_t held_us = held->facts.deadline_us;
        deadline_us = held_us < deadline_us ? held_us : deadline_us;
    }
    return deadline_us;
}
