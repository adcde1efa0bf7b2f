/* A past picture: the nearest snapshot before it, the inputs up to it, and its display list. When
 * the pixels are not those that were published, earlier snapshots are tried: a snapshot may have
 * been the less faithful way (a memimg takes its picture again). */
#include "renderer/past/history.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/draw/export.h"
#include "renderer/draw/scene_picture.h"
#include "renderer/past/replay_private.h"
#include "renderer/past/snapshot.h"
#include "renderer/renderer.h"
#include "renderer/score/alloc.h"
#include "renderer/types/draw_scene.h"

#define HISTORY_TRIES 8 /* snapshots that are begun from, the nearest first */

struct look {
    const struct renderer_options *options;
    struct state *state;
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    struct state_version wanted;
    /* of the snapshot tried last */
    uint64_t snapshot_seq;
    struct renderer renderer;
    struct replay *replay;
    int code;
    bool is_same;
    bool has_failed; /* the file could not be written; told */
    struct text changed_files;
};

/* -- the score then --------------------------------------------------------------- */

static void make_score(struct look *look, const struct state_snapshot *snapshot) {
    struct renderer *renderer = &look->renderer;
    struct snapshot_facts facts;
    const struct files_options file_options = files_options_default();
    *renderer = (struct renderer){.options = look->options, .task_timer = -1, .delay_timer = -1};
    if (!snapshot_read_facts(snapshot, &facts)) {
        look->code = LG_EINTERNAL;
        return;
    }
    renderer->files = files_create(&file_options);
    renderer->root_path = facts.root_path;
    if (facts.root_path != NULL) {
        (void)files_allow(renderer->files,
                          facts.root_path); /* it may be gone: what is kept is kept */
    }
    renderer_env_fill(renderer);
    renderer->inputs = inputs_create(renderer);
    const struct score_options options = {.screen_px = facts.screen_px,
                                          .root_path = facts.root_path,
                                          .public_host = facts.public_host,
                                          .env = &renderer->env};
    renderer->score = score_create(&options);
    look->replay = replay_create(renderer, look->state, true);
    look->code = replay_snapshot(look->replay, snapshot);
    free(facts.public_host);
}

static void free_score(struct look *look) {
    replay_destroy(look->replay);
    look->replay = NULL;
    renderer_free_score(&look->renderer);
    inputs_destroy(look->renderer.inputs);
}

static void take_snapshot(void *ctx, const struct state_snapshot *snapshot) {
    struct look *look = ctx;
    look->snapshot_seq = snapshot->seq;
    make_score(look, snapshot);
}

static bool take_entry(void *ctx, const struct state_entry *entry) {
    struct look *look = ctx;
    look->code = replay_entry(look->replay, entry) ? LG_OK : LG_EINTERNAL;
    return look->code == LG_OK;
}

static struct object *find_scene(const struct look *look) {
    struct object **scenes;
    size_t n = score_scenes(look->renderer.score, &scenes);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(scenes[i]->name, look->scene) == 0) {
            return scenes[i];
        }
    }
    return NULL;
}

/* -- its picture -------------------------------------------------------------------- */

static int write_picture(const struct look *look, struct display_list *list,
                         const struct scene_picture *picture) {
    enum export_format format = EXPORT_PNG;
    const char *path = look->options->export_path;
    (void)export_format_of(path, &format);
    if (format == EXPORT_PNG) {
        return files_write_trusted(path, lg_bytes_data(picture->frame->png),
                                   lg_bytes_size(picture->frame->png));
    }
    uint8_t *data = NULL;
    size_t size_bytes = 0;
    int code = export_draw(list, format, &data, &size_bytes);
    code = code == LG_OK ? files_write_trusted(path, data, size_bytes) : code;
    free(data);
    return code;
}

/* Draws as the draw thread does, so that the hash of the pixels is made the same way. 0 also when
 * the picture could not be written: look->has_failed. */
static int draw(struct look *look, bool is_last_try) {
    struct object *scene = find_scene(look);
    struct display_list *list = scene != NULL ? draw_scene(scene) : NULL;
    struct picture_workshop shop;
    struct scene_picture picture = {.scene = ""};
    bool is_changed = false;
    if (list == NULL || !picture_workshop_init(&shop)) {
        display_list_unref(list);
        return LG_EINTERNAL;
    }
    int code = scene_picture_show(&picture, &shop, display_list_ref(list), look->wanted.version,
                                  &is_changed);
    look->is_same = code == LG_OK && picture.frame->pixels_hash == look->wanted.pixels_hash;
    if (code == LG_OK && (look->is_same || is_last_try)) {
        look->has_failed = write_picture(look, list, &picture) != LG_OK;
        if (look->has_failed) {
            fprintf(stderr, "leggio-renderer: cannot write %s: %s\n", look->options->export_path,
                    strerror(errno));
        }
    }
    scene_picture_finish(&picture);
    picture_workshop_finish(&shop);
    display_list_unref(list);
    return code;
}

/* From the newest snapshot up to `at`. LG_ENOTFOUND: there is none. */
static int try_from(struct look *look, uint64_t at, bool is_last_try) {
    look->code = LG_OK;
    int code = state_read_snapshot(look->state, at, take_snapshot, look);
    if (code != LG_OK) {
        return code;
    }
    code = look->code;
    if (code == LG_OK) {
        code =
            state_read_entries(look->state, look->snapshot_seq, look->wanted.seq, take_entry, look);
        code = code == LG_OK ? look->code : code;
    }
    if (code == LG_OK && replay_seq(look->replay) != look->wanted.seq) {
        code = LG_EINTERNAL; /* inputs are missing: the disk had been full */
    }
    if (code == LG_OK) {
        code = draw(look, is_last_try);
    }
    if (look->changed_files.len == 0 && look->replay != NULL) {
        text_printf(&look->changed_files, "%s", replay_changed_files(look->replay));
    }
    free_score(look);
    return code;
}

/* -- what to say ------------------------------------------------------------------------ */

static void take_version(void *ctx, const struct state_version *version) {
    struct look *look = ctx;
    look->wanted = *version;
    look->wanted.scene = look->scene;
}

/* "1234" or "violin1:1234". */
static bool read_wish(struct look *look, uint64_t *version) {
    const char *at = look->options->at, *colon = strrchr(at, ':');
    const char *digits = colon != NULL ? colon + 1 : at;
    size_t len = colon != NULL ? (size_t)(colon - at) : 0;
    char *end;
    if (len > LIMIT_SCENE_NAME_BYTES) {
        return false;
    }
    snprintf(look->scene, sizeof look->scene, "%.*s", colon != NULL ? (int)len : 5,
             colon != NULL ? at : "scene");
    *version = strtoull(digits, &end, 10);
    return *digits >= '0' && *digits <= '9' && *end == '\0';
}

static int say_not_kept(struct look *look, uint64_t version) {
    uint64_t oldest = 0, newest = 0;
    if (state_version_range(look->state, look->scene, &oldest, &newest) == LG_OK) {
        fprintf(stderr,
                "leggio-renderer: version %" PRIu64 " of scene %s is not kept; kept are %" PRIu64
                " to %" PRIu64 "\n",
                version, look->scene, oldest, newest);
    } else {
        fprintf(stderr, "leggio-renderer: no picture of a scene %s is kept\n", look->scene);
    }
    return 1;
}

static int say(const struct look *look) {
    if (look->is_same) {
        printf("version %" PRIu64
               " of scene %s: the pixels are those that were published (hash %016" PRIx64 ")\n",
               look->wanted.version, look->scene, look->wanted.pixels_hash);
        return 0;
    }
    fprintf(stderr,
            "leggio-renderer: version %" PRIu64
            " of scene %s: the pixels differ from those that were published\n",
            look->wanted.version, look->scene);
    if (look->changed_files.len > 0) {
        fprintf(stderr, "files that are not what they were, and were too large to be kept:\n%s",
                look->changed_files.data);
    }
    return 1;
}

struct state *history_open(const struct renderer_options *options) {
    char *dir = renderer_state_dir(options);
    struct state *state = dir != NULL ? state_open_to_read(dir) : NULL;
    free(dir);
    return state;
}

static int look_at(struct look *look, uint64_t version) {
    int code = state_read_version(look->state, look->scene, version, take_version, look);
    if (code != LG_OK) {
        return say_not_kept(look, version);
    }
    uint64_t at = look->wanted.seq, nearest = at;
    for (int i = 0; i < HISTORY_TRIES && !look->is_same; i++) {
        int tried = try_from(look, at, false);
        if (tried == LG_ENOTFOUND) {
            break;
        }
        at = look->snapshot_seq > 0 ? look->snapshot_seq - 1 : 0;
    }
    if (!look->is_same) { /* the nearest is the best that there is */
        code = try_from(look, nearest, true);
    }
    if (code != LG_OK) {
        fprintf(stderr,
                "leggio-renderer: version %" PRIu64 " of scene %s cannot be drawn again: %s\n",
                version, look->scene, "what led to it is not kept whole");
        return 1;
    }
    return look->has_failed ? 1 : say(look);
}

int history_export(const struct renderer_options *options) {
    struct look look = {.options = options, .state = history_open(options)};
    uint64_t version;
    if (look.state == NULL) {
        return 1;
    }
    int status = 1;
    if (read_wish(&look, &version)) {
        status = look_at(&look, version);
    } else {
        fprintf(stderr, "leggio-renderer: --at: %s is no version (1234, or SCENE:1234)\n",
                options->at);
    }
    text_finish(&look.changed_files);
    state_close(look.state);
    return status;
}
