/* The lines of the --auth file (auth_tokens.h says which). Fuzzed. */
#ifndef LEGGIO_COMMON_AUTH_FILE_H
#define LEGGIO_COMMON_AUTH_FILE_H

#include "common/access/auth_tokens.h"

struct auth_entry {
    enum auth_role role;
    uint8_t hash[AUTH_HASH_BYTES];
    char label[AUTH_LABEL_ROOM];
};

struct auth_table {
    struct auth_entry *entries; /* owned */
    size_t n_entries;
    enum auth_role anonymous;
};

void auth_table_finish(struct auth_table *table);
/* Never 0. */
uint64_t auth_entry_id(const struct auth_entry *entry);

/* Into an empty table. LG_OK; LG_EBADREQUEST, LG_ENOTFOUND, LG_ETOOLARGE or
 * LG_ENOMEM with the reason ("FILE line 3: …") and the table still empty. */
int auth_file_read(const char *path, struct auth_table *table, char *why, size_t size_bytes);
/* The same from memory; name is for the reasons. */
int auth_file_parse(const char *name, const char *text, size_t len, struct auth_table *table,
                    char *why, size_t size_bytes);
/* A line in the log when others than the owner may write or read it. */
void auth_file_warn(const char *path);

#endif
