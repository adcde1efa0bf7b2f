/* Pictures at other widths than a scene's own, drawn on a thread of their own
 * so that they delay neither the score nor the pictures that everybody sees.
 * The gateways ask once per version and width, whatever their clients ask. */
#include <stdlib.h>

#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/draw/view_picture.h"
#include "renderer/parts.h"

struct views {
    struct renderer *renderer;
    struct worker *worker;
    size_t n_waiting;
};

/* One picture; goes to the worker and back. */
struct view {
    struct views *views;
    struct call *call;
    struct display_list *list;
    struct frame *shown;
    uint32_t width_px;
    struct frame *frame;
};

struct views *views_create(struct renderer *renderer) {
    struct views *views = calloc(1, sizeof *views);
    struct worker *worker = views == NULL ? NULL : worker_create();
    if (worker == NULL) {
        free(views);
        return NULL;
    }
    *views = (struct views){renderer, worker, 0};
    return views;
}

void views_stop(struct views *views) {
    if (views != NULL && views->worker != NULL) {
        worker_destroy(views->worker);
        views->worker = NULL;
    }
}

void views_destroy(struct views *views) {
    views_stop(views);
    free(views);
}

static void free_view(struct view *view) {
    display_list_unref(view->list);
    frame_unref(view->shown);
    frame_unref(view->frame);
    free(view);
}

/* On the score thread again. */
static void answer(void *ctx) {
    struct view *view = ctx;
    struct renderer *renderer = view->views->renderer;
    view->views->n_waiting--;
    if (renderer->calls != NULL && view->frame != NULL) {
        struct msg_reply reply;
        renderer_reply_now(renderer, view->call, &reply);
        reply.version = view->frame->version;
        call_server_answer_frame(renderer->calls, view->call, &reply, view->frame);
    } else if (renderer->calls != NULL) {
        call_server_refuse(renderer->calls, view->call, LG_EINTERNAL, "the picture was not drawn");
    }
    free_view(view);
}

/* On the views' worker. */
static void draw(void *ctx) {
    struct view *view = ctx;
    view->frame = view_picture_draw(view->list, view->shown, view->width_px);
    if (loop_post(view->views->renderer->loop, answer, view) != LG_OK) {
        lg_log(LG_LOG_ERROR, "views", "no_memory", "scene=%s", view->shown->scene);
        free_view(view); /* the gateway's deadline ends the call */
    }
}

void views_answer(struct views *views, struct call *call) {
    struct renderer *renderer = views->renderer;
    uint32_t width_px = (uint32_t)call_request(call)->width_px;
    struct view *view = calloc(1, sizeof *view);
    if (view == NULL || views->n_waiting >= LIMIT_VIEWS_WAITING) {
        free(view);
        call_server_refuse(renderer->calls, call, LG_EBUSY, "too many pictures are being drawn");
        return;
    }
    *view = (struct view){.views = views, .call = call, .width_px = width_px};
    view->list = draw_thread_shown(renderer->draw, call_scene(call), &view->shown);
    int code = LG_ENOTFOUND;
    const char *why = "no picture of this scene yet";
    if (view->list != NULL) {
        bool fits =
            view_picture_height(view->shown->width_px, view->shown->height_px, width_px) > 0;
        code = fits ? LG_OK : LG_ETOOLARGE;
        why = "the picture would be too large";
    }
    if (code == LG_OK) {
        views->n_waiting++;
        code = worker_give(views->worker, draw, view);
        why = "too many pictures are being drawn";
        views->n_waiting -= code == LG_OK ? 0 : 1;
    }
    if (code != LG_OK) {
        call_server_refuse(renderer->calls, call, code, why);
        free_view(view);
    }
}
