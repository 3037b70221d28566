#include "http.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* The longest head of an answer. */
#define MAX_HEAD 65536

typedef enum { CONNECTING, SENDING, HEAD, BODY } phase;
typedef enum { TO_LENGTH, TO_CLOSE, CHUNK_SIZE, CHUNK_REST_OF_LINE, CHUNK_DATA, CHUNK_END, TRAILER } framing;

struct http {
  int fd;
  phase phase;
  char *out;
  size_t out_len, out_sent;
  char head[MAX_HEAD];
  size_t head_len;
  framing framing;
  size_t left;          /* of the body, or of the chunk */
  bool line_is_empty;   /* of the trailer, so far */
};

/* Takes http://host:port/path apart. */
static bool split(const char *url, char *host, size_t host_size, char *port, size_t port_size, const char **path) {
  static const char scheme[] = "http://";
  if (strncmp(url, scheme, sizeof scheme - 1) != 0) {
    fprintf(stderr, "error: this example speaks plain HTTP to this machine only: set FAL_URL\n");
    return false;
  }
  const char *authority = url + sizeof scheme - 1;
  const char *end = authority + strcspn(authority, "/?");
  const char *colon = memchr(authority, ':', (size_t)(end - authority));
  const char *host_end = colon ? colon : end;
  int host_len = snprintf(host, host_size, "%.*s", (int)(host_end - authority), authority);
  int port_len = snprintf(port, port_size, "%.*s", colon ? (int)(end - colon - 1) : 2, colon ? colon + 1 : "80");
  *path = *end == '/' ? end : "/";
  return host_len > 0 && (size_t)host_len < host_size && port_len > 0 && (size_t)port_len < port_size;
}

static int connecting(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
  if (getaddrinfo(host, port, &hints, &found) != 0) return -1;
  int fd = socket(found->ai_family, found->ai_socktype, 0);
  if (fd >= 0) {
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (connect(fd, found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS) {
      close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(found);
  return fd;
}

static bool write_request(http *it, const char *method, const char *host, const char *port, const char *path,
                          const char *headers, const char *body, size_t body_len) {
  static const char form[] =
      "%s %s HTTP/1.1\r\nhost: %s:%s\r\nconnection: close\r\ncontent-length: %zu\r\n%s\r\n";
  int len = snprintf(NULL, 0, form, method, path, host, port, body_len, headers);
  if (len < 0 || !(it->out = malloc((size_t)len + 1 + body_len))) return false;
  snprintf(it->out, (size_t)len + 1, form, method, path, host, port, body_len, headers);
  if (body_len > 0) memcpy(it->out + len, body, body_len);
  it->out_len = (size_t)len + body_len;
  return true;
}

http *http_begin(const char *method, const char *url, const char *headers, const char *body, size_t body_len) {
  char host[256], port[8];
  const char *path;
  if (!split(url, host, sizeof host, port, sizeof port, &path)) return NULL;
  http *it = calloc(1, sizeof *it);
  if (!it) return NULL;
  it->fd = connecting(host, port);
  if (it->fd >= 0 && write_request(it, method, host, port, path, headers, body, body_len)) return it;
  http_end(it);
  return NULL;
}

int http_fd(const http *it) { return it->fd; }

short http_events(const http *it) { return it->phase < HEAD ? POLLOUT : POLLIN; }

static http_state write_on(http *it) {
  int failure = 0;
  socklen_t size = sizeof failure;
  if (it->phase == CONNECTING) {
    struct pollfd ready = {.fd = it->fd, .events = POLLOUT};
    if (poll(&ready, 1, 0) == 0) return HTTP_MORE;
    if (getsockopt(it->fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0 || failure != 0) return HTTP_NOT_SENT;
    it->phase = SENDING;
  }
  ssize_t sent = send(it->fd, it->out + it->out_sent, it->out_len - it->out_sent, MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN || errno == EINTR ? HTTP_MORE : HTTP_BROKEN;
  it->out_sent += (size_t)sent;
  if (it->out_sent == it->out_len) it->phase = HEAD;
  return HTTP_MORE;
}

/* One line of the head, without its CRLF. */
static void read_header(http *it, const http_sink *sink, const char *line, size_t len) {
  const char *colon = memchr(line, ':', len);
  if (!colon) return;
  size_t name_len = (size_t)(colon - line);
  const char *value = colon + 1, *end = line + len;
  while (value < end && (*value == ' ' || *value == '\t')) value++;
  while (end > value && (end[-1] == ' ' || end[-1] == '\t')) end--;
  size_t value_len = (size_t)(end - value);
  if (name_len == 14 && strncasecmp(line, "content-length", name_len) == 0 && it->framing == TO_CLOSE) {
    it->framing = TO_LENGTH;
    it->left = strtoul(value, NULL, 10);
  }
  if (name_len == 17 && strncasecmp(line, "transfer-encoding", name_len) == 0) {
    it->framing = CHUNK_SIZE;
    it->left = 0;
  }
  sink->header(sink->context, line, name_len, value, value_len);
}

/* The head is whole: ends before `end`. False for what is no HTTP. */
static bool read_head(http *it, const http_sink *sink, const char *end) {
  int status = 0;
  if (sscanf(it->head, "HTTP/1.%*1d %3d", &status) != 1) return false;
  it->framing = TO_CLOSE;
  it->phase = BODY;
  sink->head(sink->context, status);
  const char *line = it->head + strcspn(it->head, "\n") + 1;
  while (line < end) {
    size_t len = strcspn(line, "\r");
    read_header(it, sink, line, len);
    line += len + 2;
  }
  sink->head_done(sink->context);
  return true;
}

/* Takes bytes of a chunked body; true at its end. */
static bool read_chunks(http *it, const http_sink *sink, const char *bytes, size_t len) {
  for (size_t at = 0; at < len;) {
    char byte = bytes[at];
    if (it->framing == CHUNK_DATA) {
      size_t part = len - at < it->left ? len - at : it->left;
      sink->body(sink->context, bytes + at, part);
      at += part;
      it->left -= part;
      if (it->left == 0) it->framing = CHUNK_END;
      continue;
    }
    at++;
    if (it->framing == CHUNK_SIZE && isxdigit((unsigned char)byte)) {
      it->left = it->left * 16 + (size_t)(isdigit((unsigned char)byte) ? byte - '0' : tolower(byte) - 'a' + 10);
    } else if (byte == '\n' && it->framing == CHUNK_END) {
      it->framing = CHUNK_SIZE;
    } else if (byte == '\n' && (it->framing == CHUNK_SIZE || it->framing == CHUNK_REST_OF_LINE)) {
      it->framing = it->left > 0 ? CHUNK_DATA : TRAILER;
      it->line_is_empty = true;
    } else if (it->framing == CHUNK_SIZE) {
      it->framing = CHUNK_REST_OF_LINE;
    } else if (it->framing == TRAILER && byte == '\n') {
      if (it->line_is_empty) return true;
      it->line_is_empty = true;
    } else if (it->framing == TRAILER && byte != '\r') {
      it->line_is_empty = false;
    }
  }
  return false;
}

static http_state read_body(http *it, const http_sink *sink, const char *bytes, size_t len) {
  if (it->framing > TO_CLOSE) return read_chunks(it, sink, bytes, len) ? HTTP_COMPLETE : HTTP_MORE;
  size_t part = it->framing == TO_LENGTH && it->left < len ? it->left : len;
  if (part > 0) sink->body(sink->context, bytes, part);
  if (it->framing == TO_CLOSE) return HTTP_MORE;
  it->left -= part;
  return it->left == 0 ? HTTP_COMPLETE : HTTP_MORE;
}

/* Bytes came while the head was not whole yet; some may belong to the body. */
static http_state read_more_head(http *it, const http_sink *sink, const char *bytes, size_t len) {
  if (len >= sizeof it->head - it->head_len) return HTTP_BROKEN;
  memcpy(it->head + it->head_len, bytes, len);
  it->head_len += len;
  it->head[it->head_len] = '\0';
  char *end = strstr(it->head, "\r\n\r\n");
  if (!end) return HTTP_MORE;
  if (!read_head(it, sink, end)) return HTTP_BROKEN;
  const char *body = end + 4;
  return read_body(it, sink, body, (size_t)(it->head + it->head_len - body));
}

http_state http_go_on(http *it, const http_sink *sink) {
  if (it->phase < HEAD) return write_on(it);
  char bytes[16384];
  ssize_t got = recv(it->fd, bytes, sizeof bytes, 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? HTTP_MORE : HTTP_BROKEN;
  if (got == 0) return it->phase == BODY && it->framing == TO_CLOSE ? HTTP_COMPLETE : HTTP_BROKEN;
  if (it->phase == HEAD) return read_more_head(it, sink, bytes, (size_t)got);
  return read_body(it, sink, bytes, (size_t)got);
}

void http_end(http *it) {
  if (!it) return;
  if (it->fd >= 0) close(it->fd);
  /* The key stood there; volatile, so that the writes are not left out. */
  for (volatile char *byte = it->out; byte && byte < it->out + it->out_len; byte++) *byte = 0;
  free(it->out);
  free(it);
}
