/* The table of options, and the checks that look at more than one. */
#include "engrave/engrave_options.h"

#include <stdio.h>
#include <string.h>

#include "proto/limits.h"

static const struct option_row ROWS[] = {
    {"file", OPTION_LIST, "FILE", NULL,
     .text = "the score: .gmn, .xml, .musicxml, .mxl; - is standard input", .is_operand = true},
    {"format", OPTION_STRING, "FORMAT", NULL, .choices = "png|svg|pdf",
     .text = "of the picture; default: by the name of --output, else png"},
    {"page", OPTION_INT, "N", NULL, 1, 100000,
     .text = "draw this page; default: the first, of a PDF all"},
    {"width", OPTION_INT, "PX", NULL, 1, LIMIT_SIDE_PX,
     .text = "width of the picture; default: 96 pixels an inch"},
    {"output", OPTION_STRING, "FILE", NULL,
     .text = "write the picture here; - is standard output; default: named after the score",
     .letter = 'o'},
    {"json", OPTION_FLAG, .text = "print what the score is as JSON; a picture only with --output"},
    {"maps", OPTION_FLAG, .text = "with --json: the maps between dates and places too"},
};

static int check(const struct options *options, char *why, size_t size_bytes) {
    const char *const *files;
    if (options_list(options, "file", &files) != 1) {
        snprintf(why, size_bytes, "one score FILE is needed (or - for standard input); see --help");
        return -1;
    }
    const char *output = options_string(options, "output");
    if (strcmp(files[0], "-") == 0 && output == NULL && !options_flag(options, "json")) {
        snprintf(why, size_bytes, "a score from standard input needs --output FILE (or --json)");
        return -1;
    }
    if (options_flag(options, "maps") && !options_flag(options, "json")) {
        snprintf(why, size_bytes, "--maps goes with --json");
        return -1;
    }
    if (options_flag(options, "json") && output != NULL && strcmp(output, "-") == 0) {
        snprintf(why, size_bytes, "--json and the picture cannot both go to standard output");
        return -1;
    }
    return 0;
}

const struct options_table ENGRAVE_TABLE = {
    .program = "leggio-engrave",
    .summary = "Draws a score in GUIDO Music Notation or MusicXML, or tells what is in it.",
    .rows = ROWS,
    .n_rows = sizeof ROWS / sizeof ROWS[0],
    .check = check,
};
