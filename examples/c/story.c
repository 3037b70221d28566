/* The story: PROGRAM [PICTURE [SEALED]]. The key comes from FAL_KEY and is sealed into the file SEALED; without FAL_KEY,
 * SEALED of an earlier run is opened. The password comes from GENERATIO_PASSWORD, and another address than FAL's from
 * FAL_URL. */

#include "story.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char MODEL[] = "flux/schnell";
static const char PROMPT[] = "a lighthouse in the fog";
static const char PARAMETERS[] =
    "{\"image_size\": {\"width\": 1280, \"height\": 1024}, \"output_format\": \"png\"}";

/* All that is freed in the end, so that every way out frees it. */
typedef struct {
  const story_carrier *carrier;
  generatio_secret *key;
  generatio_catalog *catalog;
  generatio_generation *generation;
  generatio_fal *fal;
  generatio_submitted *submitted;
  generatio_output *output;
} story;

int64_t story_now_ms(void) {
  struct timespec now;
  timespec_get(&now, TIME_UTC);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void story_tell(const generatio_progress *progress) {
  static const char *const states[] = {"unknown", "queued", "running", "completed"};
  uint32_t state = generatio_progress_state(progress);
  int64_t ahead = generatio_progress_queue_position(progress);
  printf("%s", states[state < 4 ? state : 0]);
  if (ahead >= 0) printf(", %" PRId64 " ahead", ahead);
  printf("\n");
  for (size_t at = 0; at < generatio_progress_log_count(progress); at++)
    printf("  %s\n", generatio_progress_log_message(progress, at).data);
}

/* Says what went wrong; frees the error. Always false. */
static bool failed(generatio_status status, generatio_error *error) {
  const char *message = error ? generatio_error_message(error).data : generatio_status_message(status);
  fprintf(stderr, "error: %s (%s)\n", message, generatio_status_name(status));
  for (size_t at = 0; at < generatio_error_problem_count(error); at++)
    fprintf(stderr, "  %s: %s\n", generatio_error_problem_path(error, at).data,
            generatio_error_problem_message(error, at).data);
  if (generatio_error_may_have_been_taken(error))
    fprintf(stderr, "FAL may have taken the request: look at your account before you try again.\n");
  generatio_error_free(error);
  return false;
}

static const char *variable(const char *name) {
  const char *value = getenv(name);
  return value ? value : "";
}

static bool write_sealed(const char *path, const char *key, const char *password) {
  generatio_text *sealed = NULL;
  generatio_status status = generatio_seal(key, strlen(key), password, strlen(password), NULL, 0, 0, &sealed);
  if (status != GENERATIO_OK) return failed(status, NULL);
  FILE *file = fopen(path, "w");
  bool written = file && fputs(generatio_text_view(sealed).data, file) >= 0;
  if (file && fclose(file) != 0) written = false;
  if (!written) perror(path);
  generatio_text_free(sealed);
  return written;
}

static bool unlock(story *it, const char *path) {
  const char *key = variable("FAL_KEY"), *password = variable("GENERATIO_PASSWORD");
  if (*key && !write_sealed(path, key, password)) return false;
  /* The longest sealed text is that of a token of 64 KiB, in base64. */
  static char sealed[2 * GENERATIO_TOKEN_MAX_BYTES];
  FILE *file = fopen(path, "r");
  if (!file) {
    perror(path);
    return false;
  }
  size_t len = fread(sealed, 1, sizeof sealed, file);
  fclose(file);
  while (len > 0 && (sealed[len - 1] == '\n' || sealed[len - 1] == '\r')) len--;
  generatio_status status = generatio_open(sealed, len, password, strlen(password), NULL, 0, &it->key);
  return status == GENERATIO_OK || failed(status, NULL);
}

static void print_cost(const char *what, const generatio_cost *cost) {
  char text[GENERATIO_USD_TEXT_BYTES];
  generatio_usd_format(generatio_cost_nano_usd(cost, GENERATIO_PRICES_FAL), text, sizeof text);
  printf("%s: $%s\n", what, text);
}

static bool check(story *it) {
  generatio_error *error = NULL;
  generatio_status status = generatio_catalog_builtin(&it->catalog);
  if (status == GENERATIO_OK)
    status = generatio_catalog_check(it->catalog, MODEL, strlen(MODEL), PROMPT, strlen(PROMPT), PARAMETERS,
                                     strlen(PARAMETERS), &it->generation, &error);
  if (status != GENERATIO_OK) return failed(status, error);
  generatio_cost *quote = NULL;
  status = generatio_generation_quote(it->generation, &quote);
  if (status != GENERATIO_OK) return failed(status, NULL);
  print_cost("price", quote);
  generatio_cost_free(quote);
  return true;
}

/* Runs what was begun with this status, or says why it was not. */
static bool run(story *it, generatio_status begun, generatio_call *call) {
  generatio_error *error = NULL;
  if (begun != GENERATIO_OK) return failed(begun, NULL);
  generatio_status status = it->carrier->run(it->carrier->context, call, &error);
  return status == GENERATIO_OK || failed(status, error);
}

static bool submit(story *it, generatio_view key, int64_t deadline) {
  generatio_call *call = NULL;
  generatio_status begun =
      generatio_fal_submit(it->fal, key.data, key.len, it->generation, NULL, 0, 0, deadline, &call);
  bool well = run(it, begun, call) && generatio_call_submitted(call, &it->submitted) == GENERATIO_OK;
  generatio_call_free(call);
  return well;
}

static bool wait(story *it, generatio_view key, int64_t deadline) {
  generatio_call *call = NULL;
  generatio_status begun = generatio_fal_wait(it->fal, key.data, key.len, it->submitted, deadline, &call);
  bool well = run(it, begun, call);
  generatio_call_free(call);
  return well;
}

static bool fetch(story *it, generatio_view key, int64_t deadline) {
  generatio_call *call = NULL;
  generatio_status begun = generatio_fal_result(it->fal, key.data, key.len, it->submitted, deadline, &call);
  bool well = run(it, begun, call) && generatio_call_output(call, &it->output) == GENERATIO_OK;
  generatio_call_free(call);
  return well;
}

static bool generate(story *it) {
  const char *url = variable("FAL_URL");
  int64_t deadline = story_now_ms() + STORY_PATIENCE_MS;
  generatio_status status = generatio_fal_new(url, strlen(url), &it->fal);
  if (status != GENERATIO_OK) return failed(status, NULL);
  generatio_view key = generatio_secret_view(it->key);
  return submit(it, key, deadline) && wait(it, key, deadline) && fetch(it, key, deadline);
}

static bool save(story *it, const char *picture) {
  const char *url = generatio_output_url(it->output, 0).data;
  if (!it->carrier->download(it->carrier->context, url, picture)) return false;
  printf("saved: %s (%" PRIu32 "x%" PRIu32 ")\n", picture, generatio_output_width(it->output, 0),
         generatio_output_height(it->output, 0));
  generatio_view units = generatio_output_billable_units(it->output);
  generatio_cost *cost = NULL;
  generatio_status status = generatio_generation_charge(
      it->generation, (uint32_t)generatio_output_count(it->output), units.data, units.len, &cost);
  if (status != GENERATIO_OK) return failed(status, NULL);
  print_cost("cost", cost);
  generatio_cost_free(cost);
  return true;
}

int story_main(int argc, char **argv, const story_carrier *carrier) {
  story it = {.carrier = carrier};
  if (generatio_abi() != GENERATIO_ABI) {
    fprintf(stderr, "error: another libgeneratio than this was compiled for\n");
    return EXIT_FAILURE;
  }
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  bool well = unlock(&it, argc > 2 ? argv[2] : "sealed-key.txt") && check(&it) && generate(&it) &&
              save(&it, argc > 1 ? argv[1] : "picture.png");
  generatio_output_free(it.output);
  generatio_submitted_free(it.submitted);
  generatio_fal_free(it.fal);
  generatio_generation_free(it.generation);
  generatio_catalog_free(it.catalog);
  generatio_secret_free(it.key);
  return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
