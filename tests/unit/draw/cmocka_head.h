/* What cmocka.h needs before it. */
#ifndef LEGGIO_TESTS_CMOCKA_HEAD_H
#define LEGGIO_TESTS_CMOCKA_HEAD_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#endif
