/* The grammar of GMN (gmn.md 1 to 7). No syntax tree: each symbol goes into the model when it is
 * read (gmn_symbols.c). Lists are left recursive; only tags in tags use the stack. */
%require "3.8"
%define api.pure full
%define api.prefix {gmn_yy}
%define api.token.prefix {TOKEN_}
%define api.location.type {struct gmn_loc}
%define parse.error custom
%define parse.lac full
%locations
%param {void *scanner}
%parse-param {struct gmn_reader *reader}
%expect 0

%code requires {
#include "renderer/notation/read/gmn_reader.h"
}

%code provides {
int gmn_yylex(GMN_YYSTYPE *value, struct gmn_loc *loc, void *scanner);
}

%code {
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"

#define YYMAXDEPTH (LIMIT_NOTATION_NESTING * 16)
#define YYLLOC_DEFAULT(current, rhs, n) ((current) = (n) > 0 ? YYRHSLOC(rhs, 1) : YYRHSLOC(rhs, 0))
/* false: reported already */
#define CHECK(call) \
    do { \
        if (!(call)) { \
            YYABORT; \
        } \
    } while (false)

static void gmn_yyerror(const struct gmn_loc *loc, void *scanner, struct gmn_reader *reader,
                        const char *text);
static bool make_duration(struct gmn_reader *reader, struct gmn_loc loc, int64_t num, int64_t den,
                          struct gmn_duration *out);
static bool make_clock_duration(struct gmn_reader *reader, struct gmn_loc loc, int64_t ms,
                                struct gmn_duration *out);
static struct notation_param number_param(double number, bool is_integer, enum notation_unit unit);
}

%union {
    int64_t integer;
    double real;
    struct gmn_name name;
    struct gmn_text text;
    struct gmn_string string;
    struct gmn_unit unit;
    struct gmn_tab tab;
    struct gmn_tag_head head;
    struct gmn_duration duration;
    struct {
        bool is_given;
        int64_t value;
    } octave;
    struct notation_param param;
    enum notation_unit plain_unit;
}

%token END 0 "the end of the text"
%token ERR "ERR"
%token <name> NOTE "a note"
%token REST "a rest" EMPTY "'empty'"
%token <tab> TAB "a tablature note"
%token <integer> INTEGER "an integer"
%token <real> REAL "a number with a decimal point"
%token <integer> DOTS "dots"
%token <string> STRING "a string"
%token <text> WORD "a word" DECLARE "a variable"
%token <unit> UNIT "a unit"
%token <param> VALUE "a $variable"
%token <head> TAG "a tag"
%token BAR "'|'" SHARP "'#'" FLAT "'&'" TIMES "'*'" SLASH "'/'" MS "'ms'"
%token OPEN_VOICE "'['" CLOSE_VOICE "']'" OPEN_BRACE "'{'" CLOSE_BRACE "'}'"
%token OPEN "'('" CLOSE "')'" LESS "'<'" GREATER "'>'"
%token SEMICOLON "';'" COMMA "','" COLON "':'" ASSIGN "'='"

%type <integer> accidentals signs dots
%type <octave> octave
%type <duration> duration base
%type <head> tag
%type <integer> tag_id
%type <param> value
%type <plain_unit> unit
%type <text> param_name

%%

score
    : declarations body
    ;

declarations
    : %empty
    | declarations DECLARE[name] ASSIGN value SEMICOLON
        {
            struct gmn_text raw = reader->declared;
            CHECK(gmn_declare(reader, @name, $name, &$value, raw));
        }
    ;

body
    : voice
    | OPEN_BRACE CLOSE_BRACE
    | OPEN_BRACE voices CLOSE_BRACE
    ;

voices
    : voice
    | voices COMMA voice
    ;

voice
    : OPEN_VOICE { CHECK(gmn_begin_voice(reader, @1)); }
      symbols CLOSE_VOICE { CHECK(gmn_end_voice(reader, @4)); }
    ;

symbols
    : %empty
    | symbols symbol
    ;

symbol
    : event
    | OPEN_BRACE { CHECK(gmn_begin_chord(reader, @1)); }
      members CLOSE_BRACE { CHECK(gmn_end_chord(reader, @4)); }
    | BAR { CHECK(gmn_bar(reader, @1)); }
    | tag { CHECK(gmn_tag(reader, &$1)); }
    | tag OPEN { CHECK(gmn_open_range(reader, &$1)); }
      symbols CLOSE { CHECK(gmn_close_range(reader, @5)); }
    ;

event
    : NOTE accidentals octave duration
        {
            CHECK(gmn_note(reader, @1, $1, (int)$2, $3.is_given ? &$3.value : NULL, &$4));
        }
    | REST id duration { CHECK(gmn_rest(reader, @1, false, &$3)); }
    | EMPTY id duration { CHECK(gmn_rest(reader, @1, true, &$3)); }
    | TAB duration { CHECK(gmn_tab_note(reader, @1, $1, &$2)); }
    ;

members
    : member { CHECK(gmn_end_member(reader)); }
    | members COMMA member { CHECK(gmn_end_member(reader)); }
    ;

member
    : member_tags core member_tags
    ;

member_tags
    : %empty
    | member_tags tag { CHECK(gmn_tag(reader, &$2)); }
    ;

core
    : event
    | tag OPEN { CHECK(gmn_open_range(reader, &$1)); }
      member CLOSE { CHECK(gmn_close_range(reader, @5)); }
    ;

accidentals /* an id before or behind them */
    : id { $$ = 0; }
    | signs
    | number signs { $$ = $2; }
    | signs number
    ;

signs
    : SHARP { $$ = 1; }
    | FLAT { $$ = -1; }
    | signs SHARP { $$ = $1 + 1; }
    | signs FLAT { $$ = $1 - 1; }
    ;

id
    : %empty
    | number
    ;

number
    : LESS INTEGER GREATER
    ;

octave
    : %empty { $$.is_given = false; $$.value = 0; }
    | INTEGER { $$.is_given = true; $$.value = $1; }
    ;

duration
    : base dots { $$ = $1; $$.n_dots = (int)$2; }
    ;

base
    : %empty { $$ = (struct gmn_duration){0}; }
    | SLASH INTEGER { CHECK(make_duration(reader, @2, 1, $2, &$$)); }
    | TIMES INTEGER { CHECK(make_duration(reader, @2, $2, 1, &$$)); }
    | TIMES INTEGER SLASH INTEGER { CHECK(make_duration(reader, @2, $2, $4, &$$)); }
    | TIMES INTEGER MS { CHECK(make_clock_duration(reader, @2, $2, &$$)); }
    ;

dots
    : %empty { $$ = -1; }
    | DOTS
    ;

tag
    : TAG tag_id { $$ = $1; $$.id = $2; $$.first_param = (uint32_t)reader->n_params; }
    | TAG tag_id LESS { $<integer>$ = (int64_t)reader->n_params; } params GREATER
        {
            $$ = $1;
            $$.id = $2;
            $$.first_param = (uint32_t)$<integer>4;
        }
    ;

tag_id
    : %empty { $$ = -1; }
    | COLON INTEGER { $$ = $2 < 0 ? -1 : $2; }
    ;

params
    : param
    | params COMMA param
    ;

param
    : value { CHECK(gmn_add_param(reader, @1, &$1)); }
    | param_name ASSIGN value
        {
            $3.name = $1.data;
            CHECK(gmn_add_param(reader, @1, &$3));
        }
    ;

param_name
    : WORD
    | UNIT { $$ = (struct gmn_text){.data = $1.word, .len = (uint32_t)strlen($1.word)}; }
    ;

value
    : INTEGER unit
        {
            if ($1 > 1000000000 || $1 < -1000000000) {
                CHECK(gmn_refuse(reader, @1, LG_EBADREQUEST,
                                 "the number %lld is out of range", (long long)$1));
            }
            $$ = number_param((double)$1, true, $2);
        }
    | REAL unit { $$ = number_param($1, false, $2); }
    | STRING
        {
            $$ = (struct notation_param){.kind = NOTATION_PARAM_STRING, .text = $1.text};
            reader->declared = $1.raw;
        }
    | VALUE
    | WORD
        {
            $$ = (struct notation_param){
                .kind = NOTATION_PARAM_STRING, .text = $1.data, .is_word = true};
        }
    | UNIT
        {
            $$ = (struct notation_param){
                .kind = NOTATION_PARAM_STRING, .text = $1.word, .is_word = true};
        }
    ;

unit
    : %empty { $$ = NOTATION_UNIT_NONE; }
    | UNIT { $$ = $1.unit; }
    ;

%%

static struct notation_param number_param(double number, bool is_integer,
                                          enum notation_unit unit) {
    return (struct notation_param){
        .kind = is_integer ? NOTATION_PARAM_INTEGER : NOTATION_PARAM_FLOAT,
        .number = number,
        .unit = unit,
    };
}

static bool make_duration(struct gmn_reader *reader, struct gmn_loc loc, int64_t num, int64_t den,
                          struct gmn_duration *out) {
    struct rational base;
    if (num < 0 || den <= 0 || !rational_make(num, den, &base)) {
        return gmn_refuse(reader, loc, LG_EBADREQUEST,
                          "%lld/%lld is no duration: expected 0 or more over 1 or more",
                          (long long)num, (long long)den);
    }
    *out = (struct gmn_duration){.has_base = true, .base = rational_reduce(base)};
    return true;
}

/* 1000 ms are a quarter; rounded to 1/512, about 8 ms (gmn.md 3). */
static bool make_clock_duration(struct gmn_reader *reader, struct gmn_loc loc, int64_t ms,
                                struct gmn_duration *out) {
    if (ms < 0 || ms > INT64_MAX / 256) {
        return gmn_refuse(reader, loc, LG_EBADREQUEST, "%lld ms is no duration", (long long)ms);
    }
    return make_duration(reader, loc, (ms * 128 + 500) / 1000, 512, out);
}

/* Tokens that mean the same to a person are named together, in this order. Where a new note may
 * begin, nobody wants to know what else could go on the last one: `hides`. */
#define GROUP_KINDS 8
static const struct {
    const char *words;
    yysymbol_kind_t kinds[GROUP_KINDS], hides[GROUP_KINDS];
} groups[] = {
    {"a note, rest or chord",
     {YYSYMBOL_NOTE, YYSYMBOL_REST, YYSYMBOL_EMPTY, YYSYMBOL_TAB, YYSYMBOL_OPEN_BRACE},
     {YYSYMBOL_SHARP, YYSYMBOL_FLAT, YYSYMBOL_SLASH, YYSYMBOL_TIMES, YYSYMBOL_INTEGER,
      YYSYMBOL_DOTS, YYSYMBOL_LESS}},
    {"',' or '}'",
     {YYSYMBOL_COMMA, YYSYMBOL_CLOSE_BRACE},
     {YYSYMBOL_SHARP, YYSYMBOL_FLAT, YYSYMBOL_SLASH, YYSYMBOL_TIMES, YYSYMBOL_INTEGER,
      YYSYMBOL_DOTS, YYSYMBOL_LESS, YYSYMBOL_TAG}},
    {"a note or rest", {YYSYMBOL_NOTE, YYSYMBOL_REST, YYSYMBOL_EMPTY, YYSYMBOL_TAB}, {0}},
    {"a tag", {YYSYMBOL_TAG}, {YYSYMBOL_COLON}},
    {"an accidental", {YYSYMBOL_SHARP, YYSYMBOL_FLAT}, {0}},
    {"a duration", {YYSYMBOL_SLASH, YYSYMBOL_TIMES}, {0}},
    {"a number", {YYSYMBOL_INTEGER, YYSYMBOL_REAL}, {0}},
    {"a string", {YYSYMBOL_STRING}, {YYSYMBOL_VALUE, YYSYMBOL_UNIT}},
    {"';'", {YYSYMBOL_SEMICOLON}, {YYSYMBOL_UNIT}},
};

/* Is one of the expected kinds in the set, and is it taken out of them? */
static bool take(yysymbol_kind_t *expected, int n_expected, yysymbol_kind_t kind, bool is_taken) {
    for (int i = 0; i < n_expected; i++) {
        if (expected[i] == kind) {
            expected[i] = is_taken ? YYSYMBOL_YYEMPTY : kind;
            return true;
        }
    }
    return false;
}

static bool take_group(yysymbol_kind_t *expected, int n_expected, size_t group) {
    const yysymbol_kind_t *kinds = groups[group].kinds, *hides = groups[group].hides;
    for (size_t i = 0; i < GROUP_KINDS && kinds[i] != 0; i++) {
        if (!take(expected, n_expected, kinds[i], false)) {
            return false;
        }
    }
    for (size_t i = 0; i < GROUP_KINDS; i++) {
        take(expected, n_expected, kinds[i], kinds[i] != 0);
        take(expected, n_expected, hides[i], hides[i] != 0);
    }
    return true;
}

/* "expected a, b or c". */
static void print_expected(char *text, size_t size, yysymbol_kind_t *expected, int n_expected) {
    const char *words[sizeof(groups) / sizeof(groups[0]) + YYNTOKENS];
    int n = 0;
    for (size_t group = 0; group < sizeof(groups) / sizeof(groups[0]); group++) {
        if (take_group(expected, n_expected, group)) {
            words[n++] = groups[group].words;
        }
    }
    for (int i = 0; i < n_expected; i++) {
        if (expected[i] != YYSYMBOL_YYEMPTY) {
            words[n++] = yysymbol_name(expected[i]);
        }
    }
    for (int i = 0; i < n; i++) {
        size_t len = strlen(text);
        const char *before = i == 0 ? ", expected " : i == n - 1 ? " or " : ", ";
        snprintf(text + len, size - len, "%s%s", before, words[i]);
    }
}

static int yyreport_syntax_error(const yypcontext_t *context, void *scanner,
                                 struct gmn_reader *reader) {
    yysymbol_kind_t expected[YYNTOKENS];
    char text[200];
    int n_expected = yypcontext_expected_tokens(context, expected, YYNTOKENS);
    yysymbol_kind_t found = yypcontext_token(context);
    (void)scanner;
    if (n_expected < 0) {
        return n_expected;
    }
    if (found == YYSYMBOL_ERR && reader->lexer.hint != NULL) {
        snprintf(text, sizeof(text), "%s", reader->lexer.hint);
        n_expected = 0;
    } else if (found == YYSYMBOL_ERR) {
        snprintf(text, sizeof(text), "no symbol begins so");
    } else {
        snprintf(text, sizeof(text), "unexpected %s", yysymbol_name(found));
    }
    print_expected(text, sizeof(text), expected, n_expected);
    gmn_refuse(reader, *yypcontext_location(context), LG_EBADREQUEST, "%s", text);
    return 0;
}

/* Only what bison itself finds: its stack is full. */
static void gmn_yyerror(const struct gmn_loc *loc, void *scanner, struct gmn_reader *reader,
                        const char *text) {
    (void)scanner;
    (void)text;
    gmn_refuse(reader, *loc, LG_ETOOLARGE, "nested too deep");
}
