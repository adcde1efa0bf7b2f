/* A text that grows, engraved again after each addition: what no later text can change is kept,
 * only the rest is read, arranged and laid out. The result equals the engraving of the whole text
 * (test). One thread at a time.
 *
 * Kept are the systems before the last line break that every later layout keeps and that nothing
 * sounds, is tied or spans across. Tags that say something about the whole piece (\set, \title,
 * repeats, a new staff ...) after the first note make the next engraving, and those after it, whole
 * ones. */
#ifndef LEGGIO_NOTATION_STREAM_H
#define LEGGIO_NOTATION_STREAM_H

#include "renderer/notation/engraving.h"

struct engraving_stream;

struct engraving_stream *engraving_stream_create(void);
void engraving_stream_destroy(struct engraving_stream *stream);

/* The whole text so far; what is open at its end is closed (gmn_read_partial). Another text than
 * one that begins with the last one starts anew.
 *
 * out      one reference; equal pages have equal stamps in successive results
 * returns  as engrave()
 * shape    O(what is not kept) + O(systems) to copy their places */
int engraving_stream_engrave(struct engraving_stream *stream, const char *text, size_t len,
                             const struct engraving_options *options, struct engraving **out,
                             struct notation_message *error);
/* Would engraving_stream_engrave go on from what is kept, and how many bytes would it read? 0: it
 * reads the whole text. */
size_t engraving_stream_rest(const struct engraving_stream *stream, const char *text, size_t len,
                             const struct engraving_options *options);

#endif
