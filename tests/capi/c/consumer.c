/* The least that a program of one's own would be. */

#include <generatio.h>
#include <stdio.h>

int main(void) {
  int64_t nano = 0;
  char text[GENERATIO_USD_TEXT_BYTES];
  if (generatio_abi() != GENERATIO_ABI || generatio_usd_parse("0.0090", 6, &nano) != GENERATIO_OK ||
      generatio_usd_format(nano, text, sizeof text) != GENERATIO_OK) {
    return 1;
  }
  printf("libgeneratio %s: %s\n", generatio_version(), text);
  return 0;
}
