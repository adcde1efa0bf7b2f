/* The --auth file and the places where a token may stand: any bytes. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/access/auth_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct auth_table table = {0};
    char why[300] = "", token[AUTH_TOKEN_ROOM];
    int code = auth_file_parse("FILE", (const char *)data, size, &table, why, sizeof why);
    assert((code == 0) == (why[0] == '\0'));
    assert(code == 0 || table.entries == NULL);
    for (size_t i = 0; i < table.n_entries; i++) {
        assert(table.entries[i].role >= AUTH_VIEW && table.entries[i].role <= AUTH_CONDUCT);
        assert(strlen(table.entries[i].label) < AUTH_LABEL_ROOM);
    }
    auth_table_finish(&table);
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    auth_find_token(text, text, token);
    assert(strlen(token) < AUTH_TOKEN_ROOM);
    free(text);
    return 0;
}
