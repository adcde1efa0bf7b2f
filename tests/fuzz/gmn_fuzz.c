/* Any bytes as GMN, whole and partial; what is accepted prints as an equal score. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/notation/read/gmn.h"

/* A few bytes may stand for megabytes: those are not read again, for speed. */
#define PRINTED_MAX (256 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_round_trip(const struct notation *notation) {
    struct notation *again = NULL;
    struct notation_message error;
    char *printed = notation_print(notation);
    size_t len = printed != NULL ? strlen(printed) : 0;
    if (len > 0 && len < PRINTED_MAX) {
        if (gmn_read(printed, len, &again, &error) != 0 || !notation_equal(notation, again)) {
            abort();
        }
        notation_destroy(again);
    }
    free(printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct notation *notation = NULL;
    struct notation_message error;
    const char *text = (const char *)data;
    if (gmn_read(text, len, &notation, &error) == 0) {
        check_round_trip(notation);
        notation_destroy(notation);
    } else if (error.line <= 0 || error.column <= 0 || error.text[0] == '\0') {
        abort(); /* every refusal says where and why */
    }
    if (gmn_read_partial(text, len, &notation, &error) == 0) {
        check_round_trip(notation);
        notation_destroy(notation);
    }
    return 0;
}
