/* leggio-renderer: reads the options and runs. */
#include <string.h>

#include "common/options.h"
#include "renderer/draw/svg/svg_worker.h"
#include "renderer/io/javascript/javascript.h"
#include "renderer/past/history.h"
#include "renderer/renderer.h"
#include "renderer/score/alloc.h"

int main(int argc, char **argv) {
    alloc_set_up();
    if (argc == 2 && strcmp(argv[1], SVG_WORKER_OPTION) == 0) {
        return svg_worker_main();
    }
    if (argc == 2 && strcmp(argv[1], JAVASCRIPT_WORKER_OPTION) == 0) {
        return javascript_worker_main();
    }
    int status;
    struct options *loaded = options_load(&RENDERER_TABLE, argc, argv, &status);
    if (loaded == NULL) {
        return status;
    }
    options_open_log(loaded);
    struct renderer_options options;
    renderer_options_from(loaded, &options);
    svg_worker_enable();
    status = options.export_log != NULL    ? history_export_log(&options)
             : options.at != NULL          ? history_export(&options)
             : options.export_path != NULL ? renderer_export(&options)
                                           : renderer_run(&options);
    svg_worker_stop();
    options_destroy(loaded);
    return status;
}
