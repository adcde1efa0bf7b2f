/* Dates to rectangles (gmn.md 13, score-language 10.2): page, system, systemflat,
 * systemSlice, staffN, voiceN, measureN of an engraving, and the time map that
 * unrolls repeats and jumps. Pure functions of an engraving; any thread. */
#ifndef LEGGIO_NOTATION_SCORE_MAPS_H
#define LEGGIO_NOTATION_SCORE_MAPS_H

#include "renderer/notation/engraving.h"

struct score_map_entry {
    struct rational begin, end; /* half-open, score dates */
    uint32_t page;
    struct ink_box box; /* page coordinates, sp; right and bottom open */
};
struct score_map {
    struct score_map_entry *entries; /* by date, then page */
    size_t n_entries;
};

/* name     "page" "system" "systemflat" "systemSlice" (also "slice") "staff" "staff2" "voice1" "measure1"
 * returns  0 and a map for score_map_finish; LG_EBADREQUEST: no such map; LG_ENOMEM */
int score_map_build(const struct engraving *engraving, const char *name, struct score_map *out);
void score_map_finish(struct score_map *map);

/* Performed (unrolled) interval -> score interval, in order of performance. */
struct time_map_entry {
    struct rational performed_begin, performed_end, begin, end;
};
struct time_map {
    struct time_map_entry *entries;
    size_t n_entries; /* at most LIMIT_TIME_MAP_ENTRIES */
};
int time_map_build(const struct engraving *engraving, struct time_map *out);
void time_map_finish(struct time_map *map);

#endif
