/* Decoding with gdk-pixbuf, from memory, with the size checked before pixels are
 * made. The last pictures used are kept by the hash of their bytes. */
#include "renderer/types/bitmap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cairo.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <sodium.h>

#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/score/score.h"
#include "renderer/types/shapes/shape.h"

#define FEED_BYTES   8192
#define CACHE_SLOTS  256
#define DIGEST_BYTES 16

struct cached_bitmap {
    unsigned char digest[DIGEST_BYTES];
    struct draw_resource *bitmap; /* NULL = free slot */
    size_t size_bytes;
    uint64_t used; /* larger = later */
};

/* The one cache of the process; only the score thread comes here. */
static struct bitmap_cache {
    struct cached_bitmap slots[CACHE_SLOTS];
    size_t size_bytes;
    uint64_t clock;
} cache;

static void cache_drop(struct cached_bitmap *slot) {
    cache.size_bytes -= slot->size_bytes;
    resource_unref(slot->bitmap);
    *slot = (struct cached_bitmap){0};
}

static struct draw_resource *cache_find(const unsigned char *digest) {
    for (size_t slot_i = 0; slot_i < CACHE_SLOTS; slot_i++) {
        struct cached_bitmap *slot = &cache.slots[slot_i];
        if (slot->bitmap != NULL && memcmp(slot->digest, digest, DIGEST_BYTES) == 0) {
            slot->used = ++cache.clock;
            return resource_ref(slot->bitmap);
        }
    }
    return NULL;
}

static struct cached_bitmap *oldest_slot(void) {
    struct cached_bitmap *oldest = &cache.slots[0];
    for (size_t slot_i = 0; slot_i < CACHE_SLOTS; slot_i++) {
        if (cache.slots[slot_i].used < oldest->used) {
            oldest = &cache.slots[slot_i];
        }
    }
    return oldest;
}

static struct cached_bitmap *oldest_filled(void) {
    struct cached_bitmap *oldest = NULL;
    for (size_t slot_i = 0; slot_i < CACHE_SLOTS; slot_i++) {
        struct cached_bitmap *slot = &cache.slots[slot_i];
        if (slot->bitmap != NULL && (oldest == NULL || slot->used < oldest->used)) {
            oldest = slot;
        }
    }
    return oldest;
}

static void cache_put(const unsigned char *digest, struct draw_resource *bitmap,
                      size_t size_bytes) {
    if (size_bytes > LIMIT_BITMAP_CACHE_BYTES / 2) {
        return;
    }
    while (cache.size_bytes + size_bytes > LIMIT_BITMAP_CACHE_BYTES) {
        cache_drop(oldest_filled());
    }
    struct cached_bitmap *slot = oldest_slot();
    if (slot->bitmap != NULL) {
        cache_drop(slot);
    }
    memcpy(slot->digest, digest, DIGEST_BYTES);
    slot->bitmap = resource_ref(bitmap);
    slot->size_bytes = size_bytes;
    slot->used = ++cache.clock;
    cache.size_bytes += size_bytes;
}

static void on_size_prepared(GdkPixbufLoader *loader, int width, int height, void *refused) {
    if (width <= 0 || height <= 0 || width > LIMIT_SOURCE_SIDE_PX ||
        height > LIMIT_SOURCE_SIDE_PX || (uint64_t)width * (uint64_t)height > LIMIT_PIXELS) {
        lg_log(LG_LOG_WARN, "bitmap", "too_large", "width=%d height=%d", width, height);
        *(gboolean *)refused = TRUE;
        gdk_pixbuf_loader_set_size(loader, 0, 0); /* makes no pixels */
    }
}

static uint32_t read_u32(const unsigned char *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The loaders take a file that ends too early for a picture with an empty rest; PNG and JPEG tell
 * by their ends. */
static bool is_cut_short(const unsigned char *data, size_t size_bytes) {
    static const unsigned char PNG[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    if (size_bytes >= sizeof PNG && memcmp(data, PNG, sizeof PNG) == 0) {
        size_t at = sizeof PNG;
        while (size_bytes - at >= 12) {
            size_t chunk_bytes = (size_t)read_u32(data + at) + 12;
            if (memcmp(data + at + 4, "IEND", 4) == 0) {
                return false;
            }
            if (chunk_bytes > size_bytes - at) {
                return true;
            }
            at += chunk_bytes;
        }
        return true;
    }
    if (size_bytes >= 3 && data[0] == 0xff && data[1] == 0xd8 && data[2] == 0xff) {
        for (size_t at = size_bytes - 1; at > 2; at--) {
            if (data[at - 1] == 0xff && data[at] == 0xd9) {
                return false;
            }
        }
        return true;
    }
    return false;
}

/* A whole picture or NULL; the caller's. */
static GdkPixbuf *decode(const unsigned char *data, size_t size_bytes) {
    GdkPixbufLoader *loader = gdk_pixbuf_loader_new();
    gboolean is_refused = FALSE;
    GdkPixbuf *pixbuf = NULL;
    g_signal_connect(loader, "size-prepared", G_CALLBACK(on_size_prepared), &is_refused);
    bool is_fed = true;
    for (size_t at = 0; at < size_bytes && is_fed && !is_refused; at += FEED_BYTES) {
        size_t n = size_bytes - at < FEED_BYTES ? size_bytes - at : FEED_BYTES;
        is_fed = gdk_pixbuf_loader_write(loader, data + at, n, NULL);
    }
    bool is_whole = gdk_pixbuf_loader_close(loader, NULL);
    if (is_fed && is_whole && !is_refused) {
        pixbuf = gdk_pixbuf_loader_get_pixbuf(loader);
        if (pixbuf != NULL) {
            g_object_ref(pixbuf);
        }
    }
    g_object_unref(loader);
    return pixbuf;
}

static uint32_t premultiply(const guchar *px, bool has_alpha) {
    uint32_t a = has_alpha ? px[3] : 255;
    uint32_t r = (px[0] * a + 127) / 255, g = (px[1] * a + 127) / 255, b = (px[2] * a + 127) / 255;
    return a << 24 | r << 16 | g << 8 | b;
}

/* width x height, 8 bits, RGB or RGBA in; ARGB32 premultiplied out; origin top-left. */
static cairo_surface_t *to_surface(const GdkPixbuf *pixbuf) {
    int width = gdk_pixbuf_get_width(pixbuf), height = gdk_pixbuf_get_height(pixbuf);
    bool has_alpha = gdk_pixbuf_get_has_alpha(pixbuf);
    size_t step = (size_t)gdk_pixbuf_get_n_channels(pixbuf);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(surface);
        return NULL;
    }
    const guchar *from = gdk_pixbuf_read_pixels(pixbuf);
    unsigned char *to = cairo_image_surface_get_data(surface);
    size_t from_stride = (size_t)gdk_pixbuf_get_rowstride(pixbuf);
    size_t to_stride = (size_t)cairo_image_surface_get_stride(surface);
    for (size_t y = 0; y < (size_t)height; y++) {
        uint32_t *row = (uint32_t *)(void *)(to + y * to_stride);
        for (size_t x = 0; x < (size_t)width; x++) {
            row[x] = premultiply(from + y * from_stride + x * step, has_alpha);
        }
    }
    cairo_surface_mark_dirty(surface);
    return surface;
}

int bitmap_decode(const void *data, size_t size_bytes, struct draw_resource **out) {
    unsigned char digest[DIGEST_BYTES];
    crypto_generichash(digest, sizeof digest, data, size_bytes, NULL, 0);
    *out = cache_find(digest);
    if (*out != NULL) {
        return LG_OK;
    }
    GdkPixbuf *pixbuf = is_cut_short(data, size_bytes) ? NULL : decode(data, size_bytes);
    cairo_surface_t *surface = pixbuf != NULL ? to_surface(pixbuf) : NULL;
    if (pixbuf != NULL) {
        g_object_unref(pixbuf);
    }
    if (surface == NULL) {
        return LG_EBADREQUEST;
    }
    size_t decoded_bytes = (size_t)cairo_image_surface_get_stride(surface) *
                           (size_t)cairo_image_surface_get_height(surface);
    *out = resource_give_bitmap(surface);
    if (*out == NULL) {
        return LG_ENOMEM;
    }
    cache_put(digest, *out, decoded_bytes);
    return LG_OK;
}

int bitmap_load(const struct object *object, const char *path, struct draw_resource **out) {
    const struct score_env *env = score_env(object->score);
    char *data = NULL;
    size_t size_bytes = 0;
    int code =
        env->read_file(env->ctx, score_root_path(object->score, object), path, &data, &size_bytes);
    if (code == LG_EBUSY) {
        return code;
    }
    if (code != LG_OK) {
        return code == LG_ETOOLARGE ? LG_EBADREQUEST : LG_ENOTFOUND;
    }
    code = bitmap_decode(data, size_bytes, out);
    free(data);
    return code;
}

/* -- showing ------------------------------------------------------------------ */

void bitmap_box(const struct draw_resource *bitmap, struct box *out) {
    double extents[4] = {0};
    if (bitmap != NULL) {
        resource_extents(bitmap, extents);
    }
    *out = (struct box){0, 0, extents[2], extents[3]};
}

void bitmap_draw(struct draw_resource *bitmap, const struct object *object,
                 const struct placement *placement, struct display_list *list) {
    if (bitmap == NULL) {
        return;
    }
    struct display_item item;
    shape_item(object, placement, &item);
    item.kind = ITEM_BITMAP;
    item.stroke_width = 0;
    item.resource = resource_ref(bitmap);
    display_list_append(list, &item);
    shape_append_pen_box(object, placement, list, item.fill.a);
}
