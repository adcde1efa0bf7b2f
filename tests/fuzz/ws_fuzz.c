/* Messages of strangers to the WebSocket gateway: any bytes are read as a
 * request of the INScore dialect, and answered in JSON that can be read again. */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway-ws/inscore_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(char *text, const char *id) {
    json_t *root = json_loads(text, JSON_ALLOW_NUL, NULL);
    assert(json_is_object(root));
    assert(strcmp(json_string_value(json_object_get(root, "id")), id) == 0);
    json_decref(root);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct inscore_request request;
    inscore_parse((const char *)data, size, &request);
    assert(request.id != NULL && strlen(request.id) <= INSCORE_ID_BYTES_MAX);
    assert(request.method == INSCORE_BAD || request.id[0] != '\0');
    assert(strlen(request.text) == request.text_size_bytes);
    check_json(inscore_error(request.id, (const char *)data, size), request.id);
    char *start = inscore_image_start(request.id);
    check_json(inscore_image_failed(start), request.id);
    free(start);
    inscore_request_finish(&request);
    return 0;
}
