/* Everything once, as a program would: what is made is freed, so that a leak is the library's. With the argument "leak"
 * one handle is not freed, with "overflow" one byte is read behind a buffer, so that whoever looks on can be seen to
 * look. */

#include "check.h"

static const char KEY[] = "key-id:key-secret";

static void versions(void) {
  char composed[64];
  snprintf(composed, sizeof composed, "%u.%u.%u", (unsigned)GENERATIO_VERSION_MAJOR, (unsigned)GENERATIO_VERSION_MINOR,
           (unsigned)GENERATIO_VERSION_PATCH);
  CHECK(strcmp(composed, GENERATIO_VERSION) == 0);
  CHECK(strcmp(generatio_version(), GENERATIO_VERSION) == 0);
  CHECK(generatio_version_number() == GENERATIO_VERSION_NUMBER);
  CHECK(generatio_abi() == GENERATIO_ABI);
  CHECK(strcmp(generatio_status_name(GENERATIO_WRONG_PASSWORD), "wrong_password") == 0);
  CHECK(strcmp(generatio_status_message(GENERATIO_OK), "it went well") == 0);
}

static void sealing(void) {
  generatio_text *sealed = NULL, *resealed = NULL;
  generatio_secret *token = NULL;
  uint32_t version = 0, iterations = 0;
  CHECK(generatio_seal("fal\0token", 9, TEXT("password"), TEXT("u1"), GENERATIO_ITERATIONS_MIN, &sealed) == GENERATIO_OK);
  generatio_view text = generatio_text_view(sealed);
  CHECK(generatio_sealed_read(text.data, text.len, &version, &iterations) == GENERATIO_OK);
  CHECK(version == 2 && iterations == GENERATIO_ITERATIONS_MIN);
  CHECK(generatio_open(text.data, text.len, TEXT("password"), TEXT("u2"), &token) == GENERATIO_SEALED_TOKEN_DAMAGED);
  CHECK(generatio_open(text.data, text.len, TEXT("passwort"), TEXT("u1"), &token) == GENERATIO_WRONG_PASSWORD);
  CHECK(generatio_reseal(text.data, text.len, TEXT("password"), TEXT("u1"), 100001, &resealed) == GENERATIO_OK);
  text = generatio_text_view(resealed);
  CHECK(generatio_open(text.data, text.len, TEXT("password"), TEXT("u1"), &token) == GENERATIO_OK);
  generatio_view opened = generatio_secret_view(token);
  CHECK(opened.len == 9 && memcmp(opened.data, "fal\0token", 10) == 0);
  generatio_secret_free(token);
  generatio_text_free(resealed);
  generatio_text_free(sealed);
  CHECK(generatio_seal_v1(TEXT("t"), TEXT("password"), &sealed) == GENERATIO_OK);
  generatio_text_free(sealed);
  CHECK(generatio_seal(TEXT("t"), TEXT("password"), TEXT(""), 1, &sealed) == GENERATIO_ITERATIONS_OUT_OF_RANGE);
  CHECK(sealed == NULL);
}

static void typed(void) {
  generatio_text *key = NULL;
  CHECK(generatio_password_check(TEXT("password")) == GENERATIO_PASSWORD_COMMON);
  CHECK(generatio_fal_key_check(TEXT("a b")) == GENERATIO_FAL_KEY_MALFORMED);
  CHECK(generatio_prompt_check(TEXT("  ")) == GENERATIO_PROMPT_MISSING);
  CHECK(generatio_name_check(TEXT("Foxes")) == GENERATIO_OK);
  CHECK(generatio_email_key(TEXT("nobody"), &key) == GENERATIO_EMAIL_MALFORMED);
  CHECK(generatio_email_key(TEXT("A@Example.com"), &key) == GENERATIO_OK);
  generatio_text_free(key);
}

static generatio_generation *priced(void) {
  generatio_catalog *catalog = NULL, *changed = NULL;
  generatio_generation *generation = NULL;
  generatio_cost *cost = NULL;
  generatio_error *error = NULL;
  char text[GENERATIO_USD_TEXT_BYTES];
  CHECK(generatio_catalog_builtin(&catalog) == GENERATIO_OK);
  CHECK(generatio_catalog_len(catalog) == 21);
  CHECK(generatio_catalog_with_file(catalog, TEXT("{\n  \"hide\": 7}"), &changed, &error) == GENERATIO_CATALOG_MALFORMED);
  CHECK(generatio_error_line(error) == 2 && generatio_error_column(error) > 0 && changed == NULL);
  generatio_error_free(error);
  CHECK(generatio_catalog_with_file(catalog, TEXT("{\"hide\": [\"fast-sdxl\"]}"), &changed, NULL) == GENERATIO_OK);
  generatio_catalog_free(catalog);
  CHECK(generatio_catalog_len(changed) == 20);
  CHECK(generatio_catalog_find(changed, TEXT("fast-sdxl")) == NULL);
  const generatio_model *model = generatio_catalog_find(changed, TEXT("flux/schnell"));
  CHECK(model != NULL && generatio_model_cost_per_image(model, GENERATIO_PRICES_CATALOG) == 3000000);
  CHECK(generatio_model_json(model).data[0] == '{');
  for (size_t i = 0; i < generatio_model_parameter_count(model); i++) {
    CHECK(generatio_parameter_name(generatio_model_parameter(model, i)).len > 0);
  }
  CHECK(generatio_catalog_check(changed, TEXT("flux/schnell"), TEXT("a fox"), TEXT("{\"num_images\": 3}"), &generation, NULL) == GENERATIO_OK);
  generatio_catalog_free(changed);
  CHECK(generatio_generation_images(generation) == 3);
  CHECK(generatio_generation_quote(generation, &cost) == GENERATIO_OK);
  CHECK(generatio_usd_format(generatio_cost_nano_usd(cost, GENERATIO_PRICES_CATALOG), text, sizeof text) == GENERATIO_OK);
  CHECK(strcmp(text, "0.009") == 0);
  CHECK(same(generatio_cost_units(cost, GENERATIO_PRICES_CATALOG), "3"));
  generatio_cost_free(cost);
  CHECK(generatio_generation_charge(generation, 2, TEXT("2"), &cost) == GENERATIO_OK);
  CHECK(same(generatio_cost_billable_units(cost), "2"));
  generatio_cost_free(cost);
  return generation;
}

/* A host that answers from memory. */
struct host {
  int exchanges;
  int64_t now;
  unsigned seen;
};

static void answer(generatio_call *call, uint64_t exchange, const char *type, const char *body) {
  CHECK(generatio_call_head(call, exchange, 200) == GENERATIO_OK);
  CHECK(generatio_call_header(call, exchange, TEXT("content-type"), type, strlen(type)) == GENERATIO_OK);
  CHECK(generatio_call_head_done(call, exchange) == GENERATIO_OK);
  for (; *body != '\0' && generatio_call_wants(call, exchange); body++) {
    CHECK(generatio_call_chunk(call, exchange, (const uint8_t *)body, 1) == GENERATIO_OK);
  }
}

static uint32_t exchange(void *context, generatio_call *call, uint64_t number, const generatio_request *request) {
  struct host *host = context;
  generatio_view url = generatio_request_url(request);
  for (size_t i = 0; i < generatio_request_header_count(request); i++) {
    CHECK(generatio_request_header_value(request, i).len > 0);
  }
  switch (host->exchanges++) {
  case 0:
    return GENERATIO_EXCHANGE_END_NOT_SENT;
  case 1:
    CHECK(same(generatio_request_method(request), "POST"));
    answer(call, number, "application/json", "{\"request_id\": \"r-1\"}");
    break;
  case 2:
    CHECK(strstr(url.data, "/status/stream") != NULL);
    answer(call, number, "text/event-stream",
           "data: {\"status\": \"IN_PROGRESS\", \"logs\": [{\"message\": \"50%\"}]}\n\n"
           "data: {\"status\": \"COMPLETED\"}\n\n");
    break;
  default:
    answer(call, number, "application/json", "{\"images\": [{\"url\": \"https://fal.media/1.png\"}]}");
  }
  return GENERATIO_EXCHANGE_END_COMPLETE;
}

static int64_t now_ms(void *context) { return ((struct host *)context)->now++; }

static void sleep_ms(void *context, int64_t ms) { ((struct host *)context)->now += ms; }

static void progress(void *context, const generatio_progress *told) {
  struct host *host = context;
  host->seen |= 1u << generatio_progress_state(told);
  for (size_t i = 0; i < generatio_progress_log_count(told); i++) {
    CHECK(same(generatio_progress_log_message(told, i), "50%"));
  }
}

static void calls(const generatio_generation *generation) {
  struct host host = {0};
  generatio_transport transport = {sizeof transport, &host, exchange, now_ms, sleep_ms, progress};
  generatio_fal *fal = NULL;
  generatio_call *call = NULL;
  generatio_submitted *submitted = NULL, *restored = NULL;
  generatio_output *output = NULL;
  generatio_error *error = NULL;
  CHECK(generatio_fal_new(TEXT("http://example.com"), &fal) == GENERATIO_FAL_HOST_REFUSED);
  CHECK(generatio_fal_new(NULL, 0, &fal) == GENERATIO_OK);
  CHECK(generatio_fal_submit(fal, TEXT(KEY), generation, TEXT("https://example.com/hook"), 5000, 60000, &call) == GENERATIO_OK);
  CHECK(generatio_call_run(call, &transport, &error) == GENERATIO_OK);
  CHECK(generatio_call_submitted(call, &submitted) == GENERATIO_OK);
  generatio_call_free(call);
  generatio_view id = generatio_submitted_request_id(submitted), endpoint = generatio_submitted_endpoint(submitted);
  CHECK(generatio_submitted_restore(fal, endpoint.data, endpoint.len, id.data, id.len, NULL, 0, NULL, 0, NULL, 0, &restored, NULL) == GENERATIO_OK);
  generatio_submitted_free(submitted);

  CHECK(generatio_fal_wait(fal, TEXT(KEY), restored, 60000, &call) == GENERATIO_OK);
  CHECK(generatio_call_run(call, &transport, &error) == GENERATIO_OK);
  generatio_call_free(call);
  CHECK(host.seen == ((1u << GENERATIO_JOB_STATE_RUNNING) | (1u << GENERATIO_JOB_STATE_COMPLETED)));

  CHECK(generatio_fal_result(fal, TEXT(KEY), restored, 60000, &call) == GENERATIO_OK);
  CHECK(generatio_call_run(call, &transport, &error) == GENERATIO_OK);
  CHECK(generatio_call_output(call, &output) == GENERATIO_OK);
  generatio_call_free(call);
  CHECK(same(generatio_output_url(output, 0), "https://fal.media/1.png"));
  generatio_output_free(output);

  /* Freed in the middle, with a head half fed and a request lent. */
  uint32_t step = 0;
  CHECK(generatio_fal_cancel(fal, TEXT(KEY), restored, &call) == GENERATIO_OK);
  CHECK(generatio_call_next(call, 0, &step) == GENERATIO_OK && step == GENERATIO_STEP_SEND);
  CHECK(generatio_call_head(call, generatio_call_exchange(call), 200) == GENERATIO_OK);
  CHECK(generatio_call_header(call, generatio_call_exchange(call), TEXT("a"), TEXT("b")) == GENERATIO_OK);
  generatio_call_free(call);

  CHECK(generatio_fal_check_key(fal, TEXT(KEY), 60000, &call) == GENERATIO_OK);
  CHECK(generatio_call_next(call, 0, &step) == GENERATIO_OK && step == GENERATIO_STEP_SEND);
  CHECK(generatio_call_head(call, generatio_call_exchange(call), 401) == GENERATIO_OK);
  CHECK(generatio_call_end(call, generatio_call_exchange(call), GENERATIO_EXCHANGE_END_COMPLETE) == GENERATIO_OK);
  CHECK(generatio_call_next(call, 0, &step) == GENERATIO_OK && step == GENERATIO_STEP_DONE);
  CHECK(generatio_call_finish(call, &error) == GENERATIO_FAL_KEY_REFUSED);
  CHECK(generatio_error_fal_status(error) == 401);
  generatio_error_free(error);
  generatio_call_free(call);
  generatio_submitted_free(restored);
  generatio_fal_free(fal);
}

static void webhooks(void) {
  generatio_fal *fal = NULL;
  generatio_webhook_keys *keys = NULL;
  generatio_delivery *delivery = NULL;
  generatio_error *error = NULL;
  CHECK(generatio_fal_new(NULL, 0, &fal) == GENERATIO_OK);
  CHECK(generatio_webhook_keys_parse(TEXT("{}"), 0, &keys, &error) == GENERATIO_FAL_PROTOCOL && keys == NULL);
  generatio_error_free(error);
  CHECK(generatio_webhook_keys_parse(TEXT("{\"keys\": [{\"kty\": \"OKP\", \"crv\": \"Ed25519\", "
                                          "\"x\": \"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}"),
                                     1000, &keys, NULL) == GENERATIO_OK);
  CHECK(!generatio_webhook_keys_stale(keys, 1000) && generatio_webhook_keys_stale(keys, 90000000));
  char signature[129];
  memset(signature, 'a', 128);
  CHECK(generatio_webhook_verify(fal, keys, TEXT("r-1"), TEXT("u"), TEXT("1"), signature, 128, (const uint8_t *)"{}", 2, 1000,
                                 &delivery, &error) == GENERATIO_WEBHOOK_SIGNATURE);
  generatio_error_free(error);
  generatio_webhook_keys_refetching(keys, 2000);
  CHECK(!generatio_webhook_keys_may_refetch(keys, 3000));
  generatio_webhook_keys_free(keys);
  generatio_fal_free(fal);
}

int main(int count, char **arguments) {
  const char *plant = count > 1 ? arguments[1] : "";
  versions();
  sealing();
  typed();
  generatio_generation *generation = priced();
  calls(generation);
  webhooks();
  if (strcmp(plant, "overflow") == 0) {
    char *text = malloc(4);
    memcpy(text, "4444", 4);
    int64_t amount = 0;
    printf("%d\n", (int)generatio_usd_parse(text, 4, &amount) + text[4 + (amount == 0)]);
    free(text);
  }
  if (strcmp(plant, "leak") != 0) {
    generatio_generation_free(generation);
  }
  generation = NULL;
  printf("all went well\n");
  return 0;
}
