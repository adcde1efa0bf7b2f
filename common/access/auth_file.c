/* Reading the --auth file. What stands in a bad line is never told: it may be a
 * token that was put there by mistake. */
#include "common/access/auth_file.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/err.h"
#include "common/log.h"
#include "common/utf8.h"

struct auth_reader {
    struct auth_table *table;
    size_t n_room;
    bool has_anonymous;
    const char *why; /* static text of what is wrong */
};

void auth_table_finish(struct auth_table *table) {
    free(table->entries);
    memset(table, 0, sizeof *table);
}

uint64_t auth_entry_id(const struct auth_entry *entry) {
    uint64_t id;
    memcpy(&id, entry->hash, sizeof id);
    return id != 0 ? id : 1;
}

/* Cut the next word off; NULL at the end of the line. */
static char *next_word(char **at) {
    char *word = *at + strspn(*at, " \t");
    size_t len = strcspn(word, " \t");
    if (len == 0) {
        return NULL;
    }
    *at = word[len] != '\0' ? word + len + 1 : word + len;
    word[len] = '\0';
    return word;
}

static int bad(struct auth_reader *reader, const char *why) {
    reader->why = why;
    return LG_EBADREQUEST;
}

static int read_anonymous(struct auth_reader *reader, char *rest) {
    char *word = next_word(&rest);
    if (reader->has_anonymous) {
        return bad(reader, "a second `anonymous` line");
    }
    if (word == NULL || !auth_role_from_name(word, &reader->table->anonymous) ||
        next_word(&rest) != NULL) {
        return bad(reader, "after `anonymous` one role is expected: view, play or conduct");
    }
    reader->has_anonymous = true;
    return LG_OK;
}

static int read_hash(struct auth_reader *reader, const char *word, struct auth_entry *entry) {
    size_t prefix_len = sizeof AUTH_HASH_PREFIX - 1, size = 0;
    const char *end = NULL;
    if (word != NULL && strncmp(word, AUTH_TOKEN_PREFIX, sizeof AUTH_TOKEN_PREFIX - 1) == 0) {
        return bad(reader, "this is a token, its hash is expected; make a new one with "
                           "`leggio-keys token`");
    }
    if (word == NULL || strncmp(word, AUTH_HASH_PREFIX, prefix_len) != 0 ||
        strlen(word + prefix_len) != 2 * (size_t)AUTH_HASH_BYTES ||
        sodium_hex2bin(entry->hash, sizeof entry->hash, word + prefix_len,
                       strlen(word + prefix_len), NULL, &size, &end) != 0 ||
        size != AUTH_HASH_BYTES || *end != '\0') {
        return bad(reader, "after the role a hash is expected: blake2b: and 64 hexadecimal digits, "
                           "as `leggio-keys token` prints it");
    }
    for (size_t i = 0; i < reader->table->n_entries; i++) {
        if (sodium_memcmp(reader->table->entries[i].hash, entry->hash, AUTH_HASH_BYTES) == 0) {
            return bad(reader, "this token was given a role before");
        }
    }
    return LG_OK;
}

static int read_label(struct auth_reader *reader, const char *rest, struct auth_entry *entry) {
    rest += strspn(rest, " \t");
    size_t len = strlen(rest);
    while (len > 0 && (rest[len - 1] == ' ' || rest[len - 1] == '\t')) {
        len--;
    }
    if (len >= sizeof entry->label) {
        return bad(reader, "the label is longer than 63 bytes");
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)rest[i] < ' ' || rest[i] == '\x7f') {
            return bad(reader, "the label holds a control character");
        }
    }
    memcpy(entry->label, rest, len);
    return LG_OK;
}

static struct auth_entry *add_entry(struct auth_reader *reader) {
    struct auth_table *table = reader->table;
    if (table->n_entries == reader->n_room) {
        size_t n_room = reader->n_room == 0 ? 16 : reader->n_room * 2;
        struct auth_entry *entries = realloc(table->entries, n_room * sizeof *entries);
        if (entries == NULL) {
            return NULL;
        }
        table->entries = entries;
        reader->n_room = n_room;
    }
    return &table->entries[table->n_entries];
}

static int read_token(struct auth_reader *reader, enum auth_role role, char *rest) {
    struct auth_entry *entry = add_entry(reader);
    if (entry == NULL) {
        reader->why = "out of memory";
        return LG_ENOMEM;
    }
    if (reader->table->n_entries == AUTH_TOKENS_MAX) {
        reader->why = "more tokens than the 4096 that a file may hold";
        return LG_ETOOLARGE;
    }
    *entry = (struct auth_entry){.role = role};
    char *hash = next_word(&rest);
    int code = read_hash(reader, hash, entry);
    code = code == LG_OK ? read_label(reader, rest, entry) : code;
    reader->table->n_entries += code == LG_OK;
    return code;
}

static int read_line(struct auth_reader *reader, char *line) {
    enum auth_role role;
    char *rest = line;
    char *word = next_word(&rest);
    if (word == NULL || word[0] == '#') {
        return LG_OK;
    }
    if (strcmp(word, "anonymous") == 0) {
        return read_anonymous(reader, rest);
    }
    if (!auth_role_from_name(word, &role)) {
        return bad(reader, "a role (view, play, conduct) or `anonymous` is expected first");
    }
    return read_token(reader, role, rest);
}

int auth_file_parse(const char *name, const char *text, size_t len, struct auth_table *table,
                    char *why, size_t size_bytes) {
    struct auth_reader reader = {.table = table};
    table->anonymous = AUTH_VIEW;
    int code = LG_OK;
    size_t line_number = 1;
    for (size_t at = 0; at < len && code == LG_OK; line_number++) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t size = end != NULL ? (size_t)(end - (text + at)) : len - at;
        size_t kept = size > 0 && text[at + size - 1] == '\r' ? size - 1 : size;
        char line[512];
        if (kept >= sizeof line) {
            code = bad(&reader, "a line longer than 511 bytes");
            break;
        }
        memcpy(line, text + at, kept);
        line[kept] = '\0';
        if (lg_utf8_len(line, kept) != kept) {
            code = bad(&reader, "not a line of text in UTF-8");
            break;
        }
        code = read_line(&reader, line);
        if (code != LG_OK) {
            break;
        }
        at += size + 1;
    }
    if (code != LG_OK) {
        snprintf(why, size_bytes, "%s line %zu: %s", name, line_number, reader.why);
        auth_table_finish(table);
    }
    return code;
}

int auth_file_read(const char *path, struct auth_table *table, char *why, size_t size_bytes) {
    FILE *file = fopen(path, "re");
    char *text = file != NULL ? malloc(AUTH_FILE_MAX_BYTES + 1) : NULL;
    size_t len = 0;
    int code;
    if (file == NULL) {
        snprintf(why, size_bytes, "cannot read %s: %s", path, strerror(errno));
        return LG_ENOTFOUND;
    }
    if (text != NULL) {
        errno = 0;
        len = fread(text, 1, AUTH_FILE_MAX_BYTES + 1, file);
    }
    if (text == NULL || ferror(file)) {
        snprintf(why, size_bytes, "cannot read %s: %s", path, strerror(errno));
        code = text == NULL ? LG_ENOMEM : LG_ENOTFOUND;
    } else if (len > AUTH_FILE_MAX_BYTES) {
        snprintf(why, size_bytes, "%s is larger than 1 MiB", path);
        code = LG_ETOOLARGE;
    } else {
        code = auth_file_parse(path, text, len, table, why, size_bytes);
    }
    free(text);
    fclose(file);
    return code;
}

void auth_file_warn(const char *path) {
    struct stat facts;
    if (stat(path, &facts) == 0 && (facts.st_mode & (S_IWGRP | S_IWOTH | S_IROTH)) != 0) {
        lg_log(LG_LOG_WARN, "auth", "file_mode", "file=%s mode=%04o what=%s", path,
               (unsigned)facts.st_mode & 07777,
               (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0
                   ? "others may write it and give themselves any role; use mode 0600 or 0640"
                   : "others may read it; use mode 0600 or 0640");
    }
}
