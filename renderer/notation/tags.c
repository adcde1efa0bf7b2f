/* The rows of tags.def as a table, and names to rows through a small hash table. */
#include "renderer/notation/tags.h"

#include <stdio.h>
#include <string.h>

struct tag_row {
    const char *name, *aliases; /* aliases: words between blanks */
    enum tag_form form;
    const char *params;
};

static const struct tag_row rows[TAG_COUNT] = {
    [TAG_UNKNOWN] = {"unknown", "", FORM_PR, ""},
#define TAG(enumerator, name, aliases, form, params)                                               \
    [TAG_##enumerator] = {name, aliases, form, params},
#include "renderer/notation/tags.def"
#undef TAG
};

/* By name only, at every tag (gmn.md 7). */
static const char common_params[] = "color dx dy size textformat font fsize fattrib";

#define N_SLOTS 1024 /* a power of two; about 250 names with Begin and End */

struct tag_slot {
    const char *name; /* without Begin or End; NULL free */
    uint8_t len;      /* as written */
    uint8_t kind, role;
};

struct tag_names {
    struct tag_slot slots[N_SLOTS];
};

static size_t hash(const char *text, size_t len, size_t seed) {
    size_t value = seed;
    for (size_t i = 0; i < len; i++) {
        value = value * 31 + (unsigned char)text[i];
    }
    return value;
}

static const char *role_suffix(enum tag_role role) {
    static const char *const suffixes[] = {"", "Begin", "End"};
    return suffixes[role];
}

static void add(struct tag_names *names, const char *name, enum notation_tag_kind kind,
                enum tag_role role) {
    const char *suffix = role_suffix(role);
    size_t len = strlen(name);
    size_t i = hash(suffix, strlen(suffix), hash(name, len, 0)) % N_SLOTS;
    while (names->slots[i].name != NULL) {
        i = (i + 1) % N_SLOTS;
    }
    names->slots[i] = (struct tag_slot){
        .name = name,
        .len = (uint8_t)(len + strlen(suffix)),
        .kind = (uint8_t)kind,
        .role = (uint8_t)role,
    };
}

static bool add_word(struct tag_names *names, struct arena *arena, const char *word, size_t len,
                     enum notation_tag_kind kind) {
    const char *name = arena_text(arena, word, len);
    if (name == NULL) {
        return false;
    }
    add(names, name, kind, TAG_ROLE_PLAIN);
    if (rows[kind].form == FORM_RE) {
        add(names, name, kind, TAG_ROLE_BEGIN);
        add(names, name, kind, TAG_ROLE_END);
    }
    return true;
}

struct tag_names *tag_names_create(struct arena *arena) {
    struct tag_names *names = arena_alloc(arena, sizeof(*names));
    if (names == NULL) {
        return NULL;
    }
    for (int i = TAG_UNKNOWN + 1; i < TAG_COUNT; i++) {
        enum notation_tag_kind kind = (enum notation_tag_kind)i;
        if (!add_word(names, arena, rows[i].name, strlen(rows[i].name), kind)) {
            return NULL;
        }
        const char *word = rows[i].aliases;
        while (*word != '\0') {
            size_t len = strcspn(word, " ");
            if (!add_word(names, arena, word, len, kind)) {
                return NULL;
            }
            word += len + strspn(word + len, " ");
        }
    }
    return names;
}

static bool is_slot(const struct tag_slot *slot, const char *text, size_t len) {
    if (slot->len != len) {
        return false;
    }
    const char *suffix = role_suffix((enum tag_role)slot->role);
    size_t stem = len - strlen(suffix);
    return memcmp(slot->name, text, stem) == 0 && memcmp(suffix, text + stem, len - stem) == 0;
}

enum notation_tag_kind tag_names_find(const struct tag_names *names, const char *text, size_t len,
                                      enum tag_role *role, const char **name) {
    for (size_t i = hash(text, len, 0) % N_SLOTS; names->slots[i].name != NULL;
         i = (i + 1) % N_SLOTS) {
        if (is_slot(&names->slots[i], text, len)) {
            *role = (enum tag_role)names->slots[i].role;
            *name = names->slots[i].name;
            return (enum notation_tag_kind)names->slots[i].kind;
        }
    }
    return TAG_UNKNOWN;
}

enum tag_form notation_tag_form(enum notation_tag_kind kind) {
    return rows[kind].form;
}

const char *notation_tag_name(enum notation_tag_kind kind) {
    return rows[kind].name;
}

bool notation_tag_place_name(enum notation_tag_kind kind, uint32_t place, char *buffer, size_t size,
                             bool *is_required) {
    const char *word = rows[kind].params;
    for (uint32_t i = 0; *word != '\0'; i++) {
        size_t len = strcspn(word, " ");
        if (i == place) {
            *is_required = word[len - 1] == '!';
            snprintf(buffer, size, "%.*s", (int)(len - (*is_required ? 1 : 0)), word);
            return true;
        }
        word += len + strspn(word + len, " ");
    }
    return false;
}

/* Place of a name in a list of words; -1 when it is not there. */
static int word_place(const char *words, const char *name) {
    size_t name_len = strlen(name);
    for (int i = 0; *words != '\0'; i++) {
        size_t len = strcspn(words, " ");
        size_t bare = words[len - 1] == '!' ? len - 1 : len;
        if (bare == name_len && memcmp(words, name, bare) == 0) {
            return i;
        }
        words += len + strspn(words + len, " ");
    }
    return -1;
}

int notation_tag_place(enum notation_tag_kind kind, const char *name) {
    if (kind == TAG_PAGE_FORMAT && strcmp(name, "type") == 0) {
        return 0;
    }
    return word_place(rows[kind].params, name);
}

bool notation_tag_knows(enum notation_tag_kind kind, const char *name) {
    if (kind == TAG_UNKNOWN || kind == TAG_IGNORED || notation_tag_place(kind, name) >= 0 ||
        word_place(common_params, name) >= 0) {
        return true;
    }
    if (kind == TAG_SET && name[0] >= 'a' && name[0] <= 'z') { /* without the prefix too */
        char prefixed[64];
        snprintf(prefixed, sizeof(prefixed), "auto%c%s", name[0] - 'a' + 'A', name + 1);
        return notation_tag_place(kind, prefixed) >= 0;
    }
    return false;
}
