/* The numbers of good engraving (gmn.md 11, 12, 16), in staff spaces unless said
 * otherwise. One place, so that tests and code name the same things. */
#ifndef LEGGIO_NOTATION_ENGRAVING_RULES_H
#define LEGGIO_NOTATION_ENGRAVING_RULES_H

/* 16.1 to 16.5: lines */
#define RULE_STAFF_LINE           0.10 /* when the staff does not say */
#define RULE_STEM                 0.13
#define RULE_THIN_BAR             0.16
#define RULE_THICK_BAR            0.5
#define RULE_BAR_GAP              0.4
#define RULE_BAR_DASH             0.5
#define RULE_BAR_DASH_GAP         0.25
#define RULE_REPEAT_DOT_GAP       0.3
#define RULE_LEDGER               0.16
#define RULE_LEDGER_EXTENSION     0.4
#define RULE_LEDGER_BY_ACCIDENTAL 0.12 /* shorter where an accidental stands */

/* 16.6 to 16.12: stems */
#define RULE_STEM_LENGTH           3.5
#define RULE_STEM_SHORTEST         2.5
#define RULE_STEM_SHORTEST_FLAGGED 3.0
#define RULE_STEM_PER_FLAG         0.75 /* from the third on */
#define RULE_GRACE_SCALE           0.62
#define RULE_CUE_SCALE             0.75
#define RULE_GRACE_STEM            2.6

/* 16.13 to 16.17: beams */
#define RULE_BEAM             0.5
#define RULE_BEAM_STEP        0.75
#define RULE_BEAM_SLOPE_SHORT 0.25 /* steepest, groups up to 5 sp */
#define RULE_BEAM_SLOPE_LONG  0.12 /* groups of 12 sp and more */
#define RULE_BEAM_RISE_MAX    1.5

/* 16.20 to 16.26: spacing */
#define RULE_HEAD_GAP          0.3
#define RULE_ACCIDENTAL_GAP    0.22 /* to its head, and between columns */
#define RULE_DOT_GAP           0.5
#define RULE_DOT_STEP          0.7 /* from dot to dot */
#define RULE_NOTE_TO_BAR       1.0
#define RULE_BAR_TO_NOTE       1.4
#define RULE_BAR_TO_ACCIDENTAL 0.6
#define RULE_CLEF_TO_BAR       1.0
#define RULE_BAR_TO_SIGN       1.0
#define RULE_SIGN_TO_NOTE      1.9 /* key or meter to head */
#define RULE_CLEF_LEFT         1.0
#define RULE_CLEF_TO_KEY       0.84
#define RULE_CLEF_TO_METER     1.24
#define RULE_CLEF_TO_NOTE      2.44
#define RULE_KEY_SIGN_GAP      0.1
#define RULE_KEY_TO_METER      1.0
#define RULE_CLEF_CHANGE_GAP   0.5 /* around a clef change */
#define RULE_GRACE_GAP         0.5
#define RULE_LYRIC_GAP         0.5
#define RULE_LYRIC_HYPHEN_GAP  1.2
#define RULE_LYRIC_SIZE        2.0 /* 12 pt */
#define RULE_TEXT_GAP          0.6
#define RULE_BREATH            1.1 /* a comma before the next note */
#define RULE_TIE_ROOM          0.9 /* from a tied head to what follows, besides its gap */
#define RULE_LAST_LINE_STRETCH 1.3
#define RULE_NAME_GAP          1.0 /* instrument name to the staff */
#define RULE_NAME_SIZE         2.0
#define RULE_GROUP_ROOM        2.2 /* brace or bracket between name and staff */

/* 16.27 to 16.33: columns of a chord */
#define RULE_ACCIDENTAL_OVERLAP 0.27 /* of a box, above and below: a sixth shares a column */
#define RULE_VOICE_GAP          0.2

#endif
