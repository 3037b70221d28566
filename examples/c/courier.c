#include "courier.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_head(void *context, int status) {
  courier *it = context;
  generatio_call_head(it->call, it->exchange, (uint16_t)status);
}

static void on_header(void *context, const char *name, size_t name_len, const char *value, size_t value_len) {
  courier *it = context;
  generatio_call_header(it->call, it->exchange, name, name_len, value, value_len);
}

static void on_head_done(void *context) {
  courier *it = context;
  generatio_call_head_done(it->call, it->exchange);
}

static void on_body(void *context, const char *bytes, size_t len) {
  courier *it = context;
  generatio_call_chunk(it->call, it->exchange, (const uint8_t *)bytes, len);
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

bool courier_send(courier *it, uint64_t exchange, const generatio_request *request) {
  generatio_view body = generatio_request_body(request);
  size_t size;
  char *headers = header_lines(request, &size);
  courier_stop(it);
  it->exchange = exchange;
  if (!headers) return false;
  it->http = http_begin(generatio_request_method(request).data, generatio_request_url(request).data, headers, body.data,
                        body.len);
  for (volatile char *byte = headers; byte < headers + size; byte++) *byte = 0;
  free(headers);
  return it->http != NULL;
}

void courier_wait(const courier *it, int64_t until_ms) {
  int64_t left = until_ms - now_ms();
  int timeout = left < 0 ? 0 : left > 1000 ? 1000 : (int)left;
  struct pollfd ready = {.fd = it->http ? http_fd(it->http) : -1};
  if (it->http) ready.events = http_events(it->http);
  poll(&ready, 1, timeout);
}

int courier_go_on(courier *it) {
  static const int ends[] = {
      [HTTP_MORE] = COURIER_MORE,
      [HTTP_COMPLETE] = GENERATIO_EXCHANGE_END_COMPLETE,
      [HTTP_NOT_SENT] = GENERATIO_EXCHANGE_END_NOT_SENT,
      [HTTP_BROKEN] = GENERATIO_EXCHANGE_END_MAYBE_SENT,
  };
  http_sink sink = {on_head, on_header, on_head_done, on_body, it};
  int end = ends[http_go_on(it->http, &sink)];
  if (end != COURIER_MORE) courier_stop(it);
  return end;
}

void courier_stop(courier *it) {
  http_end(it->http);
  it->http = NULL;
}

static void tell_all(generatio_call *call, courier_tell *tell, void *context) {
  generatio_progress *progress = NULL;
  while (generatio_call_next_progress(call, &progress) == GENERATIO_OK && progress) {
    tell(context, progress);
    generatio_progress_free(progress);
  }
}

/* Does what the call wants now, waiting at most until it wants something else. */
static void do_step(courier *it, uint32_t step) {
  int end = COURIER_MORE;
  if (step == GENERATIO_STEP_SEND) {
    uint64_t exchange = generatio_call_exchange(it->call);
    if (!courier_send(it, exchange, generatio_call_request(it->call))) end = GENERATIO_EXCHANGE_END_NOT_SENT;
  } else {
    if (it->http && generatio_call_exchange(it->call) != it->exchange) courier_stop(it);
    courier_wait(it, generatio_call_wait_until(it->call));
    if (it->http) end = courier_go_on(it);
  }
  if (end != COURIER_MORE) generatio_call_end(it->call, it->exchange, (uint32_t)end);
}

generatio_status courier_run(generatio_call *call, courier_tell *tell, void *context, generatio_error **error) {
  courier it = {.call = call};
  uint32_t step = 0;
  generatio_status status;
  while ((status = generatio_call_next(call, now_ms(), &step)) == GENERATIO_OK && step != GENERATIO_STEP_DONE) {
    tell_all(call, tell, context);
    do_step(&it, step);
  }
  tell_all(call, tell, context);
  courier_stop(&it);
  return status == GENERATIO_OK ? generatio_call_finish(call, error) : status;
}
