/* MusicXML to the model, checked on its GMN print: reference musicxml.md. */
/* clang-format off: cmocka needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "musicxml_texts.h"
#include "notation_reading.h"
#include "renderer/notation/read/gmn.h"
#include "renderer/notation/read/musicxml.h"

static struct notation *read_xml(const char *text) {
    struct notation *notation = NULL;
    struct notation_message error;
    if (musicxml_read(text, strlen(text), &notation, &error) != 0) {
        fail_msg("%s\nrefused: %d:%d %s", text, error.line, error.column, error.text);
    }
    return notation;
}

/* What is printed between "\staff<1>" and the end of the first voice. */
static void check(const char *xml, const char *expected) {
    struct notation *notation = read_xml(xml), *again = NULL;
    char *printed = notation_print(notation);
    assert_int_equal(gmn_read(printed, strlen(printed), &again, NULL), 0);
    assert_true(notation_equal(notation, again));
    char *begin = strstr(printed, "\\staff<1>");
    assert_non_null(begin);
    begin += strlen("\\staff<1> ");
    char *end = strstr(begin, " ]");
    assert_non_null(end);
    *end = '\0';
    assert_string_equal(begin, expected);
    free(printed);
    notation_destroy(again);
    notation_destroy(notation);
}

static void check_measure(const char *content, const char *expected) {
    char xml[8192];
    snprintf(xml, sizeof(xml), PART(MEASURE("%s")), content);
    check(xml, expected);
}

static void check_all(const char *xml, const char *expected) {
    struct notation *notation = read_xml(xml);
    char *printed = notation_print(notation);
    assert_string_equal(printed, expected);
    free(printed);
    notation_destroy(notation);
}

static void test_musicxml__pitches_and_durations(void **state) {
    (void)state;
    check_measure(QUARTER("C", ""), "c");
    check_measure("<attributes><divisions>2</divisions></attributes>" NOTE("A", "5", "1", ""),
                  "a2/8");
    check_measure("<note><pitch><step>E</step><alter>-1</alter><octave>3</octave></pitch>"
                  "<duration>3</duration><type>half</type><dot/></note>",
                  "e&0/2.");
    check_measure("<note><pitch><step>F</step><alter>1.5</alter><octave>4</octave></pitch>"
                  "<duration>1</duration></note>",
                  "{ \\alter<0.5> f#}");
    check_measure(
        "<note><unpitched><display-step>E</display-step><display-octave>5</display-octave>"
        "</unpitched><duration>1</duration></note>",
        "e2");
    check_measure(QUARTER("C", "") CHORD_NOTE("E", "") "<note><rest/><duration>2</duration></note>",
                  "{c, e} _/2");
    check_measure("<attributes><divisions>3</divisions></attributes>" NOTE("C", "4", "1",
                                                                           "<type>eighth</type>"),
                  "c/12");
}

static void test_musicxml__shapes_that_differ_from_time_are_said(void **state) {
    (void)state;
    check_measure(QUARTER("C", "<type>half</type>"), "\\displayDuration<1,2>( c )");
    check_measure(QUARTER("C", "<type>eighth</type><dot/>"), "\\displayDuration<1,8,1>( c )");
    check_measure("<note><rest measure=\"yes\"/><duration>3</duration><type>whole</type></note>",
                  "_*3/4");
    check_measure("<attributes><divisions>2</divisions></attributes>"
                  "<note><pitch><step>C</step><octave>4</octave></pitch><duration>3</"
                  "duration><type>quarter</type>"
                  "<time-modification><actual-notes>2</actual-notes><normal-notes>3</"
                  "normal-notes></time-modification></note>",
                  "\\displayDuration<1,4>( c*3/8 )");
}

static void test_musicxml__cursor_goes_back_and_forth(void **state) {
    (void)state;
    check_all(PART(MEASURE(QUARTER("C", "<voice>1</voice>") QUARTER(
                  "D", "<voice>1</voice>") "<backup><duration>2</duration></backup>"
                                           "<forward><duration>1</duration></forward>" QUARTER(
                                               "E", "<voice>2</voice>"))),
              "{[ \\staff<1> c d ],\n[ \\staff<1> empty e ]}\n");
    check_measure("<backup><duration>5</duration></backup>" QUARTER("C", ""),
                  "c"); /* clamped to 0 */
}

static void test_musicxml__measures_of_all_parts_begin_together(void **state) {
    (void)state;
    check_all("<score-partwise><part-list><score-part id=\"a\"/><score-part id=\"b\"/></part-list>"
              "<part id=\"a\">" MEASURE(QUARTER("C", "")) MEASURE(
                  QUARTER("D", "")) "</part>"
                                    "<part id=\"b\">" MEASURE(QUARTER("E", "") QUARTER("F", ""))
                                        MEASURE(QUARTER("G", "")) "</part>"
                                                                  "</score-partwise>",
              "{[ \\accol<id=1,range=\"1-2\",type=\"none\"> \\staff<1> c empty \\bar d ],\n"
              "[ \\staff<2> e f \\bar g ]}\n");
}

static void test_musicxml__timewise_gives_the_same(void **state) {
    (void)state;
    check_all(
        "<score-timewise><part-list><score-part id=\"a\"/><score-part id=\"b\"/></part-list>"
        "<measure number=\"1\"><part id=\"a\">" QUARTER("C", "") "</part><part id=\"b\">" QUARTER(
            "E", "") "</part></measure><measure number=\"2\"><part "
                     "id=\"b\">" QUARTER("F", "") "</part></measure></"
                                                  "score-timewise>",
        "{[ \\accol<id=1,range=\"1-2\",type=\"none\"> \\staff<1> c \\bar empty ],\n"
        "[ \\staff<2> e \\bar f ]}\n");
}

static void test_musicxml__signatures(void **state) {
    (void)state;
    check_measure("<attributes><key><fifths>3</fifths></key><time "
                  "symbol=\"cut\"><beats>2</beats><beat-type>2</beat-type></time>"
                  "<clef><sign>C</sign><line>4</line></clef></attributes>",
                  "\\key<3> \\meter<\"C/\",autoBarlines=\"off\"> \\clef<\"c4\">");
    check_measure("<attributes><time><beats>3+2</beats><beat-type>8</beat-type></time>"
                  "<clef><sign>G</sign><line>2</line><clef-octave-change>-1</clef-octave-change></"
                  "clef></attributes>",
                  "\\meter<\"3+2/8\",autoBarlines=\"off\",group=\"on\"> \\clef<\"g2-8\">");
    check_measure(
        "<attributes><time "
        "print-object=\"no\"><beats>3</beats><beat-type>4</beat-type><beats>2</beats><beat-type>8</"
        "beat-type></time>"
        "<clef><sign>percussion</sign></clef></attributes>",
        "\\meter<\"3/4+2/8\",autoBarlines=\"off\",group=\"on\",hidden=\"true\"> \\clef<\"perc\">");
    check_measure("<attributes><key><key-step>F</key-step><key-alter>1</key-alter><key-step>B</"
                  "key-step><key-alter>-0.5</key-alter></key>"
                  "<time><senza-misura/></time><staff-details><staff-lines>1</staff-lines></"
                  "staff-details></attributes>",
                  "\\key<free=\"f#b[-0.5]\"> \\meter<\"none\",autoBarlines=\"off\"> "
                  "\\staffFormat<\"1-lines\">");
    /* A change at the start of a measure stands before its bar line. */
    check(
        PART(MEASURE(QUARTER("C", "")) MEASURE(
            "<attributes><clef><sign>F</sign><line>4</line></clef></attributes>" QUARTER("D", ""))),
        "c \\clef<\"f4\"> \\bar d");
}

static void test_musicxml__bars_repeats_and_endings(void **state) {
    (void)state;
    check(
        PART(
            MEASURE(
                "<barline location=\"left\"><bar-style>heavy-light</bar-style><repeat "
                "direction=\"forward\"/></barline>" QUARTER(
                    "C", "")) MEASURE("<barline location=\"left\"><ending number=\"1\" "
                                      "type=\"start\">1.</ending></barline>" QUARTER(
                                          "D",
                                          "") "<barline location=\"right\"><ending number=\"1\" "
                                              "type=\"stop\"/><repeat "
                                              "direction=\"backward\"/></barline>")
                MEASURE(
                    "<barline location=\"left\"><ending number=\"2\" "
                    "type=\"start\"/></barline>" QUARTER(
                        "E",
                        "") "<barline location=\"right\"><bar-style>light-light</bar-style><ending "
                            "number=\"2\" type=\"discontinue\"/></barline>")
                    MEASURE(QUARTER(
                        "F",
                        "") "<barline location=\"right\"><bar-style>dashed</bar-style></barline>")
                        MEASURE(QUARTER(
                            "G",
                            "") "<barline location=\"right\"><bar-style>none</bar-style></barline>")
                            MEASURE(QUARTER("A", "") "<barline "
                                                     "location=\"right\"><bar-style>light-heavy</"
                                                     "bar-style></barline>")),
        "\\repeatBegin c \\bar \\voltaBegin:1<\"1.\",\"|-|\"> d \\voltaEnd:1 \\repeatEnd"
        " \\voltaBegin:2<\"2.\",\"|-\"> e \\voltaEnd:2 \\doubleBar f \\bar<style=\"dashed\"> g"
        " \\bar<hidden=\"true\"> a \\endBar");
}

static void test_musicxml__jumps_behind_the_last_note_stay_before_the_bar(void **state) {
    (void)state;
    check(
        PART(MEASURE(QUARTER("C", "") "<direction><direction-type><words>Fine</words></"
                                      "direction-type><sound fine=\"yes\"/></direction>")
                 MEASURE(QUARTER("D", "") "<sound dalsegno=\"s\"/><barline><fermata/></barline>")),
        "c \\fine<\"Fine\"> \\bar d \\dalSegno \\fermata");
    check(PART(MEASURE("<barline location=\"left\"><repeat "
                       "direction=\"forward\"/></barline><attributes><key><fifths>1</fifths></"
                       "key></attributes>" QUARTER("C", ""))),
          "\\key<1> \\repeatBegin c");
}

static void test_musicxml__ties_and_slurs(void **state) {
    (void)state;
    check_measure(QUARTER("C", NOTATIONS("<tied type=\"start\"/>")) CHORD_NOTE("E", "")
                      QUARTER("C", NOTATIONS("<tied type=\"stop\"/><tied type=\"start\"/>"))
                          QUARTER("C", NOTATIONS("<tied type=\"stop\"/>")),
                  "{ \\tieBegin:1 c, e} { \\tieBegin:2 c} \\tieEnd:1 c \\tieEnd:2");
    check_measure(QUARTER("C", "<tie type=\"start\"/>") QUARTER("C", "<tie type=\"stop\"/>"),
                  "{ \\tieBegin:1 c} c \\tieEnd:1");
    check_measure(
        QUARTER("C", NOTATIONS("<slur type=\"start\" number=\"1\" placement=\"above\"/>"))
            QUARTER("D", NOTATIONS("<slur type=\"start\" number=\"2\" orientation=\"under\"/>"))
                QUARTER("E", NOTATIONS("<slur type=\"stop\" number=\"1\"/>"))
                    QUARTER("F", NOTATIONS("<slur type=\"stop\" number=\"2\"/>")),
        "\\slurBegin:1<\"up\"> c \\slurBegin:2<\"down\"> d e \\slurEnd:1 f \\slurEnd:2");
}

static void test_musicxml__a_slur_may_end_in_another_voice(void **state) {
    (void)state;
    check_all(
        PART(MEASURE(QUARTER("C", "<voice>1</voice>" NOTATIONS("<slur type=\"start\"/>"))
                         QUARTER("D", "<voice>2</voice>" NOTATIONS("<slur type=\"stop\"/>")))),
        "{[ \\staff<1> \\slurBegin:1 c empty \\slurEnd:1 ],\n[ \\staff<1> empty d ]}\n");
}

static void test_musicxml__articulations_and_ornaments(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"<articulations><accent/><staccato/></articulations>", "\\accent( \\staccato( c ) )"},
        {"<articulations><strong-accent placement=\"above\"/></articulations>",
         "\\marcato<position=\"above\">( c )"},
        {"<articulations><staccatissimo/><tenuto/></articulations>",
         "\\staccato<type=\"heavy\">( \\tenuto( c ) )"},
        {"<articulations><detached-legato/></articulations>", "\\tenuto( \\staccato( c ) )"},
        {"<articulations><breath-mark/></articulations>", "c \\breathMark"},
        {"<ornaments><trill-mark/><accidental-mark>flat</accidental-mark></ornaments>",
         "\\trill<wavy=\"false\",accidental=\"&\">( c )"},
        {"<ornaments><turn/></ornaments>", "\\turn( c )"},
        {"<ornaments><inverted-turn/></ornaments>", "\\turn<type=\"inverted\">( c )"},
        {"<ornaments><mordent/></ornaments>", "\\mordent<type=\"inverted\">( c )"},
        {"<ornaments><inverted-mordent/></ornaments>", "\\mordent<type=\"prall\">( c )"},
        {"<ornaments><tremolo type=\"single\">2</tremolo></ornaments>",
         "\\tremolo<style=\"//\">( c )"},
        {"<technical><up-bow/></technical>", "\\bow<type=\"up\">( c )"},
        {"<technical><harmonic/></technical>", "\\harmonic( c )"},
        {"<technical><stopped/></technical>", "\\pizzicato<type=\"lefthand\">( c )"},
        {"<technical><snap-pizzicato/></technical>", "\\pizzicato<type=\"snap\">( c )"},
        {"<technical><fingering>3</fingering></technical>", "{ \\fingering<\"3\">( c)}"},
        {"<fermata type=\"inverted\">angled</fermata>",
         "\\fermata<type=\"short\",position=\"below\">( c )"},
        {"<arpeggiate direction=\"down\"/>", "\\arpeggio<\"down\">( c )"},
        {"<dynamics><sfz/></dynamics>", "\\intens<\"sfz\"> c"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char content[1024];
        snprintf(content, sizeof(content), QUARTER("C", NOTATIONS("%s")), rows[i][0]);
        check_measure(content, rows[i][1]);
    }
    check_measure(
        QUARTER("C", NOTATIONS("<ornaments><trill-mark/><wavy-line type=\"start\"/></ornaments>"))
            QUARTER("D", NOTATIONS("<ornaments><wavy-line type=\"stop\"/></ornaments>")),
        "\\trillBegin:1 c d \\trillEnd:1");
    check_measure(QUARTER("C", NOTATIONS("<glissando type=\"start\"/>"))
                      QUARTER("D", NOTATIONS("<glissando type=\"stop\"/>")),
                  "\\glissandoBegin:1 c d \\glissandoEnd:1");
}

static void test_musicxml__tuplets(void **state) {
    (void)state;
    check_measure(
        "<attributes><divisions>3</divisions></attributes>" NOTE(
            "C", "4", "1",
            "<type>eighth</type><time-modification><actual-notes>3</actual-notes><normal-notes>2</"
            "normal-notes></time-modification>" NOTATIONS(
                "<tuplet type=\"start\" bracket=\"no\" show-number=\"both\" placement=\"below\"/>"))
            NOTE("D", "4", "1", "<type>eighth</type>")
                NOTE("E", "4", "1", NOTATIONS("<tuplet type=\"stop\"/>")),
        "\\tupletBegin:1<\"3:2\",position=\"below\"> c/12 d e \\tupletEnd:1");
}

static void test_musicxml__graces_and_cues_are_ranges(void **state) {
    (void)state;
    check_measure(
        "<note><grace "
        "slash=\"yes\"/><pitch><step>D</step><octave>4</octave></pitch><type>16th</type></note>"
        "<note><grace/><pitch><step>E</step><octave>4</octave></pitch><type>16th</type></"
        "note>" QUARTER("C", ""),
        "\\grace( d/16 e ) c/4");
    check_measure("<note><cue/><pitch><step>D</step><octave>4</octave></pitch><duration>1</"
                  "duration></note>" QUARTER("C", ""),
                  "\\cue( d ) c");
    /* Behind the last note of a measure they stay before the bar line. */
    check(PART(MEASURE(QUARTER("C", "") "<note><grace/><pitch><step>D</step><octave>4</octave></"
                                        "pitch><type>eighth</type></note>")
                   MEASURE(QUARTER("E", ""))),
          "c \\grace( d/8 ) \\bar e/4");
}

static void test_musicxml__looks_of_notes(void **state) {
    (void)state;
    check_measure(QUARTER("C", "<notehead>x</notehead>"), "{ \\noteFormat<\"x\">( c)}");
    check_measure(QUARTER("C", "<notehead parentheses=\"yes\">normal</notehead>"),
                  "{ \\noteFormat<\"()\">( c)}");
    check_measure(QUARTER("C", "<stem>up</stem>") QUARTER("D", "<stem>up</stem>")
                      QUARTER("E", "<stem>down</stem>") QUARTER("F", ""),
                  "\\stemsUp c d \\stemsDown e \\stemsAuto f");
    check_measure("<note "
                  "print-object=\"no\"><pitch><step>C</step><octave>4</octave></pitch><duration>1</"
                  "duration></note>",
                  "empty");
}

static void test_musicxml__own_accidentals_and_beams_are_flagged(void **state) {
    (void)state;
    struct notation *plain = read_xml(PART(MEASURE(QUARTER("C", ""))));
    assert_false(plain->has_own_accidentals || plain->has_own_beams);
    notation_destroy(plain);
    struct notation *notation =
        read_xml(PART(MEASURE("<attributes><divisions>2</divisions></attributes>" NOTE(
            "C", "4", "1",
            "<accidental cautionary=\"yes\">natural</accidental><beam number=\"1\">begin</beam>")
                                  NOTE("D", "4", "1", "<beam number=\"1\">end</beam>"))));
    assert_true(notation->has_own_accidentals && notation->has_own_beams);
    assert_string_equal(notation_tag_text(tag_of(notation, TAG_ACCIDENTAL, 0), "style", ""),
                        "cautionary");
    assert_int_equal(tag_of(notation, TAG_BEAM, 0)->end_event, 2);
    notation_destroy(notation);
}

static void test_musicxml__lyrics(void **state) {
    (void)state;
    check_measure(
        QUARTER("C", "<lyric><syllabic>begin</syllabic><text>glo</text></lyric><lyric "
                     "number=\"2\"><text>a</text><elision/><text>e</text></lyric>")
            QUARTER("D", "<lyric><syllabic>end</syllabic><text>ria</text><extend/></lyric>"),
        "\\lyrics<\"glo-\">( \\lyrics<\"a~e\",dy=-7hs>( c ) ) \\lyrics<\"ria_\">( d )");
}

static void test_musicxml__directions(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"<direction-type><words font-style=\"italic\">dolce</words></direction-type>",
         "\\text<\"dolce\",dy=11hs,fattrib=\"i\"> c"},
        {"<direction-type><dynamics><mf/></dynamics></direction-type>", "\\intens<\"mf\"> c"},
        {"<direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/><per-minute>92</"
         "per-minute></metronome></direction-type>",
         "\\tempo<\"[1/4.] = 92\",\"1/4.=92\"> c"},
        {"<direction-type><words>Vivo</words></direction-type><sound tempo=\"120\"/>",
         "\\tempo<\"Vivo\",\"1/4=120\"> c"},
        {"<direction-type><rehearsal>B</rehearsal></direction-type>",
         "\\mark<\"B\",enclosure=\"square\"> c"},
        {"<direction-type><segno/></direction-type>", "\\segno<\"[segno]\"> c"},
        {"<direction-type><coda/></direction-type>", "\\coda<\"[coda]\"> c"},
        {"<direction-type><words>D.C. al Fine</words></direction-type><sound dacapo=\"yes\"/>",
         "\\daCapoAlFine<\"D.C. al Fine\"> c"},
        {"<direction-type><words>Fine</words></direction-type><sound fine=\"yes\"/>",
         "\\fine<\"Fine\"> c"},
        {"<direction-type><pedal type=\"start\"/></direction-type>", "\\pedalOn c"},
        {"<direction-type><pedal type=\"change\"/></direction-type>", "\\pedalOff \\pedalOn c"},
        {"<direction-type><octave-shift type=\"down\" size=\"8\"/></direction-type>",
         "\\octava<1> c"},
        {"<direction-type><octave-shift type=\"up\" size=\"15\"/></direction-type>",
         "\\octava<-2> c"},
        {"<direction-type><octave-shift type=\"stop\"/></direction-type>", "\\octava<0> c"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char content[1024];
        snprintf(content, sizeof(content), "<direction>%s</direction>" QUARTER("C", ""),
                 rows[i][0]);
        check_measure(content, rows[i][1]);
    }
    check_measure("<direction><direction-type><wedge "
                  "type=\"diminuendo\"/></direction-type></direction>" QUARTER("C", "") QUARTER(
                      "D", "") "<direction><direction-type><wedge "
                               "type=\"stop\"/></direction-type></direction>" QUARTER("E", ""),
                  "\\diminuendoBegin:1 c d \\diminuendoEnd:1 e");
    check_measure("<harmony><root><root-step>B</root-step><root-alter>-1</root-alter></"
                  "root><kind>minor-seventh</kind>"
                  "<bass><bass-step>D</bass-step></bass></harmony>" QUARTER("C", ""),
                  "\\harmony<\"B&m7/D\"> c");
}

static void test_musicxml__head_of_the_score(void **state) {
    (void)state;
    check_all("<score-partwise><work><work-title> A title "
              "</work-title></work><identification><creator type=\"lyricist\">X</creator>"
              "<creator type=\"composer\">Y</creator><rights>Z</rights></identification><part-list>"
              "<part-group type=\"start\" "
              "number=\"1\"><group-symbol>bracket</group-symbol><group-barline>yes</"
              "group-barline></part-group>"
              "<score-part id=\"a\"><part-name>Flute</part-name></score-part><score-part "
              "id=\"b\"><part-name print-object=\"no\">Oboe</part-name></score-part>"
              "<part-group type=\"stop\" number=\"1\"/></part-list>"
              "<part id=\"a\">" MEASURE(QUARTER("C", "")) "</part><part id=\"b\">" MEASURE(
                  QUARTER("D", "")) "</part></score-partwise>",
              "{[ \\title<\"A title\"> \\composer<\"Y\"> \\footer<\"Z\"> "
              "\\accol<id=1,range=\"1-2\",type=\"straightBrace\">"
              " \\barFormat<\"system\",range=\"1-2\"> \\staff<1> "
              "\\instrument<\"Flute\",autopos=\"on\"> c ],\n[ \\staff<2> d ]}\n");
}

static void test_musicxml__a_voice_may_change_staff(void **state) {
    (void)state;
    check_all(PART(MEASURE("<attributes><staves>2</staves></attributes>" QUARTER(
                  "C", "<staff>2</staff>") QUARTER("D", "<staff>1</staff>"))),
              "{[ \\accol<id=1,range=\"1-2\",type=\"curlyBrace\"> "
              "\\barFormat<\"system\",range=\"1-2\"> \\staff<2> c \\staff<1> d ],\n"
              "[ \\staff<1> empty/2 ]}\n");
}

static void test_musicxml__rests_over_many_measures(void **state) {
    (void)state;
    check(PART(MEASURE("<attributes><measure-style><multiple-rest>2</multiple-rest></"
                       "measure-style></attributes>"
                       "<note><rest measure=\"yes\"/><duration>4</duration></note>")
                   MEASURE("<note><rest measure=\"yes\"/><duration>4</duration></note>")
                       MEASURE(QUARTER("C", ""))),
          "\\mrest<2>( _/1 \\bar _ ) \\bar c/4");
}

static void test_musicxml__tablature(void **state) {
    (void)state;
    check_measure("<attributes><clef><sign>TAB</sign></clef></attributes>" QUARTER(
                      "C", NOTATIONS("<technical><string>2</string><fret>7</fret></technical>")),
                  "\\clef<\"TAB\"> s2:7:");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_musicxml__pitches_and_durations),
        cmocka_unit_test(test_musicxml__shapes_that_differ_from_time_are_said),
        cmocka_unit_test(test_musicxml__cursor_goes_back_and_forth),
        cmocka_unit_test(test_musicxml__measures_of_all_parts_begin_together),
        cmocka_unit_test(test_musicxml__timewise_gives_the_same),
        cmocka_unit_test(test_musicxml__signatures),
        cmocka_unit_test(test_musicxml__bars_repeats_and_endings),
        cmocka_unit_test(test_musicxml__jumps_behind_the_last_note_stay_before_the_bar),
        cmocka_unit_test(test_musicxml__ties_and_slurs),
        cmocka_unit_test(test_musicxml__a_slur_may_end_in_another_voice),
        cmocka_unit_test(test_musicxml__articulations_and_ornaments),
        cmocka_unit_test(test_musicxml__tuplets),
        cmocka_unit_test(test_musicxml__graces_and_cues_are_ranges),
        cmocka_unit_test(test_musicxml__looks_of_notes),
        cmocka_unit_test(test_musicxml__own_accidentals_and_beams_are_flagged),
        cmocka_unit_test(test_musicxml__lyrics),
        cmocka_unit_test(test_musicxml__directions),
        cmocka_unit_test(test_musicxml__head_of_the_score),
        cmocka_unit_test(test_musicxml__a_voice_may_change_staff),
        cmocka_unit_test(test_musicxml__rests_over_many_measures),
        cmocka_unit_test(test_musicxml__tablature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
