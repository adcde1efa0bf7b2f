/* Running a script: the text is checked and bounded, scanner and parser are
 * made, reports get their position and file name. */
#include "renderer/script/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/script/script.h"
#include "renderer/script/variables.h"

#include "renderer/script/grammar.h"
/* flex wants bison's names without the prefix */
#define YYSTYPE SCRIPT_YYSTYPE
#define YYLTYPE struct script_loc
#include "renderer/script/lexer.h"

static void tell(struct script *script, const struct text *text)
{
    script->n_reports++;
    if (script->n_reports <= LIMIT_SCRIPT_REPORTS) {
        script->target->error(script->target->ctx, text->data);
    } else if (script->n_reports == LIMIT_SCRIPT_REPORTS + 1) {
        script->target->error(script->target->ctx, "further errors of this script are not shown");
    }
}

static void append_name(const struct script *script, struct text *text)
{
    if (script->name != NULL) {
        text_printf(text, " while parsing file %s", script->name);
    }
}

void script_report(struct script *script, struct script_loc loc, const char *format, ...)
{
    char words[1024];
    struct text text = {0};
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    text_printf(&text, "line %d col %d : %s", loc.line, loc.col, words);
    append_name(script, &text);
    tell(script, &text);
    text_finish(&text);
    script->has_errors = true;
}

void script_warn_undefined(struct script *script, struct script_loc loc, const char *name)
{
    struct text text = {0};
    text_printf(&text, "line %d : warning! variable $%.256s is not defined.", loc.line, name);
    append_name(script, &text);
    tell(script, &text);
    text_finish(&text);
}

void script_report_cut(struct script *script)
{
    script_report(script, script->lexer.at, "%s", script->cut_why);
}

/* Length of the well-formed UTF-8 character at text[0], 0 = there is none. */
static size_t utf8_len(const unsigned char *text, size_t len)
{
    static const unsigned char least[] = {0, 0, 0x80, 0xa0, 0x90}; /* of the second byte, at the lowest lead */
    unsigned char lead = text[0];
    size_t n = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (n == 0 || n > len) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool is_overlong = (lead == 0xe0 || lead == 0xf0) && text[1] < least[n];
    bool is_surrogate = lead == 0xed && text[1] > 0x9f;
    bool is_beyond = lead == 0xf4 && text[1] > 0x8f;
    return is_overlong || is_surrogate || is_beyond ? 0 : n;
}

/* How much is text; why the rest is not. */
static size_t text_len(const char *text, size_t len, const char **cut_why)
{
    size_t offset = 0;
    while (offset < len) {
        size_t n = utf8_len((const unsigned char *)text + offset, len - offset);
        if (n == 0 || text[offset] == '\0') {
            *cut_why = n == 0 ? "invalid UTF-8" : "NUL byte in the script";
            break;
        }
        offset += n;
    }
    return offset;
}

static bool is_version_2(const char *name)
{
    static const char suffix[] = ".inscore2";
    size_t len = name != NULL ? strlen(name) : 0;
    return len >= sizeof(suffix) - 1 && strcmp(name + len - (sizeof(suffix) - 1), suffix) == 0;
}

static int parse(struct script *script)
{
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

static int refuse(const struct script_target *target, const char *name, int code, const char *why)
{
    struct text text = {0};
    text_printf(&text, "%s", why);
    if (name != NULL) {
        text_printf(&text, ": %s", name);
    }
    target->error(target->ctx, text.data);
    text_finish(&text);
    return code;
}

int script_run_counted(const struct script_target *target, const char *text, size_t len,
                       const char *name, size_t *n_steps)
{
    if (len > LIMIT_SCRIPT_BYTES) {
        return refuse(target, name, LG_ETOOLARGE, "script is larger than 16 MiB");
    }
    if (is_version_2(name)) {
        return refuse(target, name, LG_ESCRIPT, "script language version 2 is not supported");
    }
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
        text += 3;
        len -= 3;
    }
    struct script script = {
        .target = target,
        .name = name,
        .text = text,
        .lexer = {.at = {1, 1}, .expects_message = true},
    };
    script.len = text_len(text, len, &script.cut_why);
    script.variables = variables_create();
    int status = parse(&script);
    variables_destroy(script.variables);
    if (n_steps != NULL) {
        *n_steps = script.lexer.n_steps;
    }
    return status;
}

int script_run(const struct script_target *target, const char *text, size_t len, const char *name)
{
    return script_run_counted(target, text, len, name, NULL);
}
