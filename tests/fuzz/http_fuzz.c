/* What the HTTP gateway reads from strangers: paths, queries, bodies of every
 * kind, ranges, tags and dates. The first byte chooses; up to a NUL comes the
 * Content-Type or header, then the rest. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "gateway-http/form.h"
#include "gateway-http/path.h"
#include "gateway-http/range.h"
#include "gateway-http/validators.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_path(const char *text) {
    size_t room = strlen(text) + 1;
    char *out = malloc(room);
    char value[64];
    if (path_clean(text, out, room) == LG_OK) {
        assert(out[0] != '/' && strstr(out, "//") == NULL && strchr(out, '\\') == NULL);
        assert(strncmp(out, "..", 2) != 0 && strstr(out, "/.") == NULL);
    }
    path_query(text, "scene", value, sizeof value);
    path_is_scene_name(text);
    free(out);
}

static void fuzz_form(const char *type, const char *body, size_t size) {
    char *copy = malloc(size + 1);
    char why[64];
    struct form form;
    memcpy(copy, body, size);
    form_parse(&form, type, copy, size, why, sizeof why);
    for (size_t i = 0; i < form.n_fields && i < FORM_FIELDS_MAX; i++) {
        assert(form.fields[i].value[form.fields[i].value_size] == '\0');
        assert(form_field(&form, form.fields[i].name) != NULL);
        form_coordinate(&form.fields[i]);
    }
    form_finish(&form);
    free(copy);
}

static void fuzz_headers(const char *text, uint64_t total) {
    struct range range;
    int64_t second;
    if (range_parse(text, total, &range) == RANGE_PART) {
        assert(range.length > 0 && range.first < total && range.length <= total - range.first);
    }
    validator_etag_matches(text, "W/\"1-2-s\"");
    validator_date_parse(text, &second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) {
        return 0;
    }
    char *text = malloc(size); /* the first byte gives room for a NUL */
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    size_t head = strlen(text);
    switch (data[0] % 3) {
    case 0:
        fuzz_path(text);
        break;
    case 1:
        if (head + 1 < size) {
            fuzz_form(text, text + head + 1, size - head - 2);
        }
        break;
    default:
        fuzz_headers(text, (uint64_t)head * 7);
        break;
    }
    free(text);
    return 0;
}
