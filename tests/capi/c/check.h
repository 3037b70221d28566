/* What the C programs beside this share. */

#ifndef CHECK_H
#define CHECK_H

#include "generatio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the program when something is not as it should be. */
#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);   \
      exit(1);                                                                  \
    }                                                                           \
  } while (0)

/* A text constant as the library takes it. */
#define TEXT(constant) (constant), sizeof(constant) - 1

static inline int same(generatio_view view, const char *text) {
  return view.len == strlen(text) && memcmp(view.data, text, view.len) == 0 && view.data[view.len] == '\0';
}

#endif
