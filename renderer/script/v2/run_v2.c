/* Running a version 2 script: parsed whole, expanded whole, then executed. */
#include "renderer/script/v2/run_v2.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/utf8.h"
#include "proto/limits.h"
#include "renderer/script/script.h"
#include "renderer/script/v2/expand.h"
#include "renderer/script/v2/tree.h"

#include "renderer/script/v2/grammar_v2.h"
/* flex wants bison's names without the prefix */
#define YYSTYPE SCRIPT_V2_YYSTYPE
#define YYLTYPE struct script_loc
#include "renderer/script/v2/lexer_v2.h"

#define NAME_SHOWN_BYTES 256 /* of a variable in a warning */

static void tell(struct script_v2 *script, struct text *text) {
    if (script->name != NULL) {
        text_printf(text, " while parsing file %s", script->name);
    }
    script->n_reports++;
    if (script->n_reports <= LIMIT_SCRIPT_REPORTS) {
        script->target->error(script->target->ctx, text->data);
    } else if (script->n_reports == LIMIT_SCRIPT_REPORTS + 1) {
        script->target->error(script->target->ctx, "further errors of this script are not shown");
    }
    text_finish(text);
}

void script_v2_report(struct script_v2 *script, struct script_loc loc, const char *format, ...) {
    char words[1024];
    struct text text = {0};
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    words[lg_utf8_len(words, strlen(words))] = '\0'; /* a long name may be cut in a character */
    text_printf(&text, "line %d col %d : %s", loc.line, loc.col, words);
    tell(script, &text);
    script->has_errors = true;
}

void script_v2_warn_undefined(struct script_v2 *script, struct script_loc loc, const char *name) {
    struct text text = {0};
    size_t len = strlen(name);
    len = lg_utf8_len(name, len < NAME_SHOWN_BYTES ? len : NAME_SHOWN_BYTES);
    text_printf(&text, "line %d : warning! variable $%.*s is not defined.", loc.line, (int)len,
                name);
    tell(script, &text);
}

bool script_v2_is_name(const char *name) {
    static const char suffix[] = ".inscore2";
    size_t len = name != NULL ? strlen(name) : 0;
    return len >= sizeof suffix - 1 && strcmp(name + len - (sizeof suffix - 1), suffix) == 0;
}

static bool parse(struct script_v2 *script) {
    yyscan_t scanner;
    if (script_v2_yylex_init_extra(script, &scanner) != 0) {
        return false;
    }
    YY_BUFFER_STATE buffer = script_v2_yy_scan_bytes(script->text, (int)script->len, scanner);
    int status = script_v2_yyparse(scanner, script);
    script_v2_yy_delete_buffer(buffer, scanner);
    script_v2_yylex_destroy(scanner);
    return status == 0 && !script->has_errors && script->statements != NULL;
}

/* Bytes that are no text: where they are. */
static bool is_text(struct script_v2 *script) {
    size_t len = lg_utf8_len(script->text, script->len);
    struct script_loc loc = {1, 1};
    if (len == script->len) {
        return true;
    }
    for (size_t i = 0; i < len; i++) {
        bool is_line = script->text[i] == '\n';
        loc.line += is_line ? 1 : 0;
        loc.col = is_line ? 1 : loc.col + (((unsigned char)script->text[i] & 0xc0) != 0x80);
    }
    script_v2_report(script, loc, "%s",
                     script->text[len] == '\0' ? "NUL byte in the script" : "invalid UTF-8");
    return false;
}

int script_v2_run(const struct script_target *target, const char *text, size_t len,
                  const char *name) {
    struct script_v2 script = {
        .target = target, .name = name, .text = text, .len = len, .at = {1, 1}};
    struct statement_list messages = {0};
    if (len > LIMIT_SCRIPT_BYTES) {
        target->error(target->ctx, "script is larger than 16 MiB");
        return LG_ETOOLARGE;
    }
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
        script.text += 3;
        script.len -= 3;
    }
    int *lines = NULL;
    bool is_good = is_text(&script) && parse(&script) && expand_script(&script, &messages, &lines);
    tree_destroy_all(&script);
    for (size_t i = 0; i < messages.n_messages && is_good; i++) {
        if (target->place != NULL) {
            target->place(target->ctx, name, 0);
        }
        if (target->place != NULL) {
            target->place(target->ctx, name, lines[i]);
        }
        target->message(target->ctx, &messages.messages[i]);
    }
    free(lines);
    statement_list_finish(&messages);
    return is_good ? 0 : LG_ESCRIPT;
}
