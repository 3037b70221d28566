/* Opens a sealed secret, frees it, and looks for it in all of this process's memory. */

#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <fcntl.h>
#include <unistd.h>

#define LENGTH 40

/* Needles are kept scrambled, so that the search does not find its own. */
static unsigned char scrambled(const char *salt, size_t i) { return (unsigned char)(salt[i % 7] * 31 + i * 7) % 90 + 33; }

/* How often what `salt` stands for lies in memory that can be written to. */
static int found(const char *salt) {
  FILE *maps = fopen("/proc/self/maps", "r");
  int memory = open("/proc/self/mem", O_RDONLY), count = 0;
  static char line[512];
  CHECK(maps != NULL && memory >= 0);
  while (fgets(line, sizeof line, maps) != NULL) {
    unsigned long from, to;
    char rights[5];
    if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) != 3 || rights[0] != 'r' || rights[1] != 'w') {
      continue;
    }
    unsigned char *copy = malloc(to - from);
    ssize_t got = pread(memory, copy, to - from, (off_t)from);
    for (ssize_t at = 0; at + LENGTH <= got; at++) {
      size_t i = 0;
      while (i < LENGTH && copy[at + (ssize_t)i] == scrambled(salt, i)) {
        i++;
      }
      /* The copy that is being searched lies in memory too; whatever it holds is not counted twice. */
      unsigned long place = from + (unsigned long)at;
      if (i == LENGTH && (place < (unsigned long)copy || place >= (unsigned long)copy + (to - from))) {
        count++;
      }
    }
    if (got > 0) {
      memset(copy, 0, (size_t)got);
    }
    free(copy);
  }
  close(memory);
  fclose(maps);
  return count;
}

/* A secret, sealed and opened by the library; nothing of it stays with this program. */
static generatio_secret *opened(const char *salt) {
  char token[LENGTH];
  generatio_text *sealed = NULL;
  generatio_secret *secret = NULL;
  for (size_t i = 0; i < LENGTH; i++) {
    token[i] = (char)scrambled(salt, i);
  }
  CHECK(generatio_seal(token, LENGTH, TEXT("a password"), TEXT("u1"), GENERATIO_ITERATIONS_MIN, &sealed) == GENERATIO_OK);
  for (volatile char *at = token; at < token + LENGTH; at++) {
    *at = 0;
  }
  generatio_view text = generatio_text_view(sealed);
  CHECK(generatio_open(text.data, text.len, TEXT("a password"), TEXT("u1"), &secret) == GENERATIO_OK);
  generatio_text_free(sealed);
  return secret;
}

int main(void) {
  generatio_secret *control = opened("control"), *secret = opened("secrets");
  CHECK(found("control") >= 1);
  CHECK(found("secrets") >= 1);
  generatio_secret_free(secret);
  printf("before: found; after: control %d, secret %d\n", found("control"), found("secrets"));
  CHECK(found("control") >= 1);
  CHECK(found("secrets") == 0);
  generatio_secret_free(control);
  return 0;
}
