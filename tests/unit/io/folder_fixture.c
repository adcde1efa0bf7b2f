/* See folder_fixture.h. */
#include "tests/unit/io/folder_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int folder_set_up(void **state) {
    char *dir = strdup("/tmp/leggio-state-XXXXXX");
    assert_non_null(mkdtemp(dir));
    *state = dir;
    return 0;
}

int folder_tear_down(void **state) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", (char *)*state);
    assert_int_equal(system(command), 0);
    free(*state);
    return 0;
}
