/* Running a script: the text is checked and bounded, scanner and parser are
 * made, reports get their position and file name. */
#include "renderer/script/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/utf8.h"
#include "proto/limits.h"
#include "renderer/script/script.h"
#include "renderer/script/v2/run_v2.h"
#include "renderer/script/variables.h"

#include "renderer/script/grammar.h"
/* flex wants bison's names without the prefix */
#define YYSTYPE SCRIPT_YYSTYPE
#define YYLTYPE struct script_loc
#include "renderer/script/lexer.h"

#define NAME_SHOWN_BYTES 256 /* of a variable in a warning */

static void tell(struct script *script, const struct text *text) {
    script->n_reports++;
    if (script->n_reports <= LIMIT_SCRIPT_REPORTS) {
        script->target->error(script->target->ctx, text->data);
    } else if (script->n_reports == LIMIT_SCRIPT_REPORTS + 1) {
        script->target->error(script->target->ctx, "further errors of this script are not shown");
    }
}

static void append_name(const struct script *script, struct text *text) {
    if (script->name != NULL) {
        text_printf(text, " while parsing file %s", script->name);
    }
}

void script_report(struct script *script, struct script_loc loc, const char *format, ...) {
    char words[1024];
    struct text text = {0};
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    words[lg_utf8_len(words, strlen(words))] = '\0'; /* a long name may be cut in a character */
    text_printf(&text, "line %d col %d : %s", loc.line, loc.col, words);
    append_name(script, &text);
    tell(script, &text);
    text_finish(&text);
    script->has_errors = true;
}

void script_warn_undefined(struct script *script, struct script_loc loc, const char *name) {
    struct text text = {0};
    size_t len = strlen(name);
    len = lg_utf8_len(name, len < NAME_SHOWN_BYTES ? len : NAME_SHOWN_BYTES);
    text_printf(&text, "line %d : warning! variable $%.*s is not defined.", loc.line, (int)len,
                name);
    append_name(script, &text);
    tell(script, &text);
    text_finish(&text);
}

void script_report_cut(struct script *script) {
    script_report(script, script->lexer.at, "%s", script->cut_why);
}

static int parse(struct script *script) {
    yyscan_t scanner;
    if (script_yylex_init_extra(script, &scanner) != 0) {
        return LG_ENOMEM;
    }
    YY_BUFFER_STATE buffer = script_yy_scan_bytes(script->text, (int)script->len, scanner);
    int status = script_yyparse(scanner, script);
    script_yy_delete_buffer(buffer, scanner);
    script_yylex_destroy(scanner);
    return status != 0 || script->has_errors ? LG_ESCRIPT : 0;
}

static int refuse(const struct script_target *target, const char *name, int code, const char *why) {
    struct text text = {0};
    text_printf(&text, "%s", why);
    if (name != NULL) {
        text_printf(&text, ": %s", name);
    }
    target->error(target->ctx, text.data);
    text_finish(&text);
    return code;
}

int script_run_nested(struct script *outer, const struct script_target *target, const char *text,
                      size_t len) {
    struct script script = {
        .target = target,
        .name = outer->name,
        .text = text,
        .variables = outer->variables,
        .expandable_bytes = outer->expandable_bytes,
        .javascript_depth = outer->javascript_depth + 1,
        .lexer = {.at = {1, 1}, .expects_message = true},
        .n_reports = outer->n_reports,
    };
    script.len = lg_utf8_len(text, len);
    if (script.len < len) {
        script.cut_why = "invalid UTF-8";
    }
    int status = parse(&script);
    outer->expandable_bytes = script.expandable_bytes;
    outer->n_reports = script.n_reports;
    outer->has_errors = outer->has_errors || status != 0;
    outer->lexer.n_steps += script.lexer.n_steps;
    return status;
}

int script_run_counted(const struct script_target *target, const char *text, size_t len,
                       const char *name, size_t *n_steps) {
    if (len > LIMIT_SCRIPT_BYTES) {
        return refuse(target, name, LG_ETOOLARGE, "script is larger than 16 MiB");
    }
    if (script_v2_is_name(name)) {
        return script_v2_run(target, text, len, name);
    }
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
        text += 3;
        len -= 3;
    }
    struct script script = {
        .target = target,
        .name = name,
        .text = text,
        .expandable_bytes = LIMIT_SCRIPT_EXPANDED_BYTES + 16 * len,
        .lexer = {.at = {1, 1}, .expects_message = true},
    };
    script.len = lg_utf8_len(text, len);
    if (script.len < len) {
        script.cut_why = text[script.len] == '\0' ? "NUL byte in the script" : "invalid UTF-8";
    }
    script.variables = variables_create();
    int status = parse(&script);
    variables_destroy(script.variables);
    if (n_steps != NULL) {
        *n_steps = script.lexer.n_steps;
    }
    return status;
}

int script_run(const struct script_target *target, const char *text, size_t len, const char *name) {
    return script_run_counted(target, text, len, name, NULL);
}
