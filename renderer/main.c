/* leggio-renderer: reads the options and runs. */
#include "common/options.h"
#include "renderer/renderer.h"

int main(int argc, char **argv) {
    int status;
    struct options *loaded = options_load(&RENDERER_TABLE, argc, argv, &status);
    if (loaded == NULL) {
        return status;
    }
    options_open_log(loaded);
    struct renderer_options options;
    renderer_options_from(loaded, &options);
    status = options.export_path != NULL ? renderer_export(&options) : renderer_run(&options);
    options_destroy(loaded);
    return status;
}
