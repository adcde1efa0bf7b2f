/* leggio-keys: one function per command; each returns the exit status. */
#ifndef LEGGIO_KEYS_KEYS_H
#define LEGGIO_KEYS_KEYS_H

#include "common/options.h"

extern const struct options_table KEYS_TABLE;

/* A new token on standard error, the line for the --auth file on standard output. */
int keys_token(const struct options *options);

/* Folders with CURVE keys under DIR; with --name one more gateway's. */
int keys_curve(const struct options *options);

#endif
