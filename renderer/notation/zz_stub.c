#include "common/err.h"
#include "renderer/notation/engraving.h"
#include "renderer/notation/layout/placed.h"
#include "renderer/notation/score_maps.h"
#include "renderer/notation/read/musicxml.h"
int music_arrange(const struct notation *n, struct music **o){(void)n;(void)o;return LG_EINTERNAL;}
int horizontal_layout(struct arena *arena, const struct music *music, const struct layout_options *options, struct placed_score **out){(void)arena;(void)music;(void)options;(void)out;return LG_EINTERNAL;}
int score_map_build(const struct engraving *engraving, const char *name, struct score_map *out){(void)engraving;(void)name;(void)out;return LG_EINTERNAL;}
void score_map_finish(struct score_map *m){(void)m;}
int time_map_build(const struct engraving *engraving, struct time_map *out){(void)engraving;(void)out;return LG_EINTERNAL;}
void time_map_finish(struct time_map *m){(void)m;}
int musicxml_read(const char *b, size_t l, struct notation **o, struct notation_message *e){(void)b;(void)l;(void)o;(void)e;return LG_EINTERNAL;}
bool musicxml_is_likely(const char *b, size_t l){(void)b;(void)l;return false;}
