/* Reads calls from standard input, one a line, their texts in hexadecimal with "-" for the empty one, and prints what
 * comes of each: "0 HEX" or the status. */

#include "check.h"

#define MOST 400000

struct field {
  char *data;
  size_t len;
};

static int digit(char c) { return c >= 'a' ? c - 'a' + 10 : c - '0'; }

/* The next word of the line, decoded in place. */
static struct field next(char **line) {
  struct field field = {*line, 0};
  char *from = *line, *to = *line;
  if (*from == '-') {
    from++;
  }
  for (; *from != ' ' && *from != '\n' && *from != '\0'; from += 2) {
    *to++ = (char)(digit(from[0]) * 16 + digit(from[1]));
  }
  field.len = (size_t)(to - field.data);
  *line = *from == ' ' ? from + 1 : from;
  return field;
}

static void print(generatio_status status, const char *data, size_t len) {
  printf("%u ", (unsigned)status);
  for (size_t i = 0; i < len; i++) {
    printf("%02x", (unsigned char)data[i]);
  }
  printf("\n");
}

static void print_secret(generatio_status status, generatio_secret *secret) {
  CHECK((status == GENERATIO_OK) == (secret != NULL));
  generatio_view view = generatio_secret_view(secret);
  print(status, view.data, view.len);
  generatio_secret_free(secret);
}

static void print_text(generatio_status status, generatio_text *text) {
  CHECK((status == GENERATIO_OK) == (text != NULL));
  generatio_view view = generatio_text_view(text);
  print(status, view.data, view.len);
  generatio_text_free(text);
}

int main(void) {
  static char buffer[MOST];
  while (fgets(buffer, sizeof buffer, stdin) != NULL) {
    char *line = strchr(buffer, ' ');
    CHECK(line != NULL);
    *line++ = '\0';
    generatio_secret *secret = NULL;
    generatio_text *text = NULL;
    generatio_status status;
    if (strcmp(buffer, "open") == 0) {
      struct field sealed = next(&line), password = next(&line), context = next(&line);
      status = generatio_open(sealed.data, sealed.len, password.data, password.len, context.data, context.len, &secret);
      print_secret(status, secret);
    } else if (strcmp(buffer, "seal") == 0) {
      struct field token = next(&line), password = next(&line), context = next(&line);
      status = generatio_seal(token.data, token.len, password.data, password.len, context.data, context.len,
                                GENERATIO_ITERATIONS_MIN, &text);
      print_text(status, text);
    } else if (strcmp(buffer, "account") == 0) {
      struct field email = next(&line), password = next(&line), realm = next(&line);
      status = generatio_account_secret(email.data, email.len, password.data, password.len, realm.data, realm.len, &secret);
      print_secret(status, secret);
    } else if (strcmp(buffer, "session") == 0 || strcmp(buffer, "box") == 0) {
      struct field id = next(&line), kind = next(&line), user = next(&line), expiry = next(&line), last = next(&line);
      uint32_t number = kind.data[0] == 's' ? GENERATIO_SESSION_KIND_SESSION : GENERATIO_SESSION_KIND_API_KEY;
      char digits[32] = {0};
      CHECK(expiry.len < sizeof digits);
      memcpy(digits, expiry.data, expiry.len);
      int64_t expires = strtoll(digits, NULL, 10);
      if (buffer[0] == 's') {
        status = generatio_session_open(id.data, id.len, number, user.data, user.len, expires, last.data, last.len, &secret);
        print_secret(status, secret);
      } else {
        status = generatio_session_seal(id.data, id.len, number, user.data, user.len, expires, last.data, last.len, &text);
        print_text(status, text);
      }
    } else if (strcmp(buffer, "index") == 0) {
      struct field id = next(&line);
      uint8_t index[GENERATIO_SESSION_INDEX_BYTES];
      status = generatio_session_index(id.data, id.len, index);
      print(status, (const char *)index, sizeof index);
    } else {
      CHECK(!"a call that is known");
    }
  }
  return 0;
}
