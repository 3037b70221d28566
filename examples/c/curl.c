/* The story over libcurl: one exchange is one easy handle, and generatio_call_run does the rest. */

#include "story.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One exchange on its way. */
typedef struct {
  CURL *curl;
  generatio_call *call;
  uint64_t exchange;
  bool head_is_fed;
} courier;

/* libcurl has the whole head by the time it tells of a body, or is done. */
static void feed_head(courier *it) {
  if (it->head_is_fed) return;
  it->head_is_fed = true;
  long status = 0;
  curl_easy_getinfo(it->curl, CURLINFO_RESPONSE_CODE, &status);
  generatio_call_head(it->call, it->exchange, (uint16_t)status);
  struct curl_header *header = NULL;
  while ((header = curl_easy_nextheader(it->curl, CURLH_HEADER, -1, header)) != NULL)
    generatio_call_header(it->call, it->exchange, header->name, strlen(header->name), header->value,
                          strlen(header->value));
  generatio_call_head_done(it->call, it->exchange);
}

static size_t on_body(char *data, size_t size, size_t count, void *context) {
  courier *it = context;
  feed_head(it);
  generatio_call_chunk(it->call, it->exchange, (const uint8_t *)data, size * count);
  return generatio_call_wants(it->call, it->exchange) ? size * count : CURL_WRITEFUNC_ERROR;
}

/* libcurl calls this about every second while nothing arrives, too. */
static int on_time(void *context, curl_off_t down, curl_off_t downed, curl_off_t up, curl_off_t upped) {
  courier *it = context;
  (void)down, (void)downed, (void)up, (void)upped;
  return generatio_call_wants(it->call, it->exchange) ? 0 : 1;
}

static uint32_t ended(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return GENERATIO_EXCHANGE_END_COMPLETE;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PEER_FAILED_VERIFICATION:
      return GENERATIO_EXCHANGE_END_NOT_SENT;
    case CURLE_OPERATION_TIMEDOUT:
      return GENERATIO_EXCHANGE_END_TIMED_OUT;
    case CURLE_WRITE_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
      return GENERATIO_EXCHANGE_END_CUT_OFF;
    default:
      return GENERATIO_EXCHANGE_END_MAYBE_SENT;
  }
}

/* Overwrites; volatile, so that the writes are not left out. */
static void wipe(char *text, size_t len) {
  for (volatile char *byte = text; byte < text + len; byte++) *byte = 0;
}

/* "name: value" for libcurl; false when there is no memory. The key's copy is libcurl's from here on. */
static bool add_headers(struct curl_slist **list, const generatio_request *request) {
  for (size_t at = 0; at < generatio_request_header_count(request); at++) {
    char line[8192];
    int len = snprintf(line, sizeof line, "%s: %s", generatio_request_header_name(request, at).data,
                       generatio_request_header_value(request, at).data);
    struct curl_slist *longer = len > 0 && (size_t)len < sizeof line ? curl_slist_append(*list, line) : NULL;
    wipe(line, sizeof line);
    if (!longer) return false;
    *list = longer;
  }
  return true;
}

static void wipe_headers(struct curl_slist *list) {
  for (struct curl_slist *one = list; one; one = one->next) wipe(one->data, strlen(one->data));
  curl_slist_free_all(list);
}

static CURLcode send_request(courier *it, const generatio_request *request, long left_ms) {
  generatio_view body = generatio_request_body(request);
  struct curl_slist *headers = NULL;
  if (!add_headers(&headers, request)) {
    wipe_headers(headers);
    return CURLE_URL_MALFORMAT;
  }
  curl_easy_setopt(it->curl, CURLOPT_URL, generatio_request_url(request).data);
  curl_easy_setopt(it->curl, CURLOPT_CUSTOMREQUEST, generatio_request_method(request).data);
  curl_easy_setopt(it->curl, CURLOPT_PROTOCOLS_STR, "http,https");
  if (body.len > 0) {
    curl_easy_setopt(it->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
    curl_easy_setopt(it->curl, CURLOPT_POSTFIELDS, body.data);
  }
  curl_easy_setopt(it->curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(it->curl, CURLOPT_TIMEOUT_MS, left_ms);
  curl_easy_setopt(it->curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(it->curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(it->curl, CURLOPT_WRITEDATA, it);
  curl_easy_setopt(it->curl, CURLOPT_XFERINFOFUNCTION, on_time);
  curl_easy_setopt(it->curl, CURLOPT_XFERINFODATA, it);
  curl_easy_setopt(it->curl, CURLOPT_NOPROGRESS, 0L);
  CURLcode code = curl_easy_perform(it->curl);
  wipe_headers(headers);
  return code;
}

static uint32_t exchange(void *context, generatio_call *call, uint64_t number, const generatio_request *request) {
  courier it = {.curl = curl_easy_init(), .call = call, .exchange = number};
  int64_t left = generatio_request_deadline_ms(request) - story_now_ms();
  (void)context;
  if (!it.curl || left <= 0) {
    curl_easy_cleanup(it.curl);
    return GENERATIO_EXCHANGE_END_NOT_SENT;
  }
  CURLcode code = send_request(&it, request, (long)left);
  if (code == CURLE_OK) feed_head(&it);
  curl_easy_cleanup(it.curl);
  return ended(code);
}

static void on_progress(void *context, const generatio_progress *progress) {
  (void)context;
  story_tell(progress);
}

static generatio_status run(void *context, generatio_call *call, generatio_error **error) {
  generatio_transport transport = {
      .size = sizeof transport, .context = context, .exchange = exchange, .progress = on_progress};
  return generatio_call_run(call, &transport, error);
}

/* A picture's address is public: no key goes there. */
static bool download(void *context, const char *url, const char *path) {
  CURL *curl = curl_easy_init();
  FILE *file = fopen(path, "wb");
  (void)context;
  if (!file) perror(path);
  bool well = false;
  if (curl && file) {
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)STORY_MAX_PICTURE);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, file);
    CURLcode code = curl_easy_perform(curl);
    well = code == CURLE_OK;
    if (!well) fprintf(stderr, "error: the picture cannot be fetched: %s\n", curl_easy_strerror(code));
  }
  if (file && fclose(file) != 0) well = false;
  curl_easy_cleanup(curl);
  return well;
}

int main(int argc, char **argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  story_carrier carrier = {.run = run, .download = download};
  int code = story_main(argc, argv, &carrier);
  curl_global_cleanup();
  return code;
}
