/* Variables: name -> value. Names come from whoever posts, so the table hashes
 * them with a random key: no set of names makes it slow. */
#include "renderer/script/variables.h"

#include <czmq.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/score/alloc.h"

struct variables {
    zhashx_t *table; /* owns names and values */
};

/* One for the process: tables of nested loads live at the same time. */
static unsigned char hash_key[crypto_shorthash_KEYBYTES];
static bool has_hash_key;

static size_t hash_name(const void *name)
{
    uint64_t hash;
    static_assert(sizeof(hash) == crypto_shorthash_BYTES, "hash size");
    crypto_shorthash((unsigned char *)&hash, name, strlen(name), hash_key);
    return (size_t)hash;
}

static void destroy_value(void **item)
{
    struct value *value = *item;
    value_finish(value);
    free(value);
    *item = NULL;
}

struct variables *variables_create(void)
{
    struct variables *variables = alloc_zero(sizeof(*variables));
    if (!has_hash_key) {
        crypto_shorthash_keygen(hash_key);
        has_hash_key = true;
    }
    variables->table = zhashx_new();
    zhashx_set_key_hasher(variables->table, hash_name);
    zhashx_set_destructor(variables->table, destroy_value);
    struct value name = value_text(alloc_text("Linux")), number = value_int(3);
    variables_set(variables, "OSName", &name);
    variables_set(variables, "OSId", &number);
    return variables;
}

void variables_destroy(struct variables *variables)
{
    if (variables == NULL) {
        return;
    }
    zhashx_destroy(&variables->table);
    free(variables);
}

void variables_set(struct variables *variables, const char *name, struct value *value)
{
    struct value *kept = alloc_zero(sizeof(*kept));
    *kept = *value;
    *value = value_empty();
    zhashx_update(variables->table, name, kept);
}

struct value *variables_get(struct variables *variables, const char *name)
{
    return zhashx_lookup(variables->table, name);
}
