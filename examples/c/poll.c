/* The story step by step on poll(2): courier.c does what each step wants. */

#include "courier.h"
#include "story.h"

#include <poll.h>
#include <stdio.h>

static void tell(void *context, const generatio_progress *progress) {
  (void)context;
  story_tell(progress);
}

static generatio_status run(void *context, generatio_call *call, generatio_error **error) {
  return courier_run(call, tell, context, error);
}

/* A picture that is being saved. */
typedef struct {
  FILE *file;
  int status;
  size_t size;
} saving;

static void save_head(void *context, int status) { ((saving *)context)->status = status; }

static void save_header(void *context, const char *name, size_t name_len, const char *value, size_t value_len) {
  (void)context, (void)name, (void)name_len, (void)value, (void)value_len;
}

static void save_head_done(void *context) { (void)context; }

static void save_body(void *context, const char *bytes, size_t len) {
  saving *it = context;
  it->size += len;
  if (it->size <= STORY_MAX_PICTURE) fwrite(bytes, 1, len, it->file);
}

/* A picture's address is public: no key goes there. */
static http_state fetch(const char *url, saving *it) {
  http_sink sink = {save_head, save_header, save_head_done, save_body, it};
  http_state state = HTTP_MORE;
  int64_t deadline = story_now_ms() + 60000;
  http *http = http_begin("GET", url, "", NULL, 0);
  if (!http) return HTTP_NOT_SENT;
  while (state == HTTP_MORE && story_now_ms() < deadline && it->size <= STORY_MAX_PICTURE) {
    struct pollfd ready = {.fd = http_fd(http), .events = http_events(http)};
    poll(&ready, 1, 1000);
    state = http_go_on(http, &sink);
  }
  http_end(http);
  return state;
}

static bool download(void *context, const char *url, const char *path) {
  saving it = {.file = fopen(path, "wb")};
  (void)context;
  if (!it.file) {
    perror(path);
    return false;
  }
  bool fetched = fetch(url, &it) == HTTP_COMPLETE && it.status == 200;
  bool written = !ferror(it.file);
  if (fclose(it.file) != 0) written = false;
  if (!fetched) fprintf(stderr, "error: the picture cannot be fetched\n");
  if (!written) perror(path);
  return fetched && written;
}

int main(int argc, char **argv) {
  story_carrier carrier = {.run = run, .download = download};
  return story_main(argc, argv, &carrier);
}
