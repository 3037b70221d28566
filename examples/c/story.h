/* What both C programs share: the story itself. Only how bytes travel is each program's own. */

#ifndef STORY_H
#define STORY_H

#include <generatio.h>

/* The largest picture that is taken, and how long a whole generation may take. */
#define STORY_MAX_PICTURE ((size_t)64 << 20)
#define STORY_PATIENCE_MS 600000

/* Unix milliseconds. */
int64_t story_now_ms(void);

/* Prints where a request stands, and its new log lines. */
void story_tell(const generatio_progress *progress);

/* How a program carries what the library wants sent. */
typedef struct {
  /* Drives a call to its end, telling progress; as generatio_call_run. */
  generatio_status (*run)(void *context, generatio_call *call, generatio_error **error);
  /* Fetches a public address into the file; false, having said why on stderr, when it cannot. */
  bool (*download)(void *context, const char *url, const char *file);
  void *context;
} story_carrier;

/* Seals the key, opens it, prices, generates, saves. Gives back the program's exit code. */
int story_main(int argc, char **argv, const story_carrier *carrier);

#endif
