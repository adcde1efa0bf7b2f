/* The pages of a stream: final ones, then the systems that may still move to another page together
 * with the run's own. */
#include <stdatomic.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/stream/stream_private.h"

static atomic_uint_fast64_t next_stamp = 1;

bool stream_splice(struct stream_run *run) {
    const struct engraving_stream *stream = run->stream;
    struct vertical *vertical = &run->vertical;
    uint32_t n_open = stream->n_open, n_own = vertical->placed->n_systems;
    vertical->first_system = stream->n_systems;
    vertical->first_page = stream->n_pages;
    vertical->n_kept = n_open + run->n_settled;
    if (n_open == 0) {
        return true;
    }
    struct placed_score *placed = arena_alloc(run->arena, sizeof *placed);
    struct placed_system *systems =
        arena_array(run->arena, n_open + (size_t)n_own, sizeof *systems);
    struct vertical_system *of = arena_array(run->arena, n_open + (size_t)n_own, sizeof *of);
    if (placed == NULL || systems == NULL || of == NULL) {
        return false;
    }
    memcpy(systems, stream->placed, n_open * sizeof *systems);
    memcpy(systems + n_open, vertical->placed->systems, n_own * sizeof *systems);
    memcpy(of, stream->vertical, n_open * sizeof *of);
    memcpy(of + n_open, vertical->systems, n_own * sizeof *of);
    *placed = *vertical->placed;
    placed->systems = systems;
    placed->n_systems = n_open + n_own;
    vertical->placed = placed;
    vertical->systems = of;
    return true;
}

static void stamp_pages(const struct engraving_stream *stream, struct engraving *out) {
    const struct engraving *last = stream->last;
    for (size_t i = stream->n_pages; i < out->n_pages; i++) {
        bool is_same = last != NULL && i < last->n_pages && stream_pages_equal(out, i, last, i);
        out->pages[i].stamp = is_same
                                  ? last->pages[i].stamp
                                  : atomic_fetch_add_explicit(&next_stamp, 1, memory_order_relaxed);
    }
}

int stream_compose(struct stream_run *run, struct engraving *out) {
    const struct engraving_stream *stream = run->stream;
    struct engraved_page *own_pages = out->pages;
    struct engraved_system *own_systems = out->systems;
    size_t n_pages = out->n_pages + stream->n_pages, n_systems = out->n_systems + stream->n_systems;
    out->pages = arena_array(run->arena, n_pages, sizeof *out->pages);
    out->systems = arena_array(run->arena, n_systems + 1, sizeof *out->systems);
    if (out->pages == NULL || out->systems == NULL) {
        return LG_ETOOLARGE;
    }
    if (stream->n_pages > 0) {
        memcpy(out->pages, stream->pages, stream->n_pages * sizeof *out->pages);
        memcpy(out->systems, stream->systems, stream->n_systems * sizeof *out->systems);
    }
    memcpy(out->pages + stream->n_pages, own_pages, out->n_pages * sizeof *out->pages);
    memcpy(out->systems + stream->n_systems, own_systems, out->n_systems * sizeof *out->systems);
    for (size_t i = stream->n_pages; i < n_pages; i++) {
        out->pages[i].first_system += stream->n_systems;
        out->pages[i].end_system += stream->n_systems;
    }
    out->n_pages = n_pages;
    out->n_systems = n_systems;
    out->n_heads_drawn = 0;
    for (size_t i = 0; i < n_systems; i++) {
        out->systems[i].page += i >= stream->n_systems ? stream->n_pages : 0;
        out->n_heads_drawn += out->systems[i].n_heads_drawn;
    }
    stamp_pages(stream, out);
    return LG_OK;
}

/* -- going on ------------------------------------------------------------------------ */

static bool keep_systems(struct stream_run *run, uint32_t measure) {
    struct engraving_stream *stream = run->stream;
    const struct vertical *vertical = &run->vertical;
    for (uint32_t i = stream->n_open; i < vertical->placed->n_systems; i++) {
        void *placed = stream->placed, *systems = stream->vertical;
        if (vertical->placed->systems[i].end_measure > measure) {
            return true;
        }
        if (!arena_grow(stream->kept, &placed, stream->n_open, &stream->open_capacity,
                        sizeof *stream->placed) ||
            !arena_grow(stream->kept, &systems, stream->n_open, &stream->open_vertical_capacity,
                        sizeof *stream->vertical)) {
            return false;
        }
        stream->placed = placed;
        stream->vertical = systems;
        if (!stream_keep_system(stream->kept, &vertical->placed->systems[i], &vertical->systems[i],
                                &stream->placed[stream->n_open],
                                &stream->vertical[stream->n_open])) {
            return false;
        }
        stream->n_open++;
    }
    return true;
}

/* Pages [n_pages, end[ of the whole, and their systems up to `end_system`. */
static bool keep_pages(struct engraving_stream *stream, const struct engraving *composed,
                       uint32_t end_system) {
    while (stream->n_pages < composed->n_pages &&
           composed->pages[stream->n_pages].end_system <= end_system) {
        void *pages = stream->pages;
        if (!arena_grow(stream->kept, &pages, stream->n_pages, &stream->pages_capacity,
                        sizeof *stream->pages)) {
            return false;
        }
        stream->pages = pages;
        if (!stream_keep_page(stream->kept, &composed->pages[stream->n_pages],
                              &stream->pages[stream->n_pages])) {
            return false;
        }
        stream->n_pages++;
    }
    for (; stream->n_systems < end_system; stream->n_systems++) {
        void *systems = stream->systems;
        if (!arena_grow(stream->kept, &systems, stream->n_systems, &stream->systems_capacity,
                        sizeof *stream->systems)) {
            return false;
        }
        stream->systems = systems;
        if (!stream_keep_engraved(stream->kept, &composed->systems[stream->n_systems],
                                  &stream->systems[stream->n_systems])) {
            return false;
        }
    }
    return true;
}

bool stream_advance(struct stream_run *run, uint32_t measure, const struct engraving *composed) {
    struct engraving_stream *stream = run->stream;
    uint32_t begin = run->vertical.n_final;
    if (!keep_systems(run, measure) || !keep_pages(stream, composed, stream->n_systems + begin)) {
        return false;
    }
    stream->n_open -= begin;
    memmove(stream->placed, stream->placed + begin, stream->n_open * sizeof *stream->placed);
    memmove(stream->vertical, stream->vertical + begin, stream->n_open * sizeof *stream->vertical);
    return true;
}
