/* Any bytes as MusicXML or .mxl; what is accepted prints as GMN that reads as an equal score. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/notation/read/gmn.h"
#include "renderer/notation/read/musicxml.h"

/* Large prints are not read again, for speed. */
#define PRINTED_MAX (256 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct notation *notation = NULL, *again = NULL;
    struct notation_message error;
    if (musicxml_read((const char *)data, len, &notation, &error) != 0) {
        if (error.text[0] == '\0') {
            abort(); /* every refusal says why */
        }
        return 0;
    }
    char *printed = notation_print(notation);
    size_t printed_len = printed != NULL ? strlen(printed) : 0;
    if (printed_len > 0 && printed_len < PRINTED_MAX) {
        if (gmn_read(printed, printed_len, &again, &error) != 0 ||
            !notation_equal(notation, again)) {
            abort();
        }
        notation_destroy(again);
    }
    free(printed);
    notation_destroy(notation);
    return 0;
}
