/* JavaScript sections (score-language reference 15): the value of a section is script text, which
 * is run in place or gives the messages of a list. The engine is the target's. */
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "renderer/score/alloc.h"
#include "renderer/script/script.h"
#include "renderer/script/variables.h"

/* Text of the section, for free(); NULL: none. Takes over the code. */
static char *evaluate(struct script *script, char *code, struct script_loc loc) {
    struct named_value *globals;
    const struct script_target *target = script->target;
    if (code == NULL || script->javascript_depth >= LIMIT_JAVASCRIPT_NESTING) {
        if (code != NULL) {
            script_report(script, loc, "JavaScript sections are nested deeper than %d",
                          LIMIT_JAVASCRIPT_NESTING);
        }
        free(code);
        return NULL;
    }
    size_t n_globals = variables_list(script->variables, &globals);
    char *text = target->javascript(target->ctx, code, loc.line, globals, n_globals);
    free(globals);
    free(code);
    return text;
}

void section_execute(struct script *script, char *code, struct script_loc loc) {
    char *text = evaluate(script, code, loc);
    if (text != NULL) {
        script_run_nested(script, script->target, text, strlen(text));
    }
    free(text);
}

/* -- in place of a list ---------------------------------------------------------------------- */

/* A target that keeps messages instead of executing them. */
struct collector {
    const struct script_target *outer;
    struct statement_list list;
    bool is_too_large;
};

static void collect(void *ctx, const struct message *msg) {
    struct collector *collector = ctx;
    unsigned depth;
    size_t bytes;
    if (!value_measure(msg->params, msg->n_params, &depth, &bytes) ||
        collector->list.bytes + bytes > LIMIT_SCRIPT_VALUE_BYTES) {
        collector->is_too_large = true;
        return;
    }
    struct message copy;
    message_copy(&copy, msg);
    statement_list_add(&collector->list, &copy, depth, bytes);
}

static void ask(void *ctx, const struct message *msg, struct message **replies, size_t *n_replies) {
    const struct collector *collector = ctx;
    collector->outer->query(collector->outer->ctx, msg, replies, n_replies);
}

static void tell(void *ctx, const char *text) {
    const struct collector *collector = ctx;
    collector->outer->error(collector->outer->ctx, text);
}

static char *run(void *ctx, const char *code, int first_line, const struct named_value *globals,
                 size_t n_globals) {
    const struct collector *collector = ctx;
    return collector->outer->javascript(collector->outer->ctx, code, first_line, globals,
                                        n_globals);
}

struct value section_messages(struct script *script, char *code, struct script_loc loc) {
    char *text = evaluate(script, code, loc);
    if (text == NULL) { /* the statement it stands in means nothing without it */
        script->is_dropped = true;
        return value_empty();
    }
    struct collector collector = {.outer = script->target};
    const struct script_target target = {&collector, collect, ask, tell, run, NULL, NULL};
    script_run_nested(script, &target, text, strlen(text));
    free(text);
    if (collector.is_too_large || collector.list.n_messages == 0) {
        statement_list_finish(&collector.list);
        script_report(script, loc,
                      collector.is_too_large ? "JavaScript section: too many messages"
                                             : "JavaScript section: no messages in its text");
        script->is_dropped = true;
        return value_empty();
    }
    return statement_list_value(&collector.list, loc);
}
