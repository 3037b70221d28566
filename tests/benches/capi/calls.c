/* Calls through libgeneratio's shared library, and sealing of the same kind by OpenSSL and libsodium: one round, as one
 * JSON object of nanoseconds a call. src/main.rs makes the same calls in Rust. */

#define _POSIX_C_SOURCE 200809L

#include <generatio.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MODEL "flux/dev"
#define PROMPT "a lighthouse in the fog"
#define PARAMETERS "{\"num_images\": 2, \"image_size\": {\"width\": 1280, \"height\": 1024}}"
#define TOKEN "0f0e0d0c-0b0a-4908-8706-050403020100:00112233445566778899aabbccddeeff"
#define PASSWORD "quiet harbour 42"
#define USER "u1"

#define TEXT(constant) (constant), sizeof(constant) - 1

#define MUST(condition)                                                       \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                \
    }                                                                         \
  } while (0)

static generatio_catalog *catalog;
static generatio_generation *generation;
static generatio_text *sealed, *box;
static generatio_secret *id;

static void version(void) { MUST(generatio_version_number() > 0); }

static void quote(void) {
  generatio_cost *cost = NULL;
  MUST(generatio_generation_quote(generation, &cost) == GENERATIO_OK);
  generatio_cost_free(cost);
}

static void validate(void) {
  generatio_generation *checked = NULL;
  MUST(generatio_catalog_check(catalog, TEXT(MODEL), TEXT(PROMPT), TEXT(PARAMETERS), &checked, NULL) == GENERATIO_OK);
  generatio_generation_free(checked);
}

static void open_session(void) {
  generatio_secret *token = NULL;
  generatio_view key = generatio_secret_view(id), text = generatio_text_view(box);
  MUST(generatio_session_open(key.data, key.len, GENERATIO_SESSION_KIND_SESSION, TEXT(USER), 9, text.data, text.len,
                              &token) == GENERATIO_OK);
  generatio_secret_free(token);
}

static void open_sealed(void) {
  generatio_secret *token = NULL;
  generatio_view text = generatio_text_view(sealed);
  MUST(generatio_open(text.data, text.len, TEXT(PASSWORD), TEXT(USER), &token) == GENERATIO_OK);
  generatio_secret_free(token);
}

static void seal(void) {
  generatio_text *text = NULL;
  MUST(generatio_seal(TEXT(TOKEN), TEXT(PASSWORD), TEXT(USER), 0, &text) == GENERATIO_OK);
  generatio_text_free(text);
}

/* What the others share: a fresh salt and nonce, a key of 600,000 iterations, AES-256-GCM. */
static unsigned char salt[32], nonce[12], key[32], box_bytes[sizeof TOKEN + 16];

static void derive_openssl(void) {
  MUST(PKCS5_PBKDF2_HMAC(PASSWORD, sizeof PASSWORD - 1, salt, sizeof salt, GENERATIO_ITERATIONS_DEFAULT, EVP_sha256(),
                         sizeof key, key) == 1);
}

static void seal_openssl(void) {
  int len = 0;
  randombytes_buf(salt, sizeof salt);
  randombytes_buf(nonce, sizeof nonce);
  derive_openssl();
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  MUST(EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1);
  MUST(EVP_EncryptUpdate(context, NULL, &len, (const unsigned char *)TEXT(USER)) == 1);
  MUST(EVP_EncryptUpdate(context, box_bytes, &len, (const unsigned char *)TEXT(TOKEN)) == 1);
  MUST(EVP_EncryptFinal_ex(context, box_bytes + len, &len) == 1);
  MUST(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, box_bytes + sizeof TOKEN - 1) == 1);
  EVP_CIPHER_CTX_free(context);
}

/* libsodium has no PBKDF2 of its own: this is RFC 8018 over its HMAC-SHA256, keyed once. */
static void derive_sodium(void) {
  static const unsigned char first[4] = {0, 0, 0, 1};
  crypto_auth_hmacsha256_state keyed, state;
  unsigned char sum[32];
  crypto_auth_hmacsha256_init(&keyed, (const unsigned char *)TEXT(PASSWORD));
  state = keyed;
  crypto_auth_hmacsha256_update(&state, salt, sizeof salt);
  crypto_auth_hmacsha256_update(&state, first, sizeof first);
  crypto_auth_hmacsha256_final(&state, sum);
  memcpy(key, sum, sizeof key);
  for (int i = 1; i < GENERATIO_ITERATIONS_DEFAULT; i++) {
    state = keyed;
    crypto_auth_hmacsha256_update(&state, sum, sizeof sum);
    crypto_auth_hmacsha256_final(&state, sum);
    for (size_t at = 0; at < sizeof key; at++) key[at] ^= sum[at];
  }
}

static void seal_sodium(void) {
  unsigned long long len = 0;
  randombytes_buf(salt, sizeof salt);
  randombytes_buf(nonce, sizeof nonce);
  derive_sodium();
  MUST(crypto_aead_aes256gcm_encrypt(box_bytes, &len, (const unsigned char *)TEXT(TOKEN), (const unsigned char *)TEXT(USER),
                                     NULL, nonce, key) == 0);
}

/* All of it would be for nothing if they did not derive the same. */
static void compare(void) {
  unsigned char other[sizeof key];
  derive_openssl();
  memcpy(other, key, sizeof key);
  derive_sodium();
  MUST(memcmp(other, key, sizeof key) == 0);
}

static void timed(const char *name, int calls, void (*call)(void), const char *end) {
  struct timespec from, to;
  clock_gettime(CLOCK_MONOTONIC, &from);
  for (int i = 0; i < calls; i++) call();
  clock_gettime(CLOCK_MONOTONIC, &to);
  double ns = (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
  printf("\"%s\": %.3f%s", name, ns / calls, end);
}

int main(void) {
  MUST(sodium_init() >= 0 && crypto_aead_aes256gcm_is_available());
  MUST(generatio_abi() == GENERATIO_ABI && generatio_catalog_builtin(&catalog) == GENERATIO_OK);
  MUST(generatio_catalog_check(catalog, TEXT(MODEL), TEXT(PROMPT), TEXT(PARAMETERS), &generation, NULL) == GENERATIO_OK);
  MUST(generatio_seal(TEXT(TOKEN), TEXT(PASSWORD), TEXT(USER), GENERATIO_ITERATIONS_MIN, &sealed) == GENERATIO_OK);
  MUST(generatio_session_id_new(&id) == GENERATIO_OK);
  generatio_view name = generatio_secret_view(id);
  MUST(generatio_session_seal(name.data, name.len, GENERATIO_SESSION_KIND_SESSION, TEXT(USER), 9, TEXT(TOKEN), &box) ==
       GENERATIO_OK);
  compare();
  printf("{");
  timed("empty", 20000000, version, ", ");
  timed("quote", 200000, quote, ", ");
  timed("validate", 20000, validate, ", ");
  timed("session", 20000, open_session, ", ");
  timed("open", 10, open_sealed, ", ");
  timed("seal", 4, seal, ", ");
  timed("seal_openssl", 4, seal_openssl, ", ");
  timed("seal_sodium", 2, seal_sodium, ", ");
  printf("\"openssl\": \"%s\", \"sodium\": \"%s\"}\n", OpenSSL_version(OPENSSL_VERSION), sodium_version_string());
  generatio_text_free(box);
  generatio_text_free(sealed);
  generatio_secret_free(id);
  generatio_generation_free(generation);
  generatio_catalog_free(catalog);
  return 0;
}
