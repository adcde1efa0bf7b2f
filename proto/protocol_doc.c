/* Prints the reference of the broker protocol from its table, writes it into
 * docs/protocol.md between two marks, or checks that it is there.
 *
 *     leggio-protocol-doc                 print
 *     leggio-protocol-doc --write FILE    replace the part between the marks
 *     leggio-protocol-doc --check FILE    exit 1 when the part is not current
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/calls.h"
#include "proto/messages.h"

static const char BEGIN_MARK[] = "<!-- made by leggio-protocol-doc: begin -->\n";
static const char END_MARK[] = "<!-- made by leggio-protocol-doc: end -->\n";

static const char *const KIND_NAMES[] = {"unsigned", "signed", "bool", "name",
                                         "text",     "bytes",  "list"};

static void print_number(FILE *out, uint64_t value) {
    if (value == UINT64_MAX) {
        fprintf(out, "2^64-1");
    } else if (value == INT64_MAX) {
        fprintf(out, "2^63-1");
    } else {
        fprintf(out, "%" PRIu64, value);
    }
}

static void print_bounds(FILE *out, const struct msg_field *field) {
    switch (field->kind) {
    case MSG_UINT:
        fprintf(out, "%" PRId64 " to ", field->min);
        print_number(out, field->max);
        break;
    case MSG_INT:
        if (field->min == INT64_MIN) {
            fprintf(out, "-2^63 to ");
        } else {
            fprintf(out, "%" PRId64 " to ", field->min);
        }
        print_number(out, field->max);
        break;
    case MSG_BOOL:
        break;
    case MSG_NAME:
    case MSG_TEXT:
    case MSG_BYTES:
        fprintf(out, "≤ %" PRIu64 " bytes", field->max);
        break;
    case MSG_LIST:
        fprintf(out, "≤ %" PRIu64, field->max);
        break;
    }
}

static void print_type(FILE *out, const struct msg_type *type) {
    size_t n_fields;
    const struct msg_field *fields = type->fields(&n_fields);
    if (type->number != 0) {
        fprintf(out, "\n### %s (%u)\n\n", type->name, type->number);
    } else {
        fprintf(out, "\n### part: %s\n\n", type->name);
    }
    fprintf(out, "%s\n\n| key | field | type | bounds | meaning |\n|---|---|---|---|---|\n",
            type->text);
    for (size_t i = 0; i < n_fields; i++) {
        const struct msg_field *field = &fields[i];
        fprintf(out, "| %u | `%s` | %s%s%s | ", field->number, field->name, KIND_NAMES[field->kind],
                field->part != NULL ? " of " : "", field->part != NULL ? field->part->name : "");
        print_bounds(out, field);
        fprintf(out, " | %s |\n", field->text);
    }
}

static void print_reference(FILE *out) {
    size_t n_types;
    const struct msg_type *const *types = msg_types(&n_types);
    fprintf(out, "Protocol %d.\n\n### Requests\n\n", MSG_PROTOCOL);
    fprintf(out,
            "| kind | name | least role | `text`, bytes at most | what |\n|---|---|---|---|---|\n");
#define KIND(name, number, role, text_max, about)                                                  \
    fprintf(out, "| %d | %s | %s | %zu | %s |\n", number, call_kind_name(REQUEST_##name),          \
            call_role_name(CALL_ROLE_##role), (size_t)(text_max), about);
    REQUEST_KINDS(KIND)
#undef KIND
    for (size_t i = 0; i < n_types; i++) {
        if (types[i]->number != 0) {
            print_type(out, types[i]);
        }
    }
    for (size_t i = 0; i < n_types; i++) {
        if (types[i]->number == 0) {
            print_type(out, types[i]);
        }
    }
}

#define DOC_BYTES (1024 * 1024)

static void read_whole(const char *path, char text[DOC_BYTES]) {
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    text[fread(text, 1, DOC_BYTES - 1, file)] = '\0';
    fclose(file);
}

static int renew(const char *path, bool is_check) {
    static char old[DOC_BYTES], fresh[2 * DOC_BYTES];
    read_whole(path, old);
    const char *begin = strstr(old, BEGIN_MARK);
    const char *end = begin != NULL ? strstr(begin, END_MARK) : NULL;
    FILE *memory = fmemopen(fresh, sizeof fresh, "w");
    if (end == NULL || memory == NULL) {
        fprintf(stderr, "%s: the marks are missing\n", path);
        return 1;
    }
    begin += strlen(BEGIN_MARK);
    fwrite(old, 1, (size_t)(begin - old), memory);
    print_reference(memory);
    fputs(end, memory);
    fclose(memory);
    if (is_check) {
        int differs = strcmp(old, fresh) != 0;
        if (differs) {
            fprintf(stderr, "%s is not current: build the target protocol-doc\n", path);
        }
        return differs;
    }
    FILE *file = fopen(path, "we");
    return file == NULL || fputs(fresh, file) < 0 || fclose(file) != 0;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--write") == 0) {
        return renew(argv[2], false);
    }
    if (argc == 3 && strcmp(argv[1], "--check") == 0) {
        return renew(argv[2], true);
    }
    print_reference(stdout);
    return 0;
}
