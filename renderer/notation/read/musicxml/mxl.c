/* Compressed scores: a zip whose META-INF/container.xml names the root file. Bounded: number of
 * entries, unpacked size, ratio; nothing is written anywhere. */
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <zip.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/notation/read/musicxml/mx.h"

#define CONTAINER_BYTES_MAX (64u * 1024)

/* The whole entry, malloc'ed; at most max bytes. */
static int read_entry(zip_t *zip, const char *name, size_t max, char **out, size_t *out_len,
                      const char **why) {
    zip_stat_t stat;
    zip_int64_t index = zip_name_locate(zip, name, 0);
    int code = LG_EBADREQUEST;
    *why = "the compressed score lacks a file that it names";
    if (index < 0 || zip_stat_index(zip, (zip_uint64_t)index, 0, &stat) != 0 ||
        (stat.valid & ZIP_STAT_SIZE) == 0 || (stat.valid & ZIP_STAT_COMP_SIZE) == 0) {
        return code;
    }
    if (stat.size > max || stat.size / LIMIT_MXL_RATIO > stat.comp_size) {
        *why = "the compressed score is too large when it is unpacked (see docs/operations.md)";
        return LG_ETOOLARGE;
    }
    zip_file_t *file = zip_fopen_index(zip, (zip_uint64_t)index, 0);
    char *bytes = malloc((size_t)stat.size + 1);
    if (bytes == NULL) {
        *why = "out of memory";
        code = LG_ENOMEM;
    }
    /* One byte more than it says: an entry that goes on is a lie. */
    zip_int64_t n = file != NULL && bytes != NULL ? zip_fread(file, bytes, stat.size + 1) : -1;
    if (file != NULL) {
        zip_fclose(file);
    }
    if (n < 0 || (zip_uint64_t)n != stat.size) {
        free(bytes);
        *why = code == LG_ENOMEM ? *why : "the compressed score is damaged";
        return code;
    }
    *out = bytes;
    *out_len = (size_t)n;
    return 0;
}

/* full-path of the first <rootfile>, xmlFree'd by the caller; NULL. */
static xmlChar *root_path(const char *bytes, size_t len) {
    xmlChar *path = NULL;
    xmlDoc *doc = xmlReadMemory(bytes, (int)len, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    xmlNode *root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
    xmlNode *files = root != NULL ? mx_child(root, "rootfiles") : NULL;
    xmlNode *file = files != NULL ? mx_child(files, "rootfile") : NULL;
    if (file != NULL) {
        path = xmlGetNoNsProp(file, (const xmlChar *)"full-path");
    }
    xmlFreeDoc(doc);
    return path;
}

static int unpack(zip_t *zip, char **out, size_t *out_len, const char **why) {
    char *container = NULL;
    size_t container_len = 0;
    if (zip_get_num_entries(zip, 0) > LIMIT_MXL_ENTRIES) {
        *why = "the compressed score has too many files (see docs/operations.md)";
        return LG_ETOOLARGE;
    }
    int code = read_entry(zip, "META-INF/container.xml", CONTAINER_BYTES_MAX, &container,
                          &container_len, why);
    if (code != 0) {
        return code;
    }
    xmlChar *path = root_path(container, container_len);
    free(container);
    if (path == NULL) {
        *why = "META-INF/container.xml of the compressed score names no root file";
        return LG_EBADREQUEST;
    }
    code = read_entry(zip, (const char *)path, LIMIT_NOTATION_BYTES, out, out_len, why);
    xmlFree(path);
    return code;
}

int mxl_unpack(const char *bytes, size_t len, char **out, size_t *out_len, const char **why) {
    zip_error_t error;
    zip_error_init(&error);
    *why = "the bytes look like a zip and are none";
    int code = LG_EBADREQUEST;
    zip_source_t *source = zip_source_buffer_create(bytes, len, 0, &error);
    zip_t *zip = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (zip != NULL) {
        code = unpack(zip, out, out_len, why);
        zip_discard(zip); /* frees the source too */
    } else if (source != NULL) {
        zip_source_free(source);
    }
    zip_error_fini(&error);
    return code;
}
