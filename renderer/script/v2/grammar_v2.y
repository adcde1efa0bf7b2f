/* Script grammar, version 2 (score-language reference section 2): trees only, nothing is evaluated.
 * The comma binds tighter than juxtaposition: `set rect 1, 1` is set, then rect, then two values. */
%require "3.8"
%define api.pure full
%define api.prefix {script_v2_yy}
%define api.token.prefix {TOKEN_}
%define api.location.type {struct script_loc}
%define parse.error custom
%define parse.lac full
%locations
%param {void *scanner}
%parse-param {struct script_v2 *script}
%expect 0

%code requires {
#include "renderer/script/v2/tree.h"
}

%code {
#include <stdlib.h>

#include "renderer/score/alloc.h"
#include "renderer/script/v2/lexer_v2.h"

#define YYLLOC_DEFAULT(current, rhs, n) ((current) = (n) > 0 ? YYRHSLOC(rhs, 1) : YYRHSLOC(rhs, 0))
/* tree_add has reported */
#define ADD(tree, item)                                                                           \
    do {                                                                                          \
        if (!tree_add(script, (tree), (item))) {                                                  \
            YYABORT;                                                                              \
        }                                                                                         \
    } while (0)

static void script_v2_yyerror(const struct script_loc *loc, void *scanner,
                              struct script_v2 *script, const char *text);
}

%union {
    struct tree *tree;
    unsigned code;
}

%token END 0 "end of file"
%token ERR "ERR"
%token <tree> NUMBER "number" STRING "string" WORD "word" ADDRESS "address" RANGE "range"
%token <tree> DELAY "delay" VARIABLE "variable" VARIABLE_OPEN "variable{"
%token <code> OPERATOR "operator" FUNCTION "math function" CONSTANT "math.rand"
%token SEMICOLON "';'" COMMA "','" OPEN "'('" CLOSE "')'" CLOSE_BINDINGS "'}'" ASSIGN "'='"

%type <tree> tree parallel items item operation bindings binding binding_value name
%type <code> prefix

%%

script
    : %empty { script->statements = tree_make(script, TREE_SEQUENCE, (struct script_loc){1, 1}); }
    | script tree SEMICOLON { ADD(script->statements, $tree); script->statements->depth = 1; }
    | script name ASSIGN tree SEMICOLON
        {
            struct tree *binding = tree_make(script, TREE_BINDING, @name);
            binding->text = alloc_text($name->text);
            ADD(binding, $tree);
            ADD(script->statements, binding);
            script->statements->depth = 1;
        }
    ;

tree
    : parallel
    | tree[before] parallel
        {
            $$ = $before;
            if ($$->kind != TREE_SEQUENCE || $$->code != 0) {
                $$ = tree_make(script, TREE_SEQUENCE, @before);
                ADD($$, $before);
            }
            ADD($$, $parallel);
        }
    ;

parallel
    : items { $$ = tree_simplify($items); }
    | operation
    | items COMMA operation { $$ = $items; ADD($$, $operation); }
    ;

items
    : item { $$ = tree_make(script, TREE_PARALLEL, @item); ADD($$, $item); }
    | items[before] COMMA item { $$ = $before; ADD($$, $item); }
    ;

operation
    : prefix parallel
        {
            $$ = tree_make(script, TREE_OPERATOR, @prefix);
            $$->code = $prefix;
            if ($parallel->kind == TREE_PARALLEL && $parallel->code == 0) {
                for (size_t i = 0; i < $parallel->n_items; i++) {
                    ADD($$, $parallel->items[i]);
                }
            } else {
                ADD($$, $parallel);
            }
        }
    ;

prefix
    : OPERATOR
    | FUNCTION
    ;

item
    : NUMBER
    | STRING
    | WORD
    | ADDRESS
    | RANGE
    | DELAY
    | VARIABLE
    | CONSTANT { $$ = tree_make(script, TREE_OPERATOR, @1); $$->code = $1; }
    | VARIABLE_OPEN bindings CLOSE_BINDINGS
        {
            $$ = $VARIABLE_OPEN;
            for (size_t i = 0; i < $bindings->n_items; i++) {
                ADD($$, $bindings->items[i]);
            }
        }
    | OPEN tree CLOSE
        {
            $$ = $tree;
            if ($$->kind == TREE_SEQUENCE || $$->kind == TREE_PARALLEL) {
                $$->code = 1; /* closed: what follows is not part of it */
            }
        }
    ;

bindings
    : binding { $$ = tree_make(script, TREE_PARALLEL, @binding); ADD($$, $binding); }
    | bindings[before] COMMA binding { $$ = $before; ADD($$, $binding); }
    ;

binding
    : name ASSIGN binding_value
        {
            $$ = tree_make(script, TREE_BINDING, @name);
            $$->text = alloc_text($name->text);
            ADD($$, $binding_value);
        }
    ;

binding_value
    : item
    | binding_value[before] item
        {
            $$ = $before;
            if ($$->kind != TREE_SEQUENCE || $$->code != 0) {
                $$ = tree_make(script, TREE_SEQUENCE, @before);
                ADD($$, $before);
            }
            ADD($$, $item);
        }
    ;

name
    : WORD
    | NUMBER
    ;

%%

static int yyreport_syntax_error(const yypcontext_t *context, void *scanner,
                                 struct script_v2 *script) {
    enum { EXPECTED_MAX = 5 }; /* more than four are no help */
    yysymbol_kind_t expected[EXPECTED_MAX];
    int n_expected = yypcontext_expected_tokens(context, expected, EXPECTED_MAX);
    struct text text = {0};
    (void)scanner;
    if (n_expected < 0) {
        return n_expected;
    }
    yysymbol_kind_t found = yypcontext_token(context);
    text_printf(&text, "syntax error");
    if (found != YYSYMBOL_YYEMPTY) {
        text_printf(&text, ", unexpected %s", yysymbol_name(found));
    }
    if (found == YYSYMBOL_ERR && script->hint != NULL) {
        text_printf(&text, " (%s)", script->hint);
    }
    for (int i = 0; i < n_expected && n_expected < EXPECTED_MAX; i++) {
        text_printf(&text, "%s %s", i == 0 ? ", expecting" : " or", yysymbol_name(expected[i]));
    }
    script_v2_report(script, *yypcontext_location(context), "%s", text.data);
    text_finish(&text);
    return 0;
}

/* Only what bison itself finds: no memory for its stack. */
static void script_v2_yyerror(const struct script_loc *loc, void *scanner,
                              struct script_v2 *script, const char *text) {
    (void)scanner;
    script_v2_report(script, *loc, "%s", text);
}
