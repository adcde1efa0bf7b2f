/* The table of options, and which command takes which. */
#include <stdio.h>
#include <string.h>

#include "common/access/auth_tokens.h"
#include "keys/keys.h"

#define NAME_MAX_BYTES 48

static const struct option_row ROWS[] = {
    {"command", OPTION_LIST, "COMMAND", NULL, .text = "token, or curve DIR", .is_operand = true},
    {"role", OPTION_STRING, "ROLE", NULL, .choices = "view|play|conduct",
     .text = "token: what who shows it may do"},
    {"label", OPTION_STRING, "TEXT", NULL,
     .text = "token: whose it is, for the log and for you; at most 63 bytes"},
    {"name", OPTION_STRING, "NAME", NULL,
     .text = "curve: a key of its own for one more gateway, in the folder DIR/NAME"},
};

static int check_token(const struct options *options, size_t n_words, char *why,
                       size_t size_bytes) {
    const char *label = options_string(options, "label");
    if (n_words != 1 || options_string(options, "name") != NULL) {
        snprintf(why, size_bytes, "token takes --role and --label, nothing else; see --help");
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

static int check_curve(const struct options *options, size_t n_words, char *why,
                       size_t size_bytes) {
    static const char WORD[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const char *name = options_string(options, "name");
    if (n_words != 2 || options_string(options, "role") != NULL ||
        options_string(options, "label") != NULL) {
        snprintf(why, size_bytes, "curve takes one DIR and --name, nothing else; see --help");
        return -1;
    }
    if (name != NULL && (name[0] == '\0' || strspn(name, WORD) != strlen(name) ||
                         strlen(name) > NAME_MAX_BYTES || strcmp(name, "renderer") == 0)) {
        snprintf(why, size_bytes, "--name: at most %d letters, digits, '-' and '_', not `renderer`",
                 NAME_MAX_BYTES);
        return -1;
    }
    return 0;
}

static int check(const struct options *options, char *why, size_t size_bytes) {
    const char *const *words;
    size_t n_words = options_list(options, "command", &words);
    if (n_words > 0 && strcmp(words[0], "token") == 0) {
        return check_token(options, n_words, why, size_bytes);
    }
    if (n_words > 0 && strcmp(words[0], "curve") == 0) {
        return check_curve(options, n_words, why, size_bytes);
    }
    snprintf(why, size_bytes, "a command is needed: token, or curve DIR; see --help");
    return -1;
}

const struct options_table KEYS_TABLE = {
    .program = "leggio-keys",
    .summary =
        "Makes keys.\n"
        "leggio-keys token --role ROLE >> FILE   appends to the file of --auth and shows the "
        "token,\n"
        "                                        once, on the terminal (standard error)\n"
        "leggio-keys curve DIR                   makes the folders of --curve-keys under DIR",
    .rows = ROWS,
    .n_rows = sizeof ROWS / sizeof ROWS[0],
    .check = check,
};
