/* A fresh folder for each test: *state is its path. For cmocka_unit_test_setup_teardown. */
#ifndef LEGGIO_TESTS_FOLDER_FIXTURE_H
#define LEGGIO_TESTS_FOLDER_FIXTURE_H

int folder_set_up(void **state);
/* It goes with all that is in it. */
int folder_tear_down(void **state);

#endif
