/* Scores made by expressions: who they are, and when they are worked out again. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/score.h"
#include "renderer/types/notation/pianoroll_object.h"
#include "renderer/types/notation/score_expression.h"
#include "renderer/types/notation/score_object.h"
#include "renderer/types/type_list.h"

#define CHAIN_MAX 32 /* a score of a score of a score ... */

/* Objects with an expression, of all scores of the process; score thread only. */
static struct score_object *first;
static int chain;

static bool is_score_type(const struct object *object) {
    const struct object_type *type = object->type;
    return type == &TYPE_GMN || type == &TYPE_GMNF || type == &TYPE_GMNSTREAM ||
           type == &TYPE_MUSICXML || type == &TYPE_MUSICXMLF;
}

const char *score_object_code(const struct object *object) {
    const struct object_type *type = object->type;
    if (is_score_type(object)) {
        const struct score_object *score = object->data;
        return score->text;
    }
    if (type == &TYPE_PIANOROLL || type == &TYPE_PIANOROLLF || type == &TYPE_PIANOROLLSTREAM) {
        const struct pianoroll_object *roll = object->data;
        return roll->text;
    }
    return NULL;
}

const struct score_expression *score_object_expression(const struct object *object) {
    const struct score_object *score = is_score_type(object) ? object->data : NULL;
    return score != NULL ? score->expression : NULL;
}

void score_object_give_expression(struct object *object, struct score_expression *expression) {
    struct score_object *score = object->data;
    bool was_listed = score->expression != NULL;
    score_expression_destroy(score->expression);
    score->expression = expression;
    if (was_listed && expression == NULL) {
        if (score->previous != NULL) {
            score->previous->next = score->next;
        } else {
            first = score->next;
        }
        if (score->next != NULL) {
            score->next->previous = score->previous;
        }
        score->next = score->previous = NULL;
    } else if (!was_listed && expression != NULL) {
        score->next = first;
        if (first != NULL) {
            first->previous = score;
        }
        first = score;
    }
}

/* The expression's value becomes the text; is_anew: all arguments are looked up again. */
static int work_out(struct object *object, bool is_anew) {
    struct score_object *score = object->data;
    char *text = score_expression_text(score->expression, object, is_anew);
    if (text == NULL) {
        return LG_ESCRIPT;
    }
    score_object_give_text(object, text, strlen(text));
    object_touch(object);
    score_fire(object->score, object, "newData");
    score_object_tell(object);
    return LG_OK;
}

void score_object_tell(struct object *changed) {
    if (chain >= CHAIN_MAX) {
        score_error(changed->score, "%s: score expressions that need each other", changed->name);
        return;
    }
    chain++;
    for (struct score_object *score = first; score != NULL; score = score->next) {
        struct object *owner = score->owner;
        if (owner != changed && owner->score == changed->score && !owner->is_deleted &&
            owner->parent != NULL && score_expression_watches(score->expression, owner, changed)) {
            work_out(owner, false);
        }
    }
    chain--;
}

int score_object_set_expr(struct object *object, const struct param *params, size_t n_params) {
    struct score_object *score = object->data;
    if (n_params != 1 || params[0].kind != PARAM_STRING || score->expression == NULL) {
        return LG_EBADREQUEST;
    }
    const char *word = params[0].as.text;
    if (strcmp(word, "reeval") == 0) {
        return work_out(object, false);
    }
    if (strcmp(word, "renew") != 0 && strcmp(word, "reset") != 0) {
        return LG_EBADREQUEST;
    }
    if (strcmp(word, "reset") == 0) { /* read again as written: ~ copies what is there now */
        struct score_expression *fresh =
            score_expression_read(object, score_expression_source(score->expression));
        if (fresh == NULL) {
            return LG_ESCRIPT;
        }
        score_object_give_expression(object, fresh);
    }
    return work_out(object, true);
}

void score_object_get_expr(const struct object *object, struct message *out) {
    const struct score_object *score = object->data;
    if (score->expression != NULL) {
        message_give_param(out, param_string(score_expression_source(score->expression)));
    }
}

bool score_object_is_saved(const struct object *object, const char *name) {
    const struct score_object *score = object->data;
    return strcmp(name, "expr") != 0 || score->expression != NULL;
}

void score_object_get_tree(const struct object *object, struct message *out) {
    const struct score_object *score = object->data;
    struct text text = {0};
    if (score->expression != NULL) {
        score_expression_print(score->expression, &text);
    }
    message_give_param(out, param_string(text.data != NULL ? text.data : ""));
    text_finish(&text);
}
