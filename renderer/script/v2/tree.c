/* Nodes of version 2 scripts: made, joined, freed with their script. */
#include "renderer/script/v2/tree.h"

#include <stdlib.h>

#include "proto/limits.h"
#include "renderer/score/alloc.h"

struct tree *tree_make(struct script_v2 *script, enum tree_kind kind, struct script_loc loc) {
    struct tree *tree = alloc_zero(sizeof *tree);
    tree->kind = kind;
    tree->loc = loc;
    tree->depth = 1;
    tree->made_before = script->last_made;
    script->last_made = tree;
    return tree;
}

struct tree *tree_make_text(struct script_v2 *script, enum tree_kind kind, char *text,
                            struct script_loc loc) {
    struct tree *tree = tree_make(script, kind, loc);
    tree->text = text;
    return tree;
}

bool tree_add(struct script_v2 *script, struct tree *tree, struct tree *item) {
    tree->items = alloc_grow(tree->items, tree->n_items, &tree->capacity, sizeof(struct tree *));
    tree->items[tree->n_items++] = item;
    tree->depth = item->depth + 1 > tree->depth ? item->depth + 1 : tree->depth;
    if (tree->depth > LIMIT_SCRIPT_NESTING * 2) { /* a parenthesis makes up to two trees */
        script_v2_report(script, item->loc, "nested too deep");
        return false;
    }
    return true;
}

struct tree *tree_simplify(struct tree *tree) {
    bool is_list = tree->kind == TREE_SEQUENCE || tree->kind == TREE_PARALLEL;
    return is_list && tree->n_items == 1 ? tree->items[0] : tree;
}

void tree_destroy_all(struct script_v2 *script) {
    while (script->last_made != NULL) {
        struct tree *tree = script->last_made;
        script->last_made = tree->made_before;
        free(tree->text);
        free(tree->host);
        free(tree->items);
        free(tree);
    }
    script->statements = NULL;
}
