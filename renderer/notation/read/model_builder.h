/* How readers fill the model: items in order of writing, dates and event ranges are kept by the
 * builder, which bounds what it takes too. One builder per read. All functions return false when
 * the piece is refused: the arena is full or a LIMIT_NOTATION_* is met; model_builder_failure says
 * which, and everything after returns false too.
 *
 * Texts of tags and notes are borrowed for the life of the model: literals, or out of
 * model_builder_arena. Arrays (params, notes, notes' tags) are copied, except notation_note.tags.
 */
#ifndef LEGGIO_NOTATION_MODEL_BUILDER_H
#define LEGGIO_NOTATION_MODEL_BUILDER_H

#include "renderer/notation/model.h"

struct model_builder;

struct model_builder *model_builder_create(size_t limit_bytes);
/* The finished model; the builder is gone. NULL when something was refused. */
struct notation *model_builder_finish(struct model_builder *builder);
void model_builder_destroy(struct model_builder *builder);
/* What was refused, in words with the limit; NULL when all is well. *code: LG_ETOOLARGE,
 * LG_EBADREQUEST or LG_ENOMEM. */
const char *model_builder_failure(const struct model_builder *builder, int *code);
struct arena *model_builder_arena(struct model_builder *builder);
struct notation *model_builder_notation(struct model_builder *builder);

bool model_builder_begin_voice(struct model_builder *builder);
/* A voice that goes on at a date (gmn.h). `states`: position tags in force, each at its own date;
 * n_notes, n_tags: what the earlier text had of all voices, for the limits. */
struct voice_start;
bool model_builder_begin_voice_at(struct model_builder *builder, const struct voice_start *start);
void model_builder_count(struct model_builder *builder, uint32_t n_notes, uint32_t n_tags);
/* Nothing is open, and since the last event nothing but ends of ranges was written. */
bool model_builder_is_between(const struct model_builder *builder);
uint32_t model_builder_n_notes(const struct model_builder *builder);
uint32_t model_builder_n_tags(const struct model_builder *builder);
/* Closes open ranges and pairs (with a warning). */
bool model_builder_end_voice(struct model_builder *builder);
/* A position tag (parameters are checked, with warnings), or with has_range a range that
 * model_builder_close_range ends (last opened first). `tag`: kind, name, id, params, line, column
 * are copied. */
bool model_builder_tag(struct model_builder *builder, const struct notation_tag *tag);
bool model_builder_close_range(struct model_builder *builder);
/* Begin/End pairs, matched by kind and id (gmn.md 7 BE). */
bool model_builder_pair_begin(struct model_builder *builder, const struct notation_tag *tag);
bool model_builder_pair_end(struct model_builder *builder, enum notation_tag_kind kind, int64_t id,
                            int line, int column);
/* An event at the voice's current date; advances by event->duration. What open ranges say is filled
 * in: \grace makes the durations 0, \cue, \alter the detune of its notes. `written` is what the
 * text says. */
bool model_builder_event(struct model_builder *builder, const struct notation_event *event);
/* A tag of a chord member: not among the items; its index for notation_note.tags, NOTATION_NONE
 * when it is refused. The chord's event comes next. */
uint32_t model_builder_member_tag(struct model_builder *builder, const struct notation_tag *tag);
/* Index of the tag that came last. */
uint32_t model_builder_last_tag(const struct model_builder *builder);
struct rational model_builder_date(const struct model_builder *builder);
void model_builder_warn(struct model_builder *builder, int line, int column, const char *format,
                        ...) __attribute__((format(printf, 4, 5)));

#endif
