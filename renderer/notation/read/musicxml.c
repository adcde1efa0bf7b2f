/* The doors of the MusicXML reader: what the bytes are, libxml2 without network and entities. */
#include "renderer/notation/read/musicxml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/notation/read/musicxml/mx.h"

bool mx_refuse(struct mx *mx, const xmlNode *node, int code, const char *format, ...) {
    if (mx->code == 0) {
        long line = node != NULL ? xmlGetLineNo(node) : 0;
        va_list args;
        va_start(args, format);
        vsnprintf(mx->error->text, sizeof(mx->error->text), format, args);
        va_end(args);
        mx->error->line = line > 0 && line < INT32_MAX ? (int)line : 0;
        mx->error->column = line > 0 ? 1 : 0;
        mx->code = code;
    }
    return false;
}

bool mx_full(struct mx *mx) {
    int code;
    const char *why = model_builder_failure(mx->builder, &code);
    if (why != NULL) {
        return mx_refuse(mx, NULL, code, "%s", why);
    }
    return mx_refuse(mx, NULL, LG_ETOOLARGE, "the piece needs more memory than %u MiB",
                     LIMIT_NOTATION_MEMORY_BYTES >> 20);
}

static bool is_zip(const char *bytes, size_t len) {
    return len >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0;
}

bool musicxml_is_likely(const char *bytes, size_t len) {
    size_t i = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (is_zip(bytes, len) ||
        (len >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))) {
        return true;
    }
    while (i < len &&
           (bytes[i] == ' ' || bytes[i] == '\t' || bytes[i] == '\n' || bytes[i] == '\r')) {
        i++;
    }
    return i < len && bytes[i] == '<';
}

/* libxml2 would print errors of encodings to stderr, whatever its options say; what matters is kept
 * by the parser. The handler belongs to the thread. */
static void be_quiet(void *context, xmlErrorPtr error) {
    (void)context;
    (void)error;
}

/* What libxml2 says, in one line. */
static void refuse_xml(struct mx *mx, const xmlError *error) {
    char text[160] = "not well formed";
    if (error != NULL && error->message != NULL) {
        snprintf(text, sizeof(text), "%s", error->message);
        text[strcspn(text, "\r\n")] = '\0';
    }
    mx_refuse(mx, NULL, LG_EBADREQUEST, "XML: %s", text);
    if (error != NULL && error->line > 0) {
        mx->error->line = error->line;
        mx->error->column = error->int2 > 0 ? error->int2 : 1;
    }
}

static bool read_document(struct mx *mx, xmlDoc *doc) {
    xmlNode *root = xmlDocGetRootElement(doc);
    if (doc->intSubset != NULL && doc->intSubset->entities != NULL) {
        return mx_refuse(mx, root, LG_EBADREQUEST, "entities of one's own are not accepted");
    }
    if (root == NULL || (!mx_is(root, "score-partwise") && !mx_is(root, "score-timewise"))) {
        return mx_refuse(mx, root, LG_EBADREQUEST,
                         "expected <score-partwise> or <score-timewise>, found <%.60s>",
                         root != NULL ? (const char *)root->name : "");
    }
    bool is_well = mx_read_score(mx, root) && mx_emit(mx, root);
    if (is_well && arena_is_full(mx->arena)) {
        return mx_full(mx);
    }
    struct notation *notation = model_builder_notation(mx->builder);
    notation->has_own_accidentals = mx->has_accidentals;
    notation->has_own_beams = mx->has_beams;
    return is_well;
}

static void read_xml(struct mx *mx, const char *bytes, size_t len) {
    xmlParserCtxt *context = xmlNewParserCtxt();
    if (context == NULL) {
        mx_refuse(mx, NULL, LG_ENOMEM, "out of memory");
        return;
    }
    xmlDoc *doc =
        xmlCtxtReadMemory(context, bytes, (int)len, NULL, NULL,
                          XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                              XML_PARSE_NOCDATA | XML_PARSE_COMPACT | XML_PARSE_BIG_LINES);
    if (doc == NULL) {
        refuse_xml(mx, xmlCtxtGetLastError(context));
    } else {
        read_document(mx, doc);
    }
    xmlFreeDoc(doc);
    xmlFreeParserCtxt(context);
}

static void read_bytes(struct mx *mx, const char *bytes, size_t len) {
    char *unpacked = NULL;
    size_t unpacked_len = 0;
    const char *why;
    if (!is_zip(bytes, len)) {
        read_xml(mx, bytes, len);
        return;
    }
    int code = mxl_unpack(bytes, len, &unpacked, &unpacked_len, &why);
    if (code != 0) {
        mx_refuse(mx, NULL, code, "%s", why);
    } else {
        read_xml(mx, unpacked, unpacked_len);
    }
    free(unpacked);
}

static int finish(struct mx *mx, struct notation **out) {
    struct notation *notation = mx->code == 0 ? model_builder_finish(mx->builder) : NULL;
    if (notation == NULL) {
        mx_full(mx);
        model_builder_destroy(mx->builder);
        return mx->code;
    }
    *out = notation;
    return 0;
}

int musicxml_read(const char *bytes, size_t len, struct notation **out,
                  struct notation_message *error) {
    struct notation_message unused;
    struct mx mx = {.error = error != NULL ? error : &unused};
    *mx.error = (struct notation_message){0};
    if (len > LIMIT_NOTATION_BYTES) {
        mx_refuse(&mx, NULL, LG_ETOOLARGE, "the score is longer than %u MiB",
                  LIMIT_NOTATION_BYTES >> 20);
        return mx.code;
    }
    mx.builder = model_builder_create(LIMIT_NOTATION_MEMORY_BYTES);
    if (mx.builder == NULL) {
        return LG_ENOMEM;
    }
    mx.arena = model_builder_arena(mx.builder);
    xmlStructuredErrorFunc outer = xmlStructuredError;
    void *outer_context = xmlStructuredErrorContext;
    xmlSetStructuredErrorFunc(NULL, be_quiet);
    read_bytes(&mx, bytes, len);
    xmlSetStructuredErrorFunc(outer_context, outer);
    return finish(&mx, out);
}
