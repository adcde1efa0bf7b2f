/* The table of options, and which command takes which. */
#include <stdio.h>
#include <string.h>

#include "common/auth_tokens.h"
#include "keys/keys.h"

static const struct option_row ROWS[] = {
    {"command", OPTION_LIST, "COMMAND", NULL, .text = "token", .is_operand = true},
    {"role", OPTION_STRING, "ROLE", NULL, .choices = "view|play|conduct",
     .text = "token: what who shows it may do"},
    {"label", OPTION_STRING, "TEXT", NULL,
     .text = "token: whose it is, for the log and for you; at most 63 bytes"},
};

static int check(const struct options *options, char *why, size_t size_bytes) {
    const char *const *words;
    size_t n_words = options_list(options, "command", &words);
    const char *label = options_string(options, "label");
    if (n_words == 0) {
        snprintf(why, size_bytes, "a command is needed: token; see --help");
        return -1;
    }
    if (strcmp(words[0], "token") != 0 || n_words != 1) {
        snprintf(why, size_bytes, "the command is token, without further words; see --help");
        return -1;
    }
    if (options_string(options, "role") == NULL) {
        snprintf(why, size_bytes, "token needs --role: view, play or conduct");
        return -1;
    }
    if (label != NULL && (strlen(label) >= AUTH_LABEL_ROOM || strpbrk(label, "\r\n") != NULL)) {
        snprintf(why, size_bytes, "--label: one line of at most %d bytes", AUTH_LABEL_ROOM - 1);
        return -1;
    }
    return 0;
}

const struct options_table KEYS_TABLE = {
    "leggio-keys",
    "Makes keys. leggio-keys token --role ROLE >> FILE appends to the file of --auth\n"
    "and shows the token, once, on the terminal (standard error).",
    ROWS,
    sizeof ROWS / sizeof ROWS[0],
    check,
};
