/* Reading texts in tests. */
#ifndef LEGGIO_TESTS_NOTATION_READING_H
#define LEGGIO_TESTS_NOTATION_READING_H

#include "renderer/notation/model.h"

/* The model of a text that must be accepted. */
struct notation *read_gmn(const char *text);
struct notation *read_gmn_partial(const char *text);
/* What is said about a text that must be refused: "line:column text"; in static memory. */
const char *refusal(const char *text);
/* The only warning: "line:column text"; fails when there is another number of them. */
const char *only_warning(const struct notation *notation);
/* Every event of every voice in short: "c1 1/4 | d#2 1/8 ..."; in static memory. */
const char *summary(const struct notation *notation);
/* The n-th tag of that kind in any voice; fails when there is none. */
const struct notation_tag *tag_of(const struct notation *notation, enum notation_tag_kind kind,
                                  size_t n);
size_t count_tags(const struct notation *notation, enum notation_tag_kind kind);
void assert_rational(struct rational value, int64_t num, int64_t den);

#endif
