/* Just enough HTTP/1.1 for poll(2): one request, one connection, nothing blocks. Plain HTTP only, which the library
 * allows to a loopback address: a stand-in, or something there that speaks TLS to FAL. */

#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>

/* How an exchange goes on. */
typedef enum { HTTP_MORE, HTTP_COMPLETE, HTTP_NOT_SENT, HTTP_BROKEN } http_state;

/* Who is told what arrives. */
typedef struct {
  void (*head)(void *context, int status);
  void (*header)(void *context, const char *name, size_t name_len, const char *value, size_t value_len);
  void (*head_done)(void *context);
  void (*body)(void *context, const char *bytes, size_t len);
  void *context;
} http_sink;

typedef struct http http;

/* Begins: `headers` are whole lines, each with its CRLF. NULL when it cannot be sent. */
http *http_begin(const char *method, const char *url, const char *headers, const char *body, size_t body_len);

/* What to poll for. */
int http_fd(const http *it);
short http_events(const http *it);

/* Does what can be done without waiting. */
http_state http_go_on(http *it, const http_sink *sink);

/* Closes, wipes and frees; NULL is fine. */
void http_end(http *it);

#endif
