/* The doors of the GMN reader, and how it refuses. */
#include "renderer/notation/read/gmn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/read/gmn_reader.h"

bool gmn_refuse(struct gmn_reader *reader, struct gmn_loc loc, int code, const char *format, ...) {
    if (reader->code == 0) {
        va_list args;
        va_start(args, format);
        vsnprintf(reader->error->text, sizeof(reader->error->text), format, args);
        va_end(args);
        reader->error->line = loc.line;
        reader->error->column = loc.col;
        reader->code = code;
    }
    return false;
}

bool gmn_refuse_builder(struct gmn_reader *reader, struct gmn_loc loc) {
    int code;
    const char *why = model_builder_failure(reader->builder, &code);
    if (why == NULL) { /* the reader's own use of the arena */
        return gmn_refuse(reader, loc, LG_ETOOLARGE, "the piece needs more memory than %u MiB",
                          LIMIT_NOTATION_MEMORY_BYTES >> 20);
    }
    return gmn_refuse(reader, loc, code, "%s", why);
}

/* What a partial text leaves open, after its last whole symbol. */
static void close_partial(struct gmn_reader *reader) {
    struct gmn_loc loc = reader->lexer.at;
    bool is_well = true;
    if (reader->is_in_chord && reader->n_members > 0) {
        is_well = gmn_end_chord(reader, loc); /* without the member under way */
    }
    if (is_well && reader->is_in_voice) {
        gmn_end_voice(reader, loc);
    }
}

static void read_text(struct gmn_reader *reader) {
    int result = gmn_parse_text(reader);
    struct gmn_loc start = {0};
    if (result == 0) {
        return;
    }
    /* A partial text may end anywhere; what its lexer or the builder refused stays refused. */
    if (reader->is_partial && reader->lexer.is_at_end && reader->code == LG_EBADREQUEST) {
        reader->code = 0;
        close_partial(reader);
        return;
    }
    gmn_refuse(reader, start, result == 2 ? LG_ENOMEM : LG_EINTERNAL,
               result == 2 ? "out of memory" : "the reader stopped");
}

static int read_any(const char *text, size_t len, struct gmn_reader *with, struct notation **out,
                    struct notation_message *error) {
    struct notation_message unused;
    struct gmn_reader reader = {.error = error != NULL ? error : &unused,
                                .is_partial = with->is_partial,
                                .tail = with->tail};
    struct gmn_loc start = {.line = 1, .col = 1};
    *reader.error = (struct notation_message){0};
    if (len > LIMIT_NOTATION_BYTES) {
        gmn_refuse(&reader, start, LG_ETOOLARGE, "the text is longer than %u MiB",
                   LIMIT_NOTATION_BYTES >> 20);
        return reader.code;
    }
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    reader.lexer.text = text;
    reader.lexer.len = len;
    reader.lexer.at = start;
    reader.builder = model_builder_create(LIMIT_NOTATION_MEMORY_BYTES);
    if (reader.builder == NULL) {
        return LG_ENOMEM;
    }
    reader.arena = model_builder_arena(reader.builder);
    reader.names = tag_names_create(reader.arena);
    if (reader.names == NULL) {
        model_builder_destroy(reader.builder);
        return LG_ENOMEM;
    }
    if (reader.tail != NULL) {
        model_builder_count(reader.builder, reader.tail->n_notes, reader.tail->n_tags);
    }
    read_text(&reader);
    struct notation *notation = reader.code == 0 ? model_builder_finish(reader.builder) : NULL;
    if (notation == NULL) {
        gmn_refuse_builder(&reader, reader.lexer.at);
        model_builder_destroy(reader.builder);
        return reader.code;
    }
    *out = notation;
    return 0;
}

int gmn_read(const char *text, size_t len, struct notation **out, struct notation_message *error) {
    return read_any(text, len, &(struct gmn_reader){0}, out, error);
}

int gmn_read_partial(const char *text, size_t len, struct notation **out,
                     struct notation_message *error) {
    return read_any(text, len, &(struct gmn_reader){.is_partial = true}, out, error);
}

int gmn_read_tail(const char *text, size_t len, struct gmn_tail *tail, struct notation **out,
                  struct notation_message *error) {
    return read_any(text, len, &(struct gmn_reader){.is_partial = true, .tail = tail}, out, error);
}
