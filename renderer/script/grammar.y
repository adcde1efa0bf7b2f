/* Script grammar, version 1 (score-language reference section 1). Values are
 * computed while parsing; a statement is executed when its ';' is read, before
 * the next token is (the states after it reduce by default). */
%require "3.8"
%define api.pure full
%define api.prefix {script_yy}
%define api.token.prefix {TOKEN_}
%define api.location.type {struct script_loc}
%define parse.error custom
%define parse.lac full
%locations
%param {void *scanner}
%parse-param {struct script *script}
%expect 0

%code requires {
#include "renderer/script/script.h"
}

%code {
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "renderer/score/alloc.h"
#include "renderer/script/lexer.h"
#include "renderer/script/math.h"
#include "renderer/script/variables.h"

#define YYLLOC_DEFAULT(current, rhs, n) ((current) = (n) > 0 ? YYRHSLOC(rhs, 1) : YYRHSLOC(rhs, 0))

static void script_yyerror(const struct script_loc *loc, void *scanner, struct script *script,
                           const char *text);
static struct value insert_variable(struct script *script, char *name, struct script_loc loc,
                                    int step, bool is_step_first);
}

%union {
    int32_t integer;
    float real;
    char *text;
    struct value value;
    struct statement_address address;
    struct message message;
    struct {
        struct message message;
        unsigned depth;
        size_t bytes;
    } sized;
    struct statement_list list;
}

%token END 0 "end of file"
%token ERR "ERR"
%token <integer> INTEGER "integer"
%token <real> REAL "float"
%token <text> STRING "string" IDENTIFIER "identifier" WORD "word" ADDRESS "address"
%token <text> VARIABLE "variable" VARIABLE_INC "variable++" VARIABLE_DEC "variable--"
%token <text> INC_VARIABLE "++variable" DEC_VARIABLE "--variable"
%token <address> HOST "host:port"
%token <text> JAVASCRIPT "JavaScript section"
%token <text> EXPR "expr(…)"
%token MIN "@min(" MAX "@max(" QUERY "$("
%token SEMICOLON "';'" COMMA "','" COLON "':'" OPEN "'('" CLOSE "')'" ASSIGN "'='"
%token ADD "'+'" SUBTRACT "'-'" MULTIPLY "'*'" DIVIDE "'/'" MODULO "'%'"
%token GREATER "'>'" GREATER_EQUAL "'>='" LESS "'<'" LESS_EQUAL "'<='" EQUAL "'=='"
%token NOT "'!'" QUESTION "'?'"

%type <value> params math operand
%type <address> address
%type <sized> message
%type <list> messages

%destructor { free($$); } <text>
%destructor { value_finish(&$$); } <value>
%destructor { free($$.host); free($$.address); } <address>
%destructor { message_finish(&$$.message); } <sized>
%destructor { statement_list_finish(&$$); } <list>

%left GREATER GREATER_EQUAL LESS LESS_EQUAL EQUAL
%left ADD SUBTRACT
%left MULTIPLY DIVIDE MODULO
%precedence NOT

%%

script
    : %empty
    | script statement
    ;

statement
    : message SEMICOLON
        {
            statement_place(script, @1);
            statement_execute(script, &$message.message);
        }
    | IDENTIFIER ASSIGN params SEMICOLON
        {
            if (!statement_declare(script, $IDENTIFIER, &$params, @1)) {
                YYABORT;
            }
        }
    | JAVASCRIPT
        {
            statement_place(script, @1);
            section_execute(script, $1, @1);
        }
    ;

message
    : address
        {
            struct value none = value_empty();
            $$.message = statement_message($address, &none);
            $$.depth = 0;
            $$.bytes = strlen($$.message.address);
        }
    | address params
        {
            $$.depth = $params.depth;
            $$.bytes = $params.bytes + strlen($address.address);
            $$.message = statement_message($address, &$params);
        }
    ;

address
    : ADDRESS { $$ = (struct statement_address){.address = $ADDRESS}; }
    | HOST ADDRESS { $$ = $HOST; $$.address = $ADDRESS; }
    ;

params
    : math
        {
            $$ = value_empty();
            if (!statement_append(script, &$$, &$math)) {
                YYABORT;
            }
        }
    | params[list] math
        {
            $$ = $list;
            $list = value_empty();
            if (!statement_append(script, &$$, &$math)) {
                value_finish(&$$);
                YYABORT;
            }
        }
    ;

math
    : operand
    | math[a] ADD math[b] { $$ = math_binary(MATH_ADD, &$a, &$b, @2); }
    | math[a] SUBTRACT math[b] { $$ = math_binary(MATH_SUBTRACT, &$a, &$b, @2); }
    | math[a] MULTIPLY math[b] { $$ = math_binary(MATH_MULTIPLY, &$a, &$b, @2); }
    | math[a] DIVIDE math[b] { $$ = math_binary(MATH_DIVIDE, &$a, &$b, @2); }
    | math[a] MODULO math[b] { $$ = math_binary(MATH_MODULO, &$a, &$b, @2); }
    | math[a] GREATER math[b] { $$ = math_binary(MATH_GREATER, &$a, &$b, @2); }
    | math[a] GREATER_EQUAL math[b] { $$ = math_binary(MATH_GREATER_EQUAL, &$a, &$b, @2); }
    | math[a] LESS math[b] { $$ = math_binary(MATH_LESS, &$a, &$b, @2); }
    | math[a] LESS_EQUAL math[b] { $$ = math_binary(MATH_LESS_EQUAL, &$a, &$b, @2); }
    | math[a] EQUAL math[b] { $$ = math_binary(MATH_EQUAL, &$a, &$b, @2); }
    | NOT math[a] { $$ = math_not(&$a, @1); }
    ;

operand
    : INTEGER { $$ = value_int($1); }
    | REAL { $$ = value_float($1); }
    | STRING { $$ = value_text($1); }
    | IDENTIFIER { $$ = value_text($1); }
    | WORD { $$ = value_text($1); }
    | VARIABLE { $$ = insert_variable(script, $1, @1, 0, false); }
    | VARIABLE_INC { $$ = insert_variable(script, $1, @1, 1, false); }
    | VARIABLE_DEC { $$ = insert_variable(script, $1, @1, -1, false); }
    | INC_VARIABLE { $$ = insert_variable(script, $1, @1, 1, true); }
    | DEC_VARIABLE { $$ = insert_variable(script, $1, @1, -1, true); }
    | OPEN math CLOSE { $$ = $math; }
    | OPEN math[condition] QUESTION math[yes] COLON math[no] CLOSE
        { $$ = math_choose(&$condition, &$yes, &$no, @3); }
    | OPEN messages CLOSE { $$ = statement_list_value(&$messages, @1); }
    | MIN params CLOSE { $$ = math_extreme(false, &$params, @1); }
    | MAX params CLOSE { $$ = math_extreme(true, &$params, @1); }
    | QUERY message CLOSE
        {
            statement_place(script, @1);
            $$ = statement_query(script, &$message.message, @1);
        }
    | JAVASCRIPT { $$ = section_messages(script, $1, @1); }
    | EXPR { $$ = statement_expression(script, $1, @1); }
    ;

messages
    : message
        {
            $$ = (struct statement_list){0};
            statement_list_add(&$$, &$message.message, $message.depth, $message.bytes);
        }
    | messages[list] separator message
        {
            $$ = $list;
            statement_list_add(&$$, &$message.message, $message.depth, $message.bytes);
        }
    ;

separator
    : COMMA
    | COLON
    ;

%%

/* Name of a variable (taken over) to its value; step: what ++ and -- add. */
static struct value insert_variable(struct script *script, char *name, struct script_loc loc,
                                    int step, bool is_step_first) {
    struct value *variable = variables_get(script->variables, name);
    struct value result;
    if (variable == NULL) {
        script_warn_undefined(script, loc, name);
        size_t len = strlen(name);
        name = alloc_resize(name, len + 2, 1);
        memmove(name + 1, name, len + 1);
        name[0] = '$';
        return value_text(name);
    }
    free(name);
    if (variable->bytes > script->expandable_bytes) {
        return value_failed(loc, "the script expands to more than %u MiB",
                            LIMIT_SCRIPT_EXPANDED_BYTES >> 20);
    }
    script->expandable_bytes -= variable->bytes;
    if (is_step_first) {
        math_step(variable, step, loc);
    }
    result = value_copy(variable);
    if (step != 0 && !is_step_first) {
        math_step(variable, step, loc);
    }
    if (variable->error != NULL) {
        value_finish(&result);
        result = value_empty();
        result.error = variable->error;
        variable->error = NULL;
    }
    return result;
}

static int yyreport_syntax_error(const yypcontext_t *context, void *scanner,
                                 struct script *script) {
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
    if (found == YYSYMBOL_ERR && script->lexer.hint != NULL) {
        text_printf(&text, " (%s)", script->lexer.hint);
    }
    for (int i = 0; i < n_expected && n_expected < EXPECTED_MAX; i++) {
        text_printf(&text, "%s %s", i == 0 ? ", expecting" : " or", yysymbol_name(expected[i]));
    }
    script_report(script, *yypcontext_location(context), "%s", text.data);
    text_finish(&text);
    return 0;
}

/* Only what bison itself finds: no memory for its stack. */
static void script_yyerror(const struct script_loc *loc, void *scanner, struct script *script,
                           const char *text) {
    (void)scanner;
    script_report(script, *loc, "%s", text);
}
