/* The story step by step on poll(2): generatio_call_next says what is wanted, and this program's own loop does it. The
 * same loop could serve many calls, and other descriptors beside them. */

#include "http.h"
#include "story.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The exchange that a call is in. */
typedef struct {
  generatio_call *call;
  uint64_t number;
  http *http;
} courier;

static void on_head(void *context, int status) {
  courier *it = context;
  generatio_call_head(it->call, it->number, (uint16_t)status);
}

static void on_header(void *context, const char *name, size_t name_len, const char *value, size_t value_len) {
  courier *it = context;
  generatio_call_header(it->call, it->number, name, name_len, value, value_len);
}

static void on_head_done(void *context) {
  courier *it = context;
  generatio_call_head_done(it->call, it->number);
}

static void on_body(void *context, const char *bytes, size_t len) {
  courier *it = context;
  generatio_call_chunk(it->call, it->number, (const uint8_t *)bytes, len);
}

/* All headers as lines, to be freed; NULL when there is no memory. */
static char *header_lines(const generatio_request *request, size_t *size) {
  *size = 1;
  for (size_t at = 0; at < generatio_request_header_count(request); at++)
    *size += generatio_request_header_name(request, at).len + generatio_request_header_value(request, at).len + 4;
  char *lines = malloc(*size), *end = lines;
  if (!lines) return NULL;
  *end = '\0';
  for (size_t at = 0; at < generatio_request_header_count(request); at++)
    end += sprintf(end, "%s: %s\r\n", generatio_request_header_name(request, at).data,
                   generatio_request_header_value(request, at).data);
  return lines;
}

static void send_request(courier *it) {
  const generatio_request *request = generatio_call_request(it->call);
  generatio_view body = generatio_request_body(request);
  size_t size;
  char *headers = header_lines(request, &size);
  http_end(it->http);
  it->number = generatio_call_exchange(it->call);
  it->http = headers ? http_begin(generatio_request_method(request).data, generatio_request_url(request).data, headers,
                                  body.data, body.len)
                     : NULL;
  for (volatile char *byte = headers; byte && byte < headers + size; byte++) *byte = 0;
  free(headers);
  if (!it->http) generatio_call_end(it->call, it->number, GENERATIO_EXCHANGE_END_NOT_SENT);
}

/* Waits until bytes come or the call wants to be asked again. */
static void wait_for(const courier *it, int64_t until_ms) {
  int64_t left = until_ms - story_now_ms();
  int timeout = left < 0 ? 0 : left > 1000 ? 1000 : (int)left;
  struct pollfd ready = {.fd = it->http ? http_fd(it->http) : -1};
  if (it->http) ready.events = http_events(it->http);
  poll(&ready, 1, timeout);
}

static void go_on(courier *it) {
  static const uint32_t ends[] = {
      [HTTP_COMPLETE] = GENERATIO_EXCHANGE_END_COMPLETE,
      [HTTP_NOT_SENT] = GENERATIO_EXCHANGE_END_NOT_SENT,
      [HTTP_BROKEN] = GENERATIO_EXCHANGE_END_MAYBE_SENT,
  };
  http_sink sink = {on_head, on_header, on_head_done, on_body, it};
  http_state state = http_go_on(it->http, &sink);
  if (state == HTTP_MORE) return;
  generatio_call_end(it->call, it->number, ends[state]);
  http_end(it->http);
  it->http = NULL;
}

static void tell(generatio_call *call) {
  generatio_progress *progress = NULL;
  while (generatio_call_next_progress(call, &progress) == GENERATIO_OK && progress) {
    story_tell(progress);
    generatio_progress_free(progress);
  }
}

static generatio_status run(void *context, generatio_call *call, generatio_error **error) {
  courier it = {.call = call};
  uint32_t step = 0;
  generatio_status status;
  (void)context;
  while ((status = generatio_call_next(call, story_now_ms(), &step)) == GENERATIO_OK && step != GENERATIO_STEP_DONE) {
    tell(call);
    if (step == GENERATIO_STEP_SEND) send_request(&it);
    if (it.http && generatio_call_exchange(call) != it.number) {
      http_end(it.http);
      it.http = NULL;
    }
    if (step != GENERATIO_STEP_SEND) wait_for(&it, generatio_call_wait_until(call));
    if (it.http) go_on(&it);
  }
  tell(call);
  http_end(it.http);
  return status == GENERATIO_OK ? generatio_call_finish(call, error) : status;
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
