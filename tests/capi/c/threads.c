/* Eight threads, each with handles of its own, and one catalog and one place of FAL for all. With the argument "race"
 * they count in a plain variable, so that whoever looks on can be seen to look. */

#include "check.h"

#include <pthread.h>

#define THREADS 8
#define ROUNDS 40

static generatio_catalog *catalog;
static generatio_fal *fal;
static int racing, counted;

static uint32_t refuse(void *context, generatio_call *call, uint64_t exchange, const generatio_request *request) {
  (void)context;
  CHECK(generatio_request_url(request).len > 0);
  CHECK(generatio_call_head(call, exchange, 401) == GENERATIO_OK);
  return GENERATIO_EXCHANGE_END_COMPLETE;
}

static void once(void) {
  generatio_generation *generation = NULL;
  generatio_cost *cost = NULL;
  generatio_error *error = NULL;
  generatio_call *call = NULL;
  generatio_secret *id = NULL, *token = NULL;
  generatio_text *box = NULL;
  generatio_transport transport = {sizeof transport, NULL, refuse, NULL, NULL, NULL};
  CHECK(generatio_catalog_check(catalog, TEXT("flux/dev"), TEXT("a fox"), TEXT("{\"num_images\": 2}"), &generation, NULL) == GENERATIO_OK);
  CHECK(generatio_generation_quote(generation, &cost) == GENERATIO_OK);
  CHECK(generatio_cost_nano_usd(cost, GENERATIO_PRICES_FAL) > 0);
  generatio_generation_free(generation);
  CHECK(generatio_catalog_check(catalog, TEXT("none"), TEXT(""), NULL, 0, &generation, &error) != GENERATIO_OK);
  generatio_error_free(error);
  generatio_cost_free(cost);

  CHECK(generatio_fal_check_key(fal, TEXT("key"), INT64_MAX, &call) == GENERATIO_OK);
  CHECK(generatio_call_run(call, &transport, &error) == GENERATIO_FAL_KEY_REFUSED);
  generatio_error_free(error);
  generatio_call_free(call);

  CHECK(generatio_session_id_new(&id) == GENERATIO_OK);
  generatio_view key = generatio_secret_view(id);
  CHECK(generatio_session_seal(key.data, key.len, GENERATIO_SESSION_KIND_SESSION, TEXT("u1"), 9, TEXT("token"), &box) == GENERATIO_OK);
  generatio_view text = generatio_text_view(box);
  CHECK(generatio_session_open(key.data, key.len, GENERATIO_SESSION_KIND_SESSION, TEXT("u1"), 9, text.data, text.len, &token) == GENERATIO_OK);
  generatio_secret_free(token);
  generatio_text_free(box);
  generatio_secret_free(id);
}

static void *work(void *generation) {
  for (int round = 0; round < ROUNDS; round++) {
    once();
    if (racing) {
      counted++;
    }
  }
  return generation;
}

/* One thread runs a call that would take for ever; another ends it. */
static void *stop(void *call) {
  generatio_call_abort(call);
  return NULL;
}

static uint32_t never(void *context, generatio_call *call, uint64_t exchange, const generatio_request *request) {
  (void)context, (void)request;
  while (generatio_call_wants(call, exchange)) {
  }
  return GENERATIO_EXCHANGE_END_CUT_OFF;
}

int main(int count, char **arguments) {
  pthread_t threads[THREADS];
  racing = count > 1 && strcmp(arguments[1], "race") == 0;
  CHECK(generatio_catalog_builtin(&catalog) == GENERATIO_OK);
  CHECK(generatio_fal_new(NULL, 0, &fal) == GENERATIO_OK);
  for (int i = 0; i < THREADS; i++) {
    CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
  }
  for (int i = 0; i < THREADS; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0);
  }
  generatio_call *call = NULL;
  generatio_transport transport = {sizeof transport, NULL, never, NULL, NULL, NULL};
  CHECK(generatio_fal_check_key(fal, TEXT("key"), INT64_MAX, &call) == GENERATIO_OK);
  CHECK(pthread_create(&threads[0], NULL, stop, call) == 0);
  CHECK(generatio_call_run(call, &transport, NULL) == GENERATIO_ABORTED);
  CHECK(pthread_join(threads[0], NULL) == 0);
  generatio_call_free(call);
  generatio_fal_free(fal);
  generatio_catalog_free(catalog);
  printf("all went well\n");
  return 0;
}
