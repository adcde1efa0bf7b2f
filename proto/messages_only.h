/* messages.def with the fields left out. No include guard: it is included once
 * per use, with MESSAGE (and, if wanted, PART) defined. */
#ifndef PART
#define PART(name, text)
#endif
#define END(name)
#define F_UINT(number, name, min, max, text)
#define F_INT(number, name, min, max, text)
#define F_BOOL(number, name, text)
#define F_NAME(number, name, max, text)
#define F_TEXT(number, name, max, text)
#define F_BYTES(number, name, max, text)
#define F_LIST(number, name, part, max, text)
#include "proto/messages.def"
#undef PART
#undef END
#undef F_UINT
#undef F_INT
#undef F_BOOL
#undef F_NAME
#undef F_TEXT
#undef F_BYTES
#undef F_LIST
