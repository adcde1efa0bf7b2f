/* Pieces of MusicXML for tests. */
#ifndef LEGGIO_TESTS_MUSICXML_TEXTS_H
#define LEGGIO_TESTS_MUSICXML_TEXTS_H

#define NOTE(step, octave, duration, more)                                                         \
    "<note><pitch><step>" step "</step><octave>" octave "</octave></pitch><duration>" duration     \
    "</duration>" more "</note>"
#define QUARTER(step, more) NOTE(step, "4", "1", more)
#define CHORD_NOTE(step, more)                                                                     \
    "<note><chord/><pitch><step>" step                                                             \
    "</step><octave>4</octave></pitch><duration>1</duration>" more "</note>"
#define NOTATIONS(x) "<notations>" x "</notations>"
#define MEASURE(x)   "<measure number=\"1\">" x "</measure>"
#define PART(x)                                                                                    \
    "<score-partwise><part-list><score-part id=\"P1\"/></part-list><part id=\"P1\">" x             \
    "</part></score-partwise>"

#endif
