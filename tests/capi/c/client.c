/* The FAL client over real sockets, against the stand-in and what it can let go wrong:
 *
 *   client run|steps URL DEAD_URL         every story below, over generatio_call_run's callbacks or step by step
 *   client run|steps URL webhook HOOK     submits with HOOK, and judges the webhook that it is handed on standard
 *                                         input: request id, user id, timestamp, signature and body, a line each
 */

#include "check.h"
#include "courier.h"

#include <poll.h>
#include <time.h>

#define PATIENCE_MS 60000
#define KEY "client:opens-the-stand-in"
#define ENDPOINT "fal-ai/flux/schnell"

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What was seen on the way of a call, and when to stop it. */
struct watcher {
  generatio_call *call;
  unsigned states;
  size_t logs;
  bool stops_at_progress, stops_when_sent;
};

static void on_progress(void *context, const generatio_progress *progress) {
  struct watcher *it = context;
  it->states |= 1u << generatio_progress_state(progress);
  it->logs += generatio_progress_log_count(progress);
  if (it->stops_at_progress) generatio_call_abort(it->call);
}

/* Whether the whole request has left this program. */
static bool is_sent(const courier *it) { return it->http && http_events(it->http) == POLLIN; }

static uint32_t exchange(void *context, generatio_call *call, uint64_t number, const generatio_request *request) {
  struct watcher *watcher = context;
  courier it = {.call = call};
  int end = COURIER_MORE;
  if (!courier_send(&it, number, request)) return GENERATIO_EXCHANGE_END_NOT_SENT;
  while (end == COURIER_MORE && generatio_call_wants(call, number)) {
    courier_wait(&it, INT64_MAX);
    end = courier_go_on(&it);
    if (watcher->stops_when_sent && is_sent(&it)) generatio_call_abort(call);
  }
  courier_stop(&it);
  return end == COURIER_MORE ? GENERATIO_EXCHANGE_END_CUT_OFF : (uint32_t)end;
}

static generatio_status run(struct watcher *watcher, generatio_error **error) {
  generatio_transport transport = {sizeof transport, watcher, exchange, NULL, NULL, on_progress};
  return generatio_call_run(watcher->call, &transport, error);
}

/* As far as the request of the first exchange is sent; then the caller has enough of it. */
static generatio_status stop_when_sent(generatio_call *call, generatio_error **error) {
  courier it = {.call = call};
  uint32_t step = 0;
  CHECK(generatio_call_next(call, now_ms(), &step) == GENERATIO_OK && step == GENERATIO_STEP_SEND);
  CHECK(courier_send(&it, generatio_call_exchange(call), generatio_call_request(call)));
  while (!is_sent(&it)) {
    courier_wait(&it, INT64_MAX);
    CHECK(courier_go_on(&it) == COURIER_MORE);
  }
  generatio_call_abort(call);
  CHECK(generatio_call_next(call, now_ms(), &step) == GENERATIO_OK && step == GENERATIO_STEP_DONE);
  courier_stop(&it);
  return generatio_call_finish(call, error);
}

static generatio_status steps(struct watcher *watcher, generatio_error **error) {
  if (watcher->stops_when_sent) return stop_when_sent(watcher->call, error);
  return courier_run(watcher->call, on_progress, watcher, error);
}

static generatio_status (*drive)(struct watcher *, generatio_error **) = run;

/* How a call ended. */
struct ending {
  generatio_status status;
  bool may_have_been_taken;
  size_t problems;
  char fal_type[64];
};

/* Drives what was begun with this status to its end. */
static struct ending ended(struct watcher *watcher, generatio_status begun) {
  generatio_error *error = NULL;
  CHECK(begun == GENERATIO_OK);
  struct ending ending = {.status = drive(watcher, &error)};
  CHECK((ending.status == GENERATIO_OK) == (error == NULL));
  CHECK(generatio_error_status(error) == ending.status);
  ending.may_have_been_taken = generatio_error_may_have_been_taken(error);
  ending.problems = generatio_error_problem_count(error);
  snprintf(ending.fal_type, sizeof ending.fal_type, "%s", generatio_error_fal_type(error).data);
  generatio_error_free(error);
  return ending;
}

/* Submits a prompt whose fault the stand-in carries out. */
static struct ending submit(const generatio_fal *fal, struct watcher *watcher, const char *fault, const char *hook,
                            int64_t patience_ms, generatio_submitted **submitted) {
  /* The stand-in counts faults by input: each is one of its own. */
  static int number = 0;
  char input[256];
  snprintf(input, sizeof input, "{\"prompt\": \"heron %d\", \"x_sim\": {%s%s%s}}", number++,
           *fault ? "\"fault\": \"" : "", fault, *fault ? "\"" : "");
  generatio_status begun = generatio_fal_submit_input(fal, TEXT(KEY), TEXT(ENDPOINT), input, strlen(input), hook,
                                                      strlen(hook), 0, now_ms() + patience_ms, &watcher->call);
  struct ending ending = ended(watcher, begun);
  CHECK((generatio_call_submitted(watcher->call, submitted) == GENERATIO_OK) == (ending.status == GENERATIO_OK));
  generatio_call_free(watcher->call);
  return ending;
}

static generatio_submitted *submitted_with(const generatio_fal *fal, const char *fault) {
  struct watcher watcher = {0};
  generatio_submitted *submitted = NULL;
  CHECK(submit(fal, &watcher, fault, "", PATIENCE_MS, &submitted).status == GENERATIO_OK);
  return submitted;
}

static struct ending waited(const generatio_fal *fal, struct watcher *watcher, const generatio_submitted *submitted) {
  generatio_status begun = generatio_fal_wait(fal, TEXT(KEY), submitted, now_ms() + PATIENCE_MS, &watcher->call);
  struct ending ending = ended(watcher, begun);
  generatio_call_free(watcher->call);
  return ending;
}

static struct ending fetched(const generatio_fal *fal, const generatio_submitted *submitted, generatio_output **output) {
  struct watcher watcher = {0};
  generatio_status begun = generatio_fal_result(fal, TEXT(KEY), submitted, now_ms() + PATIENCE_MS, &watcher.call);
  struct ending ending = ended(&watcher, begun);
  CHECK((generatio_call_output(watcher.call, output) == GENERATIO_OK) == (ending.status == GENERATIO_OK));
  generatio_call_free(watcher.call);
  return ending;
}

static void all_well(const generatio_fal *fal) {
  struct watcher watcher = {0}, looking = {0}, late = {0};
  generatio_submitted *submitted = submitted_with(fal, "");
  CHECK(waited(fal, &watcher, submitted).status == GENERATIO_OK);
  CHECK((watcher.states >> GENERATIO_JOB_STATE_COMPLETED) & 1u);
  CHECK(watcher.logs > 0);

  generatio_progress *progress = NULL;
  CHECK(ended(&looking, generatio_fal_status(fal, TEXT(KEY), submitted, &looking.call)).status == GENERATIO_OK);
  CHECK(generatio_call_progress(looking.call, &progress) == GENERATIO_OK);
  CHECK(generatio_progress_state(progress) == GENERATIO_JOB_STATE_COMPLETED);
  CHECK(generatio_progress_log_count(progress) == watcher.logs);
  generatio_progress_free(progress);
  generatio_call_free(looking.call);

  generatio_output *output = NULL;
  CHECK(fetched(fal, submitted, &output).status == GENERATIO_OK);
  CHECK(generatio_output_count(output) == 1 && generatio_output_width(output, 0) > 0);
  CHECK(generatio_output_billable_units(output).len > 0);
  generatio_output_free(output);

  uint32_t outcome = 0;
  CHECK(ended(&late, generatio_fal_cancel(fal, TEXT(KEY), submitted, &late.call)).status == GENERATIO_OK);
  CHECK(generatio_call_cancel_outcome(late.call, &outcome) == GENERATIO_OK);
  CHECK(outcome == GENERATIO_CANCEL_OUTCOME_ALREADY_COMPLETED);
  generatio_call_free(late.call);
  generatio_submitted_free(submitted);
}

static void keys(const generatio_fal *fal) {
  struct watcher good = {0}, bad = {0};
  int64_t deadline = now_ms() + PATIENCE_MS;
  CHECK(ended(&good, generatio_fal_check_key(fal, TEXT(KEY), deadline, &good.call)).status == GENERATIO_OK);
  CHECK(ended(&bad, generatio_fal_check_key(fal, TEXT("bad-id:x"), deadline, &bad.call)).status == GENERATIO_FAL_KEY_REFUSED);
  generatio_call_free(good.call);
  generatio_call_free(bad.call);
}

/* Nobody listens: tried again until the time is up, and certainly never taken. */
static void nobody_listens(const char *url) {
  struct watcher watcher = {0};
  generatio_fal *fal = NULL;
  generatio_submitted *submitted = NULL;
  CHECK(generatio_fal_new(url, strlen(url), &fal) == GENERATIO_OK);
  struct ending ending = submit(fal, &watcher, "", "", 1500, &submitted);
  CHECK(ending.status == GENERATIO_FAL_UNREACHABLE && !ending.may_have_been_taken);
  generatio_fal_free(fal);
}

/* The answer is lost on its way: whether FAL took it cannot be told, and it is not sent again. */
static void lost_submits(const generatio_fal *fal) {
  static const char *const faults[] = {"submit_reset_before", "submit_reset_after", "submit_truncated"};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    struct watcher watcher = {0};
    generatio_submitted *submitted = NULL;
    struct ending ending = submit(fal, &watcher, faults[i], "", PATIENCE_MS, &submitted);
    CHECK(ending.status == GENERATIO_FAL_INTERRUPTED && ending.may_have_been_taken);
  }
}

/* No answer comes, until the time is up, or until the caller stops it. */
static void stalled_submits(const generatio_fal *fal) {
  struct watcher patient = {0}, hasty = {.stops_when_sent = true};
  generatio_submitted *submitted = NULL;
  struct ending ending = submit(fal, &patient, "submit_stall", "", 1500, &submitted);
  CHECK(ending.status == GENERATIO_FAL_TIMEOUT && ending.may_have_been_taken);
  ending = submit(fal, &hasty, "submit_stall", "", PATIENCE_MS, &submitted);
  CHECK(ending.status == GENERATIO_ABORTED && ending.may_have_been_taken);
}

/* What FAL refuses for the moment, and what breaks off while it is waited for, is tried again. */
static void tried_again(const generatio_fal *fal) {
  static const char *const faults[] = {"submit_429",  "stream_cut",  "stream_reset",     "stream_404",
                                       "status_reset", "result_reset", "result_truncated", "result_429"};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    struct watcher watcher = {0};
    generatio_output *output = NULL;
    generatio_submitted *submitted = submitted_with(fal, faults[i]);
    CHECK(waited(fal, &watcher, submitted).status == GENERATIO_OK);
    CHECK(fetched(fal, submitted, &output).status == GENERATIO_OK);
    generatio_output_free(output);
    generatio_submitted_free(submitted);
  }
}

/* The stream falls silent, and the caller does not wait for more; the request goes on and can be fetched. */
static void stopped_waits(const generatio_fal *fal) {
  struct watcher watcher = {.stops_at_progress = true};
  generatio_output *output = NULL;
  generatio_submitted *submitted = submitted_with(fal, "stream_stall");
  struct ending ending = waited(fal, &watcher, submitted);
  CHECK(ending.status == GENERATIO_ABORTED && !ending.may_have_been_taken && watcher.states != 0);
  CHECK(fetched(fal, submitted, &output).status == GENERATIO_OK);
  generatio_output_free(output);
  generatio_submitted_free(submitted);
}

static void bad_ends(const generatio_fal *fal) {
  static const struct {
    const char *fault;
    generatio_status status;
  } ends[] = {
      {"content_policy", GENERATIO_FAL_INPUT_REFUSED},
      {"job_failed_500", GENERATIO_FAL_UNAVAILABLE},
      {"zero_images", GENERATIO_FAL_NO_PICTURES},
      {"result_expired", GENERATIO_FAL_RESULT_EXPIRED},
      {"oversized_result", GENERATIO_FAL_ANSWER_TOO_LARGE},
  };
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    struct watcher watcher = {0};
    generatio_output *output = NULL;
    generatio_submitted *submitted = submitted_with(fal, ends[i].fault);
    CHECK(waited(fal, &watcher, submitted).status == GENERATIO_OK);
    struct ending ending = fetched(fal, submitted, &output);
    CHECK(ending.status == ends[i].status);
    CHECK(i != 0 || (ending.problems > 0 && strcmp(ending.fal_type, "content_policy_violation") == 0));
    generatio_submitted_free(submitted);
  }
}

/* How long the next line of standard input is, which has no end within. */
static size_t line(char *buffer, int size) {
  CHECK(fgets(buffer, size, stdin) != NULL);
  return strcspn(buffer, "\n");
}

static void webhook(const generatio_fal *fal, const char *hook) {
  static char id[256], user[256], timestamp[256], signature[256], body[65536];
  struct watcher watcher = {0}, fetching = {0};
  generatio_submitted *submitted = NULL;
  CHECK(submit(fal, &watcher, "", hook, PATIENCE_MS, &submitted).status == GENERATIO_OK);
  generatio_webhook_keys *keys = NULL;
  generatio_status begun = generatio_fal_webhook_keys(fal, now_ms() + PATIENCE_MS, &fetching.call);
  CHECK(ended(&fetching, begun).status == GENERATIO_OK);
  CHECK(generatio_call_webhook_keys(fetching.call, &keys) == GENERATIO_OK);
  generatio_call_free(fetching.call);

  size_t id_len = line(id, sizeof id), user_len = line(user, sizeof user), time_len = line(timestamp, sizeof timestamp);
  size_t signature_len = line(signature, sizeof signature), body_len = line(body, sizeof body);
  generatio_delivery *delivery = NULL;
  generatio_error *error = NULL;
#define JUDGE(now, length)                                                                                           \
  generatio_webhook_verify(fal, keys, id, id_len, user, user_len, timestamp, time_len, signature, signature_len,     \
                           (const uint8_t *)body, length, now, &delivery, &error)
  CHECK(JUDGE(now_ms(), body_len) == GENERATIO_OK);
  CHECK(same(generatio_delivery_request_id(delivery), generatio_submitted_request_id(submitted).data));
  CHECK(generatio_delivery_outcome(delivery) == GENERATIO_DELIVERED_PICTURES);
  CHECK(generatio_output_url(generatio_delivery_output(delivery), 0).len > 0);
  generatio_delivery_free(delivery);
  CHECK(JUDGE(now_ms(), body_len - 1) == GENERATIO_WEBHOOK_SIGNATURE && delivery == NULL);
  generatio_error_free(error);
  CHECK(JUDGE(now_ms() + 3600000, body_len) == GENERATIO_WEBHOOK_EXPIRED && delivery == NULL);
  CHECK(same(generatio_error_request_id(error), generatio_submitted_request_id(submitted).data));
  generatio_error_free(error);
  generatio_webhook_keys_free(keys);
  generatio_submitted_free(submitted);
}

int main(int count, char **arguments) {
  generatio_fal *fal = NULL;
  CHECK(count >= 4);
  if (strcmp(arguments[1], "steps") == 0) drive = steps;
  CHECK(generatio_fal_new(arguments[2], strlen(arguments[2]), &fal) == GENERATIO_OK);
  if (count == 5) {
    webhook(fal, arguments[4]);
  } else {
    all_well(fal);
    keys(fal);
    nobody_listens(arguments[3]);
    lost_submits(fal);
    stalled_submits(fal);
    tried_again(fal);
    stopped_waits(fal);
    bad_ends(fal);
  }
  generatio_fal_free(fal);
  printf("all went well\n");
  return 0;
}
