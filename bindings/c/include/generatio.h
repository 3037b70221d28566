/*
 * libgeneratio: sealing of FAL keys, sessions, the model catalog, exact money and a client of FAL's queue, for every
 * language that can call C. The whole reference is made from this header: bindings/c/REFERENCE.md.
 *
 * Made by cbindgen from bindings/c/src; do not edit it.
 *
 * CONVENTIONS
 *
 * Names       generatio_<handle>_<verb>(receiver, inputs..., outputs...). What may fail gives back a generatio_status;
 *             what cannot gives back its value, and for a NULL handle an empty one (0, false, NULL, an empty view).
 * Inputs      `const *` does not change what it points to, and nothing is both input and output. Inputs are read during
 *             the call only: what the library needs for longer, it copies. All inputs stay the caller's.
 * Texts in    come as `const char *x, size_t x_len`: UTF-8, the length in bytes, no NUL needed at the end and any
 *             allowed within. With a length of 0 the pointer is not read, and may be NULL. Bytes come the same way.
 * Texts out   are views (generatio_view) lent by a handle: length and pointer, with a NUL behind, never NULL. A view is
 *             valid until its handle is freed.
 * Outputs     must not be NULL, nor overlap each other or an input. They are cleared on entry (NULL, 0) and set only with
 *             GENERATIO_OK. Only `error` may be NULL, if nobody wants to know more than the status; it is set only
 *             without GENERATIO_OK, and belongs to the caller then.
 * Handles     are opaque. Each is freed exactly once, with its own generatio_<handle>_free; NULL is fine there. Those
 *             that are lent (`const generatio_model *` and the like) are not freed. Handles do not need each other to
 *             live unless it is said: a generation may outlive its catalog, a call what it was begun with.
 * Numbers     of enumerations cross as uint32_t. Unknown ones are refused with GENERATIO_BAD_ARGUMENT. None is ever
 *             given another meaning; later versions may add some, so have a default for what comes out.
 * Time        is int64_t Unix milliseconds where it is called *_ms, and comes from the caller.
 * Money       is int64_t nano-dollars (1e-9 USD).
 * Threads     There is nothing global, and the library starts no threads. "Any thread": any number of threads may call
 *             it at the same time, on the same handles too, as long as none frees them. "One thread at a time": a
 *             handle may move from thread to thread, and be used by one at a time.
 * Blocking    "Does not block": no waiting, no I/O, microseconds. Key derivations block for the time they take.
 * Network     The library never touches it, nor files, environment or logs. The operating system's randomness is used
 *             by what seals and by what draws ids, and its clock and sleep by generatio_call_run where no callbacks are
 *             given for them.
 * Secrets     go out as generatio_secret, which is overwritten when it is freed; copies made inside are overwritten too.
 *             What a caller copies is the caller's to wipe.
 * Panics      are caught and become GENERATIO_PANIC: a bug of the library, about which Rust writes a line to stderr. The
 *             process goes on.
 * Growth      GENERATIO_ABI stays as it is while things are only added. Structures that may grow begin with their size.
 */


#ifndef GENERATIO_H
#define GENERATIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GENERATIO_STRINGIFY_(x) #x
#define GENERATIO_STRINGIFY(x) GENERATIO_STRINGIFY_(x)

/**
 * The version of this header as a text, such as "0.1.0".
 */
#define GENERATIO_VERSION \
  GENERATIO_STRINGIFY(GENERATIO_VERSION_MAJOR) \
  "." GENERATIO_STRINGIFY(GENERATIO_VERSION_MINOR) "." GENERATIO_STRINGIFY(GENERATIO_VERSION_PATCH)

/**
 * The version of this header as a number that grows: major * 1,000,000 + minor * 1,000 + patch.
 */
#define GENERATIO_VERSION_NUMBER \
  (GENERATIO_VERSION_MAJOR * 1000000 + GENERATIO_VERSION_MINOR * 1000 + GENERATIO_VERSION_PATCH)

/**
 * The result must be looked at.
 */
#if defined(__GNUC__) || defined(__clang__)
#define GENERATIO_MUST_USE __attribute__((warn_unused_result))
#else
#define GENERATIO_MUST_USE
#endif


/**
 * The size of a buffer that takes any amount as text, its NUL included.
 */
#define GENERATIO_USD_TEXT_BYTES 24

/**
 * The longest token that is sealed, in bytes; the shortest is one byte.
 */
#define GENERATIO_TOKEN_MAX_BYTES 65536

/**
 * The longest password that seals or opens, in bytes; the shortest is one byte.
 */
#define GENERATIO_PASSWORD_MAX_BYTES 1024

/**
 * The longest context, in bytes; it may be empty.
 */
#define GENERATIO_CONTEXT_MAX_BYTES 256

/**
 * The fewest iterations of a key derivation.
 */
#define GENERATIO_ITERATIONS_MIN 100000

/**
 * The iterations of a key derivation unless told otherwise.
 */
#define GENERATIO_ITERATIONS_DEFAULT 600000

/**
 * The most iterations of a key derivation.
 */
#define GENERATIO_ITERATIONS_MAX 10000000

/**
 * The bytes of what a session is kept under.
 */
#define GENERATIO_SESSION_INDEX_BYTES 32

/**
 * The version's first number.
 */
#define GENERATIO_VERSION_MAJOR 0

/**
 * The version's second number.
 */
#define GENERATIO_VERSION_MINOR 1

/**
 * The version's third number.
 */
#define GENERATIO_VERSION_PATCH 0

/**
 * The number of the binary interface. It grows only when programs must be compiled anew; what is merely added leaves
 * it as it is.
 */
#define GENERATIO_ABI 1

/**
 * What a call came to. Numbers are fixed for ever, and retired ones are not used again; later versions may add some.
 * Those from 100 on are the same in every face of Generatio: hundreds group by family, 1 general, 2 sealing,
 * 3 sessions, 4 requests, 5 money, 6 FAL.
 */
enum generatio_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * It went well.
   */
  GENERATIO_OK = 0,
  /**
   * A fault of the library's own, which is a bug. Free the handles that took part, and use them for nothing else.
   */
  GENERATIO_PANIC = 1,
  /**
   * A pointer is NULL that must not be, or a number means nothing here, or a buffer is too small or a text too large.
   */
  GENERATIO_BAD_ARGUMENT = 2,
  /**
   * A text is not UTF-8.
   */
  GENERATIO_NOT_UTF8 = 3,
  /**
   * A text is not JSON, or not an object where one is wanted.
   */
  GENERATIO_NOT_JSON = 4,
  /**
   * Not now: the call is not over, already over, of another kind, or being run.
   */
  GENERATIO_OUT_OF_TURN = 5,
  /**
   * The caller aborted the call.
   */
  GENERATIO_ABORTED = 6,
  /**
   * The host's source of randomness failed.
   */
  GENERATIO_RANDOM_UNAVAILABLE = 100,
  /**
   * The text is not a sealed token.
   */
  GENERATIO_SEALED_TOKEN_MALFORMED = 200,
  /**
   * A sealed token or a setting names an iteration count outside the allowed range.
   */
  GENERATIO_ITERATIONS_OUT_OF_RANGE = 201,
  /**
   * The password is empty.
   */
  GENERATIO_PASSWORD_EMPTY = 202,
  /**
   * The password is longer than allowed.
   */
  GENERATIO_PASSWORD_TOO_LONG = 203,
  /**
   * The password does not open the sealed token.
   */
  GENERATIO_WRONG_PASSWORD = 204,
  /**
   * The password is right, the sealed bytes were altered or belong to another user.
   */
  GENERATIO_SEALED_TOKEN_DAMAGED = 205,
  /**
   * The token to seal is empty.
   */
  GENERATIO_TOKEN_EMPTY = 206,
  /**
   * The token to seal is longer than allowed.
   */
  GENERATIO_TOKEN_TOO_LONG = 207,
  /**
   * The context is longer than 256 bytes.
   */
  GENERATIO_CONTEXT_TOO_LONG = 208,
  /**
   * A FAL key holds something other than 1 to 4,096 visible ASCII characters.
   */
  GENERATIO_FAL_KEY_MALFORMED = 209,
  /**
   * The password is shorter than 8 characters.
   */
  GENERATIO_PASSWORD_TOO_SHORT = 210,
  /**
   * The password is among the commonly used ones.
   */
  GENERATIO_PASSWORD_COMMON = 211,
  /**
   * The text is not an e-mail address.
   */
  GENERATIO_EMAIL_MALFORMED = 212,
  /**
   * The text is not a session id.
   */
  GENERATIO_SESSION_ID_MALFORMED = 300,
  /**
   * No live session has this id, for this user.
   */
  GENERATIO_SESSION_NOT_FOUND = 301,
  /**
   * The store of sessions has no room for another.
   */
  GENERATIO_SESSIONS_FULL = 302,
  /**
   * The catalog has no such model.
   */
  GENERATIO_MODEL_UNKNOWN = 400,
  /**
   * The prompt is missing or blank.
   */
  GENERATIO_PROMPT_MISSING = 401,
  /**
   * The prompt is longer than the model or the product allows.
   */
  GENERATIO_PROMPT_TOO_LONG = 402,
  /**
   * The prompt is shorter than the model allows.
   */
  GENERATIO_PROMPT_TOO_SHORT = 403,
  /**
   * The model has no such parameter.
   */
  GENERATIO_PARAMETER_UNKNOWN = 410,
  /**
   * A parameter has the wrong JSON type.
   */
  GENERATIO_PARAMETER_TYPE = 411,
  /**
   * A parameter is outside its range.
   */
  GENERATIO_PARAMETER_RANGE = 412,
  /**
   * A parameter is not among its options.
   */
  GENERATIO_PARAMETER_OPTION = 413,
  /**
   * A width, height or number of pixels is out of bounds.
   */
  GENERATIO_PARAMETER_SIZE = 414,
  /**
   * The parameter exists at FAL and is refused here.
   */
  GENERATIO_PARAMETER_REFUSED = 415,
  /**
   * A catalog file is not valid.
   */
  GENERATIO_CATALOG_MALFORMED = 420,
  /**
   * A name is missing or blank.
   */
  GENERATIO_NAME_MISSING = 430,
  /**
   * A name is longer than 200 characters.
   */
  GENERATIO_NAME_TOO_LONG = 431,
  /**
   * The text is not an amount of money or a number of units.
   */
  GENERATIO_AMOUNT_MALFORMED = 500,
  /**
   * An amount does not fit.
   */
  GENERATIO_AMOUNT_OVERFLOW = 501,
  /**
   * FAL refused the key (401).
   */
  GENERATIO_FAL_KEY_REFUSED = 600,
  /**
   * FAL refused access (403): no credit left, or the key may not use this model.
   */
  GENERATIO_FAL_ACCESS_DENIED = 601,
  /**
   * FAL knows no such application, path or request (404, 405).
   */
  GENERATIO_FAL_NOT_FOUND = 602,
  /**
   * FAL refused the input (400, 422).
   */
  GENERATIO_FAL_INPUT_REFUSED = 603,
  /**
   * FAL asked to slow down (429).
   */
  GENERATIO_FAL_BUSY = 604,
  /**
   * FAL or a proxy before it failed (5xx, or an answer that is not FAL's).
   */
  GENERATIO_FAL_UNAVAILABLE = 605,
  /**
   * FAL could not be reached; the request certainly never left.
   */
  GENERATIO_FAL_UNREACHABLE = 606,
  /**
   * The connection failed after the request may have left.
   */
  GENERATIO_FAL_INTERRUPTED = 607,
  /**
   * The deadline passed.
   */
  GENERATIO_FAL_TIMEOUT = 608,
  /**
   * FAL's answer does not follow its protocol.
   */
  GENERATIO_FAL_PROTOCOL = 609,
  /**
   * FAL's answer is larger than allowed.
   */
  GENERATIO_FAL_ANSWER_TOO_LARGE = 610,
  /**
   * FAL no longer has the result.
   */
  GENERATIO_FAL_RESULT_EXPIRED = 611,
  /**
   * The request was canceled.
   */
  GENERATIO_FAL_CANCELED = 612,
  /**
   * An address points away from FAL.
   */
  GENERATIO_FAL_HOST_REFUSED = 613,
  /**
   * FAL completed the request without a single picture.
   */
  GENERATIO_FAL_NO_PICTURES = 614,
  /**
   * No key of FAL's signed this webhook.
   */
  GENERATIO_WEBHOOK_SIGNATURE = 615,
  /**
   * FAL signed this webhook too long ago, or a clock is wrong.
   */
  GENERATIO_WEBHOOK_EXPIRED = 616,
  /**
   * The request is not a webhook of FAL's form.
   */
  GENERATIO_WEBHOOK_MALFORMED = 617,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum generatio_status generatio_status;
#else
typedef uint32_t generatio_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What became of a cancel.
 */
enum generatio_cancel_outcome
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Taken. A request that already runs may finish all the same, and be charged.
   */
  GENERATIO_CANCEL_OUTCOME_REQUESTED = 1,
  /**
   * Too late: it is finished.
   */
  GENERATIO_CANCEL_OUTCOME_ALREADY_COMPLETED = 2,
  /**
   * FAL does not know the request.
   */
  GENERATIO_CANCEL_OUTCOME_NOT_FOUND = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum generatio_cancel_outcome generatio_cancel_outcome;
#else
typedef uint32_t generatio_cancel_outcome;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How far an amount can be trusted.
 */
enum generatio_certainty
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Price and units are those of the account.
   */
  GENERATIO_CERTAINTY_KNOWN = 1,
  /**
   * The price, its rounding or the units are the likely ones.
   */
  GENERATIO_CERTAINTY_ESTIMATED = 2,
  /**
   * There is nothing to reckon with; the amount is zero.
   */
  GENERATIO_CERTAINTY_UNPRICED = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum generatio_certainty generatio_certainty;
#else
typedef uint32_t generatio_certainty;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a webhook brings.
 */
enum generatio_delivered
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The pictures: `generatio_delivery_output`.
   */
  GENERATIO_DELIVERED_PICTURES = 1,
  /**
   * There are none, and why: `generatio_delivery_error`.
   */
  GENERATIO_DELIVERED_FAILED = 2,
  /**
   * It went well, and the output could not be sent along. Fetching the result may still bring it.
   */
  GENERATIO_DELIVERED_PAYLOAD_LOST = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum generatio_delivered generatio_delivered;
#else
typedef uint32_t generatio_delivered;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How an exchange ended. What is asked is: can FAL have seen the request? Only where it certainly has not is a paid
 * request sent again.
 */
enum generatio_exchange_end
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The body was fed to its end.
   */
  GENERATIO_EXCHANGE_END_COMPLETE = 0,
  /**
   * The request certainly never left: no connection came about, or this side refused to send.
   */
  GENERATIO_EXCHANGE_END_NOT_SENT = 1,
  /**
   * The exchange broke off, and the request may have left. When in doubt, it is this.
   */
  GENERATIO_EXCHANGE_END_MAYBE_SENT = 2,
  /**
   * Its time passed, and the request may have left.
   */
  GENERATIO_EXCHANGE_END_TIMED_OUT = 3,
  /**
   * The body is larger than `generatio_request_max_body`.
   */
  GENERATIO_EXCHANGE_END_TOO_LARGE = 4,
  /**
   * The caller cut it off, and the request may have left.
   */
  GENERATIO_EXCHANGE_END_CUT_OFF = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum generatio_exchange_end generatio_exchange_end;
#else
typedef uint32_t generatio_exchange_end;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Where a request stands at FAL.
 */
enum generatio_job_state
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Waiting for a machine.
   */
  GENERATIO_JOB_STATE_QUEUED = 1,
  /**
   * Running.
   */
  GENERATIO_JOB_STATE_RUNNING = 2,
  /**
   * Over, well or badly; the result tells which.
   */
  GENERATIO_JOB_STATE_COMPLETED = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum generatio_job_state generatio_job_state;
#else
typedef uint32_t generatio_job_state;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Whose prices an amount follows.
 */
enum generatio_prices
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The product's catalog.
   */
  GENERATIO_PRICES_CATALOG = 1,
  /**
   * What FAL bills.
   */
  GENERATIO_PRICES_FAL = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum generatio_prices generatio_prices;
#else
typedef uint32_t generatio_prices;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a session is for.
 */
enum generatio_session_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * A user at a device, for a day.
   */
  GENERATIO_SESSION_KIND_SESSION = 1,
  /**
   * A program, for long.
   */
  GENERATIO_SESSION_KIND_API_KEY = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum generatio_session_kind generatio_session_kind;
#else
typedef uint32_t generatio_session_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a call wants next.
 */
enum generatio_step
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Send the request that `generatio_call_request` lends, as exchange `generatio_call_exchange`, and feed what comes.
   */
  GENERATIO_STEP_SEND = 1,
  /**
   * Feed what has come of the exchange since, as soon as something has; at `generatio_call_wait_until`, ask again
   * even if nothing has.
   */
  GENERATIO_STEP_READ = 2,
  /**
   * There is no exchange: ask again at `generatio_call_wait_until`.
   */
  GENERATIO_STEP_WAIT = 3,
  /**
   * It is over: `generatio_call_finish` tells how.
   */
  GENERATIO_STEP_DONE = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum generatio_step generatio_step;
#else
typedef uint32_t generatio_step;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a price is per.
 */
enum generatio_unit
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * One image, whatever its size.
   */
  GENERATIO_UNIT_IMAGE = 1,
  /**
   * 1,048,576 pixels of output.
   */
  GENERATIO_UNIT_MEGAPIXEL = 2,
  /**
   * A second of computing time, known only afterwards.
   */
  GENERATIO_UNIT_COMPUTE_SECOND = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum generatio_unit generatio_unit;
#else
typedef uint32_t generatio_unit;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A call to FAL under way. It does nothing by itself: `generatio_call_run` drives it over callbacks, or the program
 * takes step after step with `generatio_call_next`.
 */
typedef struct generatio_call generatio_call;

/**
 * The models on offer. It does not change, so any number of threads may use one at the same time.
 */
typedef struct generatio_catalog generatio_catalog;

/**
 * What a request will cost or did cost, by both price books.
 */
typedef struct generatio_cost generatio_cost;

/**
 * What FAL says about a request.
 */
typedef struct generatio_delivery generatio_delivery;

/**
 * What a failure has to say beyond its status: a message, problems with their places, what FAL answered.
 */
typedef struct generatio_error generatio_error;

/**
 * Where FAL is. It does not change, so any number of threads may use one at the same time.
 */
typedef struct generatio_fal generatio_fal;

/**
 * A request that FAL can be expected to take.
 */
typedef struct generatio_generation generatio_generation;

/**
 * One model of a catalog, lent by it.
 */
typedef struct generatio_model generatio_model;

/**
 * What a model made: 1 to 64 pictures that can be fetched.
 */
typedef struct generatio_output generatio_output;

/**
 * One parameter of a model, lent by its catalog.
 */
typedef struct generatio_parameter generatio_parameter;

/**
 * Where a request stands at FAL, with log lines: from `generatio_fal_status` all so far, from `generatio_fal_wait` the
 * new ones.
 */
typedef struct generatio_progress generatio_progress;

/**
 * A request, lent by the call that wants it sent. Send it as it is: to this URL only, following no redirect, with these
 * headers and no credentials of your own.
 */
typedef struct generatio_request generatio_request;

/**
 * A secret text of the library's own: overwritten with zeros when it is freed.
 */
typedef struct generatio_secret generatio_secret;

/**
 * A request that FAL has taken, and where it is followed up. Keep its parts on disk at once: it is paid for.
 */
typedef struct generatio_submitted generatio_submitted;

/**
 * A text of the library's own; see `generatio_text_view`.
 */
typedef struct generatio_text generatio_text;

/**
 * The keys that FAL signs its webhooks with, as they were at one moment.
 */
typedef struct generatio_webhook_keys generatio_webhook_keys;

/**
 * A text or bytes that belong to a handle: `len` bytes at `data`, followed by a NUL that is not counted. `data` is
 * never NULL. Lent: valid until that handle is freed, or for what belongs to a call's request, until the call's next
 * step.
 */
typedef struct generatio_view {
  /**
   * The first byte.
   */
  const char *data;
  /**
   * How many bytes, without the NUL.
   */
  size_t len;
} generatio_view;

/**
 * What a program brings to run calls with. The structure may grow: set `size` to `sizeof(generatio_transport)`, and
 * what is not used to NULL.
 */
typedef struct generatio_transport {
  /**
   * `sizeof(generatio_transport)`.
   */
  size_t size;
  /**
   * Handed to every callback; the library does not look at it.
   */
  void *context;
  /**
   * Makes one HTTP exchange: sends `request`, and as the answer arrives calls `generatio_call_head`,
   * `generatio_call_header` for each header, `generatio_call_head_done`, and `generatio_call_chunk` for the bytes of
   * the body, all with `call` and `exchange`. While `generatio_call_wants` says no, it stops, and gives back
   * whatever it likes. Gives back a `generatio_exchange_end`; other numbers count as
   * `GENERATIO_EXCHANGE_END_MAYBE_SENT`. It must not throw, unwind or jump out.
   */
  uint32_t (*exchange)(void *context,
                       struct generatio_call *call,
                       uint64_t exchange,
                       const struct generatio_request *request);
  /**
   * The time in Unix milliseconds. NULL: the operating system's.
   */
  int64_t (*now_ms)(void *context);
  /**
   * Comes back after so many milliseconds, at most 100, or earlier. NULL: the operating system's.
   */
  void (*sleep_ms)(void *context, int64_t ms);
  /**
   * Told each progress of a wait, which is lent for the time of the callback. NULL: nobody is told.
   */
  void (*progress)(void *context, const struct generatio_progress *progress);
} generatio_transport;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Goes on with a call at `now_ms`, Unix milliseconds of the program's clock, and says what it wants next: `*step` is a
 * `generatio_step`. Ask again after every feed, and at `generatio_call_wait_until`; asking too often does no harm. When
 * the number of `generatio_call_exchange` changes, the exchange before is no longer wanted: cut it off.
 *
 * One thread at a time; does not block.
 */
GENERATIO_MUST_USE generatio_status generatio_call_next(struct generatio_call *call, int64_t now_ms, uint32_t *step);

/**
 * The request to send, after `GENERATIO_STEP_SEND`; NULL when there is none. Lent until the call's next step; one
 * thread at a time; does not block.
 */
const struct generatio_request *generatio_call_request(const struct generatio_call *call);

/**
 * The number of the exchange that is under way; 0 when there is none. One thread at a time; does not block.
 */
uint64_t generatio_call_exchange(const struct generatio_call *call);

/**
 * Until when to wait before asking for the next step, in Unix milliseconds, if nothing else happens. One thread at a
 * time; does not block.
 */
int64_t generatio_call_wait_until(const struct generatio_call *call);

/**
 * Whether the exchange of this number is still wanted. If not, cut it off; what is fed for it has no effect. While the
 * call is run this also looks at the clock: call it about every second while nothing arrives, so that deadlines and
 * aborts are noticed. One thread at a time; does not block.
 */
bool generatio_call_wants(struct generatio_call *call, uint64_t exchange);

/**
 * Feeds the beginning of an answer: its HTTP status, whatever it is. Headers follow, then
 * `generatio_call_head_done`. One thread at a time; does not block.
 */
generatio_status generatio_call_head(struct generatio_call *call, uint64_t exchange, uint16_t http_status);

/**
 * Feeds one header of an answer. One whose name or value is not UTF-8 is passed over. One thread at a time; does not
 * block.
 */
generatio_status generatio_call_header(struct generatio_call *call,
                                       uint64_t exchange,
                                       const char *name,
                                       size_t name_len,
                                       const char *value,
                                       size_t value_len);

/**
 * All headers were fed. A program that forgets it loses nothing but time: the first bytes of the body say so too. One
 * thread at a time; does not block, but for callbacks while the call is run.
 */
generatio_status generatio_call_head_done(struct generatio_call *call, uint64_t exchange);

/**
 * Feeds bytes of an answer's body, decoded (no chunked framing, no compression), as soon as they arrive. One thread at
 * a time; does not block, but for callbacks while the call is run.
 */
generatio_status generatio_call_chunk(struct generatio_call *call,
                                      uint64_t exchange,
                                      const uint8_t *bytes,
                                      size_t bytes_len);

/**
 * Ends an exchange, by a `generatio_exchange_end`: its body is complete, or it failed. An exchange that is run ends by
 * what its callback gives back instead. One thread at a time; does not block, but for callbacks while the call is run.
 */
generatio_status generatio_call_end(struct generatio_call *call, uint64_t exchange, uint32_t end);

/**
 * The next progress that a wait has to tell. `*progress` is the caller's, freed with `generatio_progress_free`; NULL
 * when there is none at present. A call that is run tells its progress to the callback instead. One thread at a time;
 * does not block.
 */
generatio_status generatio_call_next_progress(struct generatio_call *call, struct generatio_progress **progress);

/**
 * Stops a call: its next step is its last, and it ends with `GENERATIO_ABORTED`. A request that FAL has goes on there,
 * and one that was being submitted may have been taken: see `generatio_error_may_have_been_taken`. Any thread, while
 * others use the call, but not while it is freed; does not block.
 */
void generatio_call_abort(struct generatio_call *call);

/**
 * Whether a call was aborted. Any thread, while others use the call; does not block.
 */
bool generatio_call_is_aborted(const struct generatio_call *call);

/**
 * How a call ended: its status, and `error` for all but `GENERATIO_OK`. `GENERATIO_OUT_OF_TURN` while it is not over.
 * May be asked again. One thread at a time; does not block.
 */
GENERATIO_MUST_USE
generatio_status generatio_call_finish(const struct generatio_call *call,
                                       struct generatio_error **error);

/**
 * Frees a call, wherever it stands; NULL is fine. No request of it may be used afterwards. Not while it is run.
 */
void generatio_call_free(struct generatio_call *call);

/**
 * What a submit brought. `*submitted` is the caller's, freed with `generatio_submitted_free`; it outlives the call. One
 * thread at a time; does not block.
 */
generatio_status generatio_call_submitted(const struct generatio_call *call, struct generatio_submitted **submitted);

/**
 * What a look at a status brought. `*progress` is the caller's, freed with `generatio_progress_free`. One thread at a
 * time; does not block.
 */
generatio_status generatio_call_progress(const struct generatio_call *call, struct generatio_progress **progress);

/**
 * What a wait brought: whether FAL says that the request failed or was canceled, FAL's type of that failure (lent
 * until the call is freed; empty if there is none that FAL documents), and how long the model ran in milliseconds (-1 if not known).
 * One thread at a time; does not block.
 */
generatio_status generatio_call_completion(const struct generatio_call *call,
                                           bool *failed,
                                           struct generatio_view *failure_type,
                                           int64_t *inference_ms);

/**
 * The output that was fetched. `*output` is the caller's, freed with `generatio_output_free`; it outlives the call. One thread at a time; does not block.
 */
generatio_status generatio_call_output(const struct generatio_call *call,
                                       struct generatio_output **output);

/**
 * What became of a cancel: `*outcome` is a `generatio_cancel_outcome`. One thread at a time; does not block.
 */
generatio_status generatio_call_cancel_outcome(const struct generatio_call *call, uint32_t *outcome);

/**
 * The webhook keys that were fetched. `*keys` is the caller's, freed with `generatio_webhook_keys_free`. One thread at
 * a time; does not block.
 */
generatio_status generatio_call_webhook_keys(const struct generatio_call *call, struct generatio_webhook_keys **keys);

/**
 * The built-in models: FAL's, for text to image. `*catalog` is the caller's, freed with `generatio_catalog_free`. Any
 * thread; takes some milliseconds.
 */
generatio_status generatio_catalog_builtin(struct generatio_catalog **catalog);

/**
 * A catalog, changed by an operator's file: JSON that hides models, changes prices and adds models. `catalog` stays as
 * it is. `*changed` is the caller's, freed with `generatio_catalog_free`. Any thread; takes some milliseconds.
 *
 * `GENERATIO_CATALOG_MALFORMED`: `error` has the first fault's line, column, model and field.
 */
GENERATIO_MUST_USE
generatio_status generatio_catalog_with_file(const struct generatio_catalog *catalog,
                                             const char *json,
                                             size_t json_len,
                                             struct generatio_catalog **changed,
                                             struct generatio_error **error);

/**
 * How many models there are. Any thread; does not block.
 */
size_t generatio_catalog_len(const struct generatio_catalog *catalog);

/**
 * A model, from 0 to the count, in the order of their names; NULL beyond. Lent until the catalog is freed; any thread;
 * does not block.
 */
const struct generatio_model *generatio_catalog_model(const struct generatio_catalog *catalog, size_t index);

/**
 * The model of this name; NULL if there is none. Lent until the catalog is freed; any thread; does not block.
 */
const struct generatio_model *generatio_catalog_find(const struct generatio_catalog *catalog,
                                                     const char *name,
                                                     size_t name_len);

/**
 * What requests call a model. Lent until the catalog is freed; any thread; does not block.
 */
struct generatio_view generatio_model_name(const struct generatio_model *model);

/**
 * FAL's endpoint of a model. Lent until the catalog is freed; any thread; does not block.
 */
struct generatio_view generatio_model_endpoint(const struct generatio_model *model);

/**
 * What people call a model. Lent until the catalog is freed; any thread; does not block.
 */
struct generatio_view generatio_model_display_name(const struct generatio_model *model);

/**
 * A model in a sentence, for people. Lent until the catalog is freed; any thread; does not block.
 */
struct generatio_view generatio_model_description(const struct generatio_model *model);

/**
 * All about a model, as JSON: prompt limits, sizes, parameters with their ranges and options, price rules. Lent until
 * the catalog is freed; any thread; does not block.
 */
struct generatio_view generatio_model_json(const struct generatio_model *model);

/**
 * What one image at a model's default size costs, in nano-dollars, by the prices of a `generatio_prices`; -1 if it has
 * no price beforehand. Any thread; does not block.
 */
int64_t generatio_model_cost_per_image(const struct generatio_model *model, uint32_t prices);

/**
 * How far the catalog's cost per image can be trusted: a `generatio_certainty`, 0 for NULL. Any thread; does not block.
 */
uint32_t generatio_model_certainty(const struct generatio_model *model);

/**
 * How many parameters a model takes besides the prompt. Any thread; does not block.
 */
size_t generatio_model_parameter_count(const struct generatio_model *model);

/**
 * A parameter, from 0 to the count, in the order in which they are shown; NULL beyond. Lent until the catalog is freed;
 * any thread; does not block.
 */
const struct generatio_parameter *generatio_model_parameter(const struct generatio_model *model, size_t index);

/**
 * FAL's name of a parameter. Lent until the catalog is freed; any thread; does not block.
 */
struct generatio_view generatio_parameter_name(const struct generatio_parameter *parameter);

/**
 * What a parameter takes: "integer", "float", "string", "boolean", "array" or "object". Lent until the catalog is
 * freed; any thread; does not block.
 */
struct generatio_view generatio_parameter_type(const struct generatio_parameter *parameter);

/**
 * A parameter in a sentence, for people. Lent until the catalog is freed; any thread; does not block.
 */
struct generatio_view generatio_parameter_description(const struct generatio_parameter *parameter);

/**
 * All about a parameter, as JSON: `type`, `default`, `min`, `max`, `options`, `max_length` and so on. Lent until the
 * catalog is freed; any thread; does not block.
 */
struct generatio_view generatio_parameter_json(const struct generatio_parameter *parameter);

/**
 * Checks a request as far as that can be done without spending anything. `parameters` is a JSON object, or empty.
 * `*generation` is the caller's, freed with `generatio_generation_free`; it may outlive the catalog. Any thread; does
 * not block.
 *
 * The status is that of the first problem; `error` has them all, at most 100, each with its path.
 */
GENERATIO_MUST_USE
generatio_status generatio_catalog_check(const struct generatio_catalog *catalog,
                                         const char *model,
                                         size_t model_len,
                                         const char *prompt,
                                         size_t prompt_len,
                                         const char *parameters,
                                         size_t parameters_len,
                                         struct generatio_generation **generation,
                                         struct generatio_error **error);

/**
 * Frees a catalog; NULL is fine. No model, parameter or view of it may be used afterwards.
 */
void generatio_catalog_free(struct generatio_catalog *catalog);

/**
 * The status that the failing function gave back. `GENERATIO_OK` for NULL. Any thread; does not block.
 */
uint32_t generatio_error_status(const struct generatio_error *error);

/**
 * What went wrong, in English; it holds no secret. Lent until the error is freed; any thread; does not block.
 */
struct generatio_view generatio_error_message(const struct generatio_error *error);

/**
 * How many single problems there are: of a request that was checked, or of an input that FAL refused. Any thread; does
 * not block.
 */
size_t generatio_error_problem_count(const struct generatio_error *error);

/**
 * The status of a problem, from 0 to the count; `GENERATIO_OK` beyond. Any thread; does not block.
 */
uint32_t generatio_error_problem_status(const struct generatio_error *error, size_t index);

/**
 * What a problem is about, such as "parameters.image_size.width"; empty when it is not said. Lent until the error is
 * freed; any thread; does not block.
 */
struct generatio_view generatio_error_problem_path(const struct generatio_error *error, size_t index);

/**
 * A problem in words. Those of FAL may quote the input: show them to the user whose input it is, and do not log them.
 * Lent until the error is freed; any thread; does not block.
 */
struct generatio_view generatio_error_problem_message(const struct generatio_error *error, size_t index);

/**
 * The line of the fault in a catalog's file, from 1; 0 for other errors. Any thread; does not block.
 */
uint64_t generatio_error_line(const struct generatio_error *error);

/**
 * The column of the fault in a catalog's file, in characters from 1; 0 for other errors. Any thread; does not block.
 */
uint64_t generatio_error_column(const struct generatio_error *error);

/**
 * The HTTP status that FAL answered with; 0 if it did not answer. Any thread; does not block.
 */
uint16_t generatio_error_fal_status(const struct generatio_error *error);

/**
 * FAL's own type of the error, such as "content_policy_violation", if it is a documented one; else empty. Lent until
 * the error is freed; any thread; does not block.
 */
struct generatio_view generatio_error_fal_type(const struct generatio_error *error);

/**
 * Whether asking again later, with the same input, can help. Never true for a submit that FAL may have taken. Any
 * thread; does not block.
 */
bool generatio_error_retryable(const struct generatio_error *error);

/**
 * How long FAL asked to wait, in milliseconds; -1 if it did not. Any thread; does not block.
 */
int64_t generatio_error_retry_after_ms(const struct generatio_error *error);

/**
 * Whether a submit failed in a way that leaves open whether FAL took it: it may be charged, and must not be submitted
 * again without asking. Any thread; does not block.
 */
bool generatio_error_may_have_been_taken(const struct generatio_error *error);

/**
 * The request that FAL signed a webhook for which came too late (`GENERATIO_WEBHOOK_EXPIRED`), worth a look at its
 * status; else empty. Lent until the error is freed; any thread; does not block.
 */
struct generatio_view generatio_error_request_id(const struct generatio_error *error);

/**
 * Frees an error; NULL is fine. No view of it may be used afterwards.
 */
void generatio_error_free(struct generatio_error *error);

/**
 * FAL itself when `base_url` is empty, else a stand-in or proxy there: scheme, host and port alone, https, or http to a
 * loopback address. A
 * key is sent there and nowhere else. `*fal` is the caller's, freed with `generatio_fal_free`; calls may outlive it.
 * Any thread; does not block.
 */
generatio_status generatio_fal_new(const char *base_url, size_t base_url_len, struct generatio_fal **fal);

/**
 * A picture's address in normal form, if it may be fetched: https, at most 2,048 bytes, no user info.
 * `GENERATIO_FAL_HOST_REFUSED` if not. `*checked` is the caller's, freed with `generatio_text_free`. Any thread; does
 * not block.
 */
GENERATIO_MUST_USE
generatio_status generatio_fal_picture_url(const struct generatio_fal *fal,
                                           const char *url,
                                           size_t url_len,
                                           struct generatio_text **checked);

/**
 * Frees the handle; NULL is fine.
 */
void generatio_fal_free(struct generatio_fal *fal);

/**
 * Begins to submit a checked request, for which FAL charges. It is sent once, and again only when FAL certainly did not
 * take it, until the deadline in Unix milliseconds. `webhook_url`, where FAL calls when it is done, may be empty;
 * `start_timeout_ms` is the longest FAL may take to start, 0 for none. The outcome is
 * `generatio_call_submitted`; see `generatio_error_may_have_been_taken` for failures.
 *
 * `*call` is the caller's, freed with `generatio_call_free`; nothing that is given here is needed any longer. The key
 * is kept, and wiped when the call is over. Any thread; does not block.
 */
GENERATIO_MUST_USE
generatio_status generatio_fal_submit(const struct generatio_fal *fal,
                                      const char *key,
                                      size_t key_len,
                                      const struct generatio_generation *generation,
                                      const char *webhook_url,
                                      size_t webhook_url_len,
                                      uint64_t start_timeout_ms,
                                      int64_t deadline_ms,
                                      struct generatio_call **call);

/**
 * The same for an input that no catalog has checked: `input` is the JSON object that FAL's endpoint takes.
 */
GENERATIO_MUST_USE
generatio_status generatio_fal_submit_input(const struct generatio_fal *fal,
                                            const char *key,
                                            size_t key_len,
                                            const char *endpoint,
                                            size_t endpoint_len,
                                            const char *input,
                                            size_t input_len,
                                            const char *webhook_url,
                                            size_t webhook_url_len,
                                            uint64_t start_timeout_ms,
                                            int64_t deadline_ms,
                                            struct generatio_call **call);

/**
 * Begins to look where a request stands, with all its log lines so far; at most 30 seconds. The outcome is
 * `generatio_call_progress`. For the rest see `generatio_fal_submit`.
 */
GENERATIO_MUST_USE
generatio_status generatio_fal_status(const struct generatio_fal *fal,
                                      const char *key,
                                      size_t key_len,
                                      const struct generatio_submitted *submitted,
                                      struct generatio_call **call);

/**
 * Begins to wait until a request is over, well or badly, or until the deadline in Unix milliseconds: by FAL's status
 * stream, else by polling. Progress is told on the way. The outcome is `generatio_call_completion`; then fetch the
 * result, of a failed request too: it says why. When the wait ends early, the request goes on. For the rest see
 * `generatio_fal_submit`.
 */
GENERATIO_MUST_USE
generatio_status generatio_fal_wait(const struct generatio_fal *fal,
                                    const char *key,
                                    size_t key_len,
                                    const struct generatio_submitted *submitted,
                                    int64_t deadline_ms,
                                    struct generatio_call **call);

/**
 * Begins to fetch the output of a request that is over, until the deadline in Unix milliseconds: also while FAL says
 * that it still runs. The outcome is `generatio_call_output`, or why the request failed. For the rest see
 * `generatio_fal_submit`.
 */
GENERATIO_MUST_USE
generatio_status generatio_fal_result(const struct generatio_fal *fal,
                                      const char *key,
                                      size_t key_len,
                                      const struct generatio_submitted *submitted,
                                      int64_t deadline_ms,
                                      struct generatio_call **call);

/**
 * Begins to ask FAL to drop a request; at most 30 seconds. The outcome is `generatio_call_cancel_outcome`; only the
 * request's own end tells what it costs. To stop a call of this library use `generatio_call_abort`. For the rest see
 * `generatio_fal_submit`.
 */
GENERATIO_MUST_USE
generatio_status generatio_fal_cancel(const struct generatio_fal *fal,
                                      const char *key,
                                      size_t key_len,
                                      const struct generatio_submitted *submitted,
                                      struct generatio_call **call);

/**
 * Begins to ask FAL whether it knows a key, until the deadline in Unix milliseconds. Costs nothing. It ends with
 * `GENERATIO_OK`, `GENERATIO_FAL_KEY_REFUSED` for a bad key, or `GENERATIO_FAL_ACCESS_DENIED` for one that FAL knows
 * and does not serve at present; any other status says nothing about the key. For the rest see `generatio_fal_submit`.
 */
GENERATIO_MUST_USE
generatio_status generatio_fal_check_key(const struct generatio_fal *fal,
                                         const char *key,
                                         size_t key_len,
                                         int64_t deadline_ms,
                                         struct generatio_call **call);

/**
 * Begins to fetch the keys that FAL signs its webhooks with, until the deadline in Unix milliseconds. No key of yours is
 * sent. The outcome is `generatio_call_webhook_keys`. For the rest see `generatio_fal_submit`.
 */
GENERATIO_MUST_USE
generatio_status generatio_fal_webhook_keys(const struct generatio_fal *fal,
                                            int64_t deadline_ms,
                                            struct generatio_call **call);

/**
 * The request's body for FAL, as JSON: the prompt and the parameters that were asked for. Lent until the generation is
 * freed; any thread; does not block.
 */
struct generatio_view generatio_generation_input(const struct generatio_generation *generation);

/**
 * How many images were asked for. Any thread; does not block.
 */
uint32_t generatio_generation_images(const struct generatio_generation *generation);

/**
 * The width asked for, else the model's default, in pixels; 0 where FAL chooses. Any thread; does not block.
 */
uint32_t generatio_generation_width(const struct generatio_generation *generation);

/**
 * The height asked for, else the model's default, in pixels; 0 where FAL chooses. Any thread; does not block.
 */
uint32_t generatio_generation_height(const struct generatio_generation *generation);

/**
 * Frees a generation; NULL is fine. No view of it may be used afterwards.
 */
void generatio_generation_free(struct generatio_generation *generation);

/**
 * What a request will cost: the most, where the number or the size of the images is open. `*cost` is the caller's,
 * freed with `generatio_cost_free`. Any thread; does not block.
 */
generatio_status generatio_generation_quote(const struct generatio_generation *generation,
                                            struct generatio_cost **cost);

/**
 * What a request did cost, now that `images` were returned and FAL reported `billable_units` (the text of
 * `generatio_output_billable_units`; may be empty). `*cost` is the caller's, freed with `generatio_cost_free`. Any
 * thread; does not block.
 */
generatio_status generatio_generation_charge(const struct generatio_generation *generation,
                                             uint32_t images,
                                             const char *billable_units,
                                             size_t billable_units_len,
                                             struct generatio_cost **cost);

/**
 * The amount in nano-dollars, by the prices of a `generatio_prices`; 0 for other numbers. Any thread; does not block.
 */
int64_t generatio_cost_nano_usd(const struct generatio_cost *cost, uint32_t prices);

/**
 * How far the amount can be trusted: a `generatio_certainty`; 0 for other numbers than a `generatio_prices`. Any
 * thread; does not block.
 */
uint32_t generatio_cost_certainty(const struct generatio_cost *cost, uint32_t prices);

/**
 * What the price is per: a `generatio_unit`; 0 for other numbers than a `generatio_prices`. Any thread; does not block.
 */
uint32_t generatio_cost_unit(const struct generatio_cost *cost, uint32_t prices);

/**
 * How many units, as exact decimal text. Lent until the cost is freed; any thread; does not block.
 */
struct generatio_view generatio_cost_units(const struct generatio_cost *cost, uint32_t prices);

/**
 * The price of one unit, in nano-dollars. Any thread; does not block.
 */
int64_t generatio_cost_unit_price(const struct generatio_cost *cost, uint32_t prices);

/**
 * The billable units that FAL reported, if they could be read and priced; else empty. Lent until the cost is freed; any
 * thread; does not block.
 */
struct generatio_view generatio_cost_billable_units(const struct generatio_cost *cost);

/**
 * Frees a cost; NULL is fine. No view of it may be used afterwards.
 */
void generatio_cost_free(struct generatio_cost *cost);

/**
 * Reads dollars such as "0.003", "12" or "-0.5" as nano-dollars: at most nine decimals, no exponent, nothing else
 * around. Any thread; does not block.
 */
GENERATIO_MUST_USE generatio_status generatio_usd_parse(const char *text, size_t text_len, int64_t *nano_usd);

/**
 * Writes nano-dollars as the shortest exact decimal, such as "0.009", and a NUL to `text`, which has `text_size` bytes;
 * `GENERATIO_USD_TEXT_BYTES` are always enough. Any thread; does not block.
 */
generatio_status generatio_usd_format(int64_t nano_usd, char *text, size_t text_size);

/**
 * Adds amounts. `GENERATIO_AMOUNT_OVERFLOW` when the sum does not fit; what lies between does not matter. Any thread;
 * does not block.
 */
GENERATIO_MUST_USE generatio_status generatio_usd_sum(const int64_t *nano_usd, size_t count, int64_t *sum);

/**
 * The mean of amounts, rounded half away from zero; zero when there are none. Any thread; does not block.
 */
generatio_status generatio_usd_average(const int64_t *nano_usd, size_t count, int64_t *average);

/**
 * `units`, decimal text such as "1" or "8.4399", at a price each: rounded once, half away from zero. Any thread; does
 * not block.
 */
GENERATIO_MUST_USE
generatio_status generatio_usd_times(const char *units,
                                     size_t units_len,
                                     int64_t unit_price_nano_usd,
                                     int64_t *nano_usd);

/**
 * Splits an amount into `count` parts that add up to it, and writes them to `parts`; what does not divide goes to the
 * first. Any thread; does not block.
 */
generatio_status generatio_usd_split(int64_t nano_usd, int64_t *parts, size_t count);

/**
 * How many pictures there are. Any thread; does not block.
 */
size_t generatio_output_count(const struct generatio_output *output);

/**
 * Where a picture is, already checked. It is public: no key is needed there, and none must be sent. Lent until the
 * output is freed; any thread; does not block.
 */
struct generatio_view generatio_output_url(const struct generatio_output *output, size_t index);

/**
 * A picture's media type as FAL wrote it; empty if it did not. Lent until the output is freed; any thread; does not
 * block.
 */
struct generatio_view generatio_output_content_type(const struct generatio_output *output, size_t index);

/**
 * A picture's width in pixels; 0 if FAL did not say. Any thread; does not block.
 */
uint32_t generatio_output_width(const struct generatio_output *output, size_t index);

/**
 * A picture's height in pixels; 0 if FAL did not say. Any thread; does not block.
 */
uint32_t generatio_output_height(const struct generatio_output *output, size_t index);

/**
 * A picture's size in bytes; -1 if FAL did not say. Any thread; does not block.
 */
int64_t generatio_output_file_size(const struct generatio_output *output, size_t index);

/**
 * Whether FAL flagged a picture as not safe for work. Any thread; does not block.
 */
bool generatio_output_is_nsfw(const struct generatio_output *output, size_t index);

/**
 * The seed that was used, decimal text (it may be beyond 64 bits with a sign); empty if FAL did not say. Lent until the
 * output is freed; any thread; does not block.
 */
struct generatio_view generatio_output_seed(const struct generatio_output *output);

/**
 * How long the model ran, in milliseconds; -1 if FAL did not say. Any thread; does not block.
 */
int64_t generatio_output_inference_ms(const struct generatio_output *output);

/**
 * What FAL bills, in its own units, for `generatio_generation_charge`; empty if FAL did not say. Lent until the output
 * is freed; any thread; does not block.
 */
struct generatio_view generatio_output_billable_units(const struct generatio_output *output);

/**
 * Frees an output; NULL is fine. No view of it may be used afterwards. One that a delivery lends is not freed.
 */
void generatio_output_free(struct generatio_output *output);

/**
 * The state: a `generatio_job_state`; 0 for NULL. Does not block.
 */
uint32_t generatio_progress_state(const struct generatio_progress *progress);

/**
 * How many requests are ahead of one that is queued, 0 being next; -1 if that is not known. Does not block.
 */
int64_t generatio_progress_queue_position(const struct generatio_progress *progress);

/**
 * How long the model ran, in milliseconds; -1 until that is known. Does not block.
 */
int64_t generatio_progress_inference_ms(const struct generatio_progress *progress);

/**
 * How many log lines there are. Does not block.
 */
size_t generatio_progress_log_count(const struct generatio_progress *progress);

/**
 * What a log line says, without control characters. Lent until the progress is freed; does not block.
 */
struct generatio_view generatio_progress_log_message(const struct generatio_progress *progress, size_t index);

/**
 * A log line's level: "STDERR", "STDOUT", "ERROR", "INFO", "WARN" or "DEBUG". Lent until the progress is freed; does
 * not block.
 */
struct generatio_view generatio_progress_log_level(const struct generatio_progress *progress, size_t index);

/**
 * A log line's time as FAL wrote it, ISO 8601; empty if it did not. Lent until the progress is freed; does not block.
 */
struct generatio_view generatio_progress_log_timestamp(const struct generatio_progress *progress, size_t index);

/**
 * Frees a progress; NULL is fine. One that a callback is lent is not the callback's to free.
 */
void generatio_progress_free(struct generatio_progress *progress);

/**
 * "GET", "POST" or "PUT". Static; any thread; does not block.
 */
struct generatio_view generatio_request_method(const struct generatio_request *request);

/**
 * The absolute URL, already checked against FAL's hosts. Lent until the call's next step; does not block.
 */
struct generatio_view generatio_request_url(const struct generatio_request *request);

/**
 * How many headers there are. Does not block.
 */
size_t generatio_request_header_count(const struct generatio_request *request);

/**
 * The name of a header, in lower case; empty beyond the count. Lent until the call's next step; does not block.
 */
struct generatio_view generatio_request_header_name(const struct generatio_request *request, size_t index);

/**
 * The value of a header, visible ASCII; empty beyond the count. Lent until the call's next step; does not block.
 */
struct generatio_view generatio_request_header_value(const struct generatio_request *request, size_t index);

/**
 * Whether logs and caches must not see a header's value: it holds the FAL key. Does not block.
 */
bool generatio_request_header_is_secret(const struct generatio_request *request, size_t index);

/**
 * The body, JSON text; empty if there is none. Lent until the call's next step; does not block.
 */
struct generatio_view generatio_request_body(const struct generatio_request *request);

/**
 * The most bytes that the answer's body may have; at more the exchange ends with `GENERATIO_EXCHANGE_END_TOO_LARGE`. What is
 * fed beyond it counts as that too. Does not block.
 */
size_t generatio_request_max_body(const struct generatio_request *request);

/**
 * When to give the exchange up, in Unix milliseconds. The call does so by itself when it is asked for its next step. Does
 * not block.
 */
int64_t generatio_request_deadline_ms(const struct generatio_request *request);

/**
 * Runs a call to its end over the program's callbacks, in this thread, and gives back how it ended, as
 * `generatio_call_finish` does. The callbacks may use the call they are handed, and other handles, but not run this
 * call. `transport` is not needed any longer afterwards. Blocks, until the call's deadline at the latest;
 * `generatio_call_abort` ends it from any thread.
 */
GENERATIO_MUST_USE
generatio_status generatio_call_run(struct generatio_call *call,
                                    const struct generatio_transport *transport,
                                    struct generatio_error **error);

/**
 * Seals `token` under `password` as v2 text, with a fresh salt and nonce from the operating system. It opens only with
 * the same `context`, the owner's user id. 0 iterations are `GENERATIO_ITERATIONS_DEFAULT`. `*sealed` is the caller's,
 * freed with `generatio_text_free`. Any thread; blocks for the whole key derivation, some 0.1 to 0.5 s by default.
 */
GENERATIO_MUST_USE
generatio_status generatio_seal(const char *token,
                                size_t token_len,
                                const char *password,
                                size_t password_len,
                                const char *context,
                                size_t context_len,
                                uint32_t iterations,
                                struct generatio_text **sealed);

/**
 * Seals `token` under `password` as the original server's v1 text, for going back to it; otherwise use
 * `generatio_seal`. `*sealed` is the caller's, freed with `generatio_text_free`. Any thread; blocks for the whole key
 * derivation.
 */
GENERATIO_MUST_USE
generatio_status generatio_seal_v1(const char *token,
                                   size_t token_len,
                                   const char *password,
                                   size_t password_len,
                                   struct generatio_text **sealed);

/**
 * Opens a sealed token of either form with the password, and for v2 the context, it was sealed under. A token may hold
 * NUL. `*token` is the caller's, freed with `generatio_secret_free`. Any thread; blocks for the whole key derivation.
 *
 * `GENERATIO_WRONG_PASSWORD`: for v1 that may also mean a damaged text. `GENERATIO_SEALED_TOKEN_DAMAGED`: the password
 * is right.
 */
GENERATIO_MUST_USE
generatio_status generatio_open(const char *sealed,
                                size_t sealed_len,
                                const char *password,
                                size_t password_len,
                                const char *context,
                                size_t context_len,
                                struct generatio_secret **token);

/**
 * Opens a sealed token and seals what was in it anew under the same password and context: v2, a fresh salt, that many
 * iterations (0: the default). `*resealed` is the caller's, freed with `generatio_text_free`. Any thread; blocks for
 * two key derivations.
 */
GENERATIO_MUST_USE
generatio_status generatio_reseal(const char *sealed,
                                  size_t sealed_len,
                                  const char *password,
                                  size_t password_len,
                                  const char *context,
                                  size_t context_len,
                                  uint32_t iterations,
                                  struct generatio_text **resealed);

/**
 * Reads the form of a sealed token without opening it: `*version` is 1 or 2, `*iterations` the work of opening
 * it. Any thread; does not block.
 */
GENERATIO_MUST_USE
generatio_status generatio_sealed_read(const char *sealed,
                                       size_t sealed_len,
                                       uint32_t *version,
                                       uint32_t *iterations);

/**
 * Derives the account secret: what a client sends as its account password, so that one password serves account and
 * token and no server sees it. Nothing is checked but the password's length; `realm`, which keeps one server from
 * replaying a secret at another, may be empty. `*secret` is the caller's, freed with `generatio_secret_free`. Any
 * thread; blocks for a key derivation of 600,000 iterations.
 */
GENERATIO_MUST_USE
generatio_status generatio_account_secret(const char *email,
                                          size_t email_len,
                                          const char *password,
                                          size_t password_len,
                                          const char *realm,
                                          size_t realm_len,
                                          struct generatio_secret **secret);

/**
 * Whether a text has the shape of an account secret. Any thread; does not block.
 */
bool generatio_is_account_secret(const char *text, size_t text_len);

/**
 * Draws a session's id from the operating system: a UUID v4, 36 characters, and the only key to what the session holds.
 * `*id` is the caller's, freed with `generatio_secret_free`. Any thread; does not block.
 */
generatio_status generatio_session_id_new(struct generatio_secret **id);

/**
 * What a session is kept and found under: the id cannot be computed back from it. Writes
 * `GENERATIO_SESSION_INDEX_BYTES` bytes to `index`, which is the caller's. Any thread; does not block.
 */
generatio_status generatio_session_index(const char *id, size_t id_len, uint8_t *index);

/**
 * Seals `token` under a session's id. The claims (a `generatio_session_kind`, the user's id, the last second of Unix
 * time at which it is valid) are not part of the box, and are authenticated by it. `*box_text` is the caller's, freed
 * with `generatio_text_free`. Any thread; does not block.
 */
GENERATIO_MUST_USE
generatio_status generatio_session_seal(const char *id,
                                        size_t id_len,
                                        uint32_t kind,
                                        const char *user_id,
                                        size_t user_id_len,
                                        int64_t expires_unix_s,
                                        const char *token,
                                        size_t token_len,
                                        struct generatio_text **box_text);

/**
 * Opens a session with its id and the claims it was sealed with; whether it has expired is not asked. `*token` is the
 * caller's, freed with `generatio_secret_free`. Any thread; does not block.
 *
 * `GENERATIO_SESSION_NOT_FOUND`: id, claims and box do not belong together.
 */
GENERATIO_MUST_USE
generatio_status generatio_session_open(const char *id,
                                        size_t id_len,
                                        uint32_t kind,
                                        const char *user_id,
                                        size_t user_id_len,
                                        int64_t expires_unix_s,
                                        const char *box_text,
                                        size_t box_text_len,
                                        struct generatio_secret **token);

/**
 * What a status means, in English, for developers: a static text, never NULL. Other numbers than those of
 * `generatio_status` give "unknown status". Any thread; does not block.
 */
const char *generatio_status_message(uint32_t status);

/**
 * The stable name that the other faces of Generatio give the same error, such as "wrong_password": a static text, never
 * NULL. Empty for statuses below 100 and unknown numbers. Any thread; does not block.
 */
const char *generatio_status_name(uint32_t status);

/**
 * Puts together what a program kept of a request. An address that is empty, or does not lie at FAL's queue under the
 * request's own path, is replaced by the one FAL documents. `*submitted` is the caller's, freed with
 * `generatio_submitted_free`. Any thread; does not block.
 */
GENERATIO_MUST_USE
generatio_status generatio_submitted_restore(const struct generatio_fal *fal,
                                             const char *endpoint,
                                             size_t endpoint_len,
                                             const char *request_id,
                                             size_t request_id_len,
                                             const char *status_url,
                                             size_t status_url_len,
                                             const char *response_url,
                                             size_t response_url_len,
                                             const char *cancel_url,
                                             size_t cancel_url_len,
                                             struct generatio_submitted **submitted,
                                             struct generatio_error **error);

/**
 * FAL's endpoint that took the request. Lent until the handle is freed; any thread; does not block.
 */
struct generatio_view generatio_submitted_endpoint(const struct generatio_submitted *submitted);

/**
 * FAL's id of the request. Lent until the handle is freed; any thread; does not block.
 */
struct generatio_view generatio_submitted_request_id(const struct generatio_submitted *submitted);

/**
 * Where the request's status is asked for. Lent until the handle is freed; any thread; does not block.
 */
struct generatio_view generatio_submitted_status_url(const struct generatio_submitted *submitted);

/**
 * Where the request's output is. Lent until the handle is freed; any thread; does not block.
 */
struct generatio_view generatio_submitted_response_url(const struct generatio_submitted *submitted);

/**
 * Where the request is canceled. Lent until the handle is freed; any thread; does not block.
 */
struct generatio_view generatio_submitted_cancel_url(const struct generatio_submitted *submitted);

/**
 * Frees the handle; NULL is fine. No view of it may be used afterwards. What FAL does goes on.
 */
void generatio_submitted_free(struct generatio_submitted *submitted);

/**
 * The text of a handle. Empty for NULL. Lent until the handle is freed; any thread; does not block.
 */
struct generatio_view generatio_text_view(const struct generatio_text *text);

/**
 * Frees a text; NULL is fine. No view of it may be used afterwards.
 */
void generatio_text_free(struct generatio_text *text);

/**
 * Copies a secret of 0 to 1 MiB into a handle, which wipes it in the end; wiping `text` is left to the caller.
 * `*secret` is the caller's, freed with `generatio_secret_free`. Any thread; does not block.
 */
generatio_status generatio_secret_new(const char *text, size_t text_len, struct generatio_secret **secret);

/**
 * The secret. Empty for NULL. Lent until the handle is freed; any thread; does not block.
 */
struct generatio_view generatio_secret_view(const struct generatio_secret *secret);

/**
 * Overwrites a secret with zeros and frees it; NULL is fine. No view of it may be used afterwards.
 */
void generatio_secret_free(struct generatio_secret *secret);

/**
 * Checks a password that someone chooses: 8 to 71 characters, and not a widely used one. Any thread; does not block.
 */
GENERATIO_MUST_USE generatio_status generatio_password_check(const char *password, size_t password_len);

/**
 * Checks the shape of a FAL key: 1 to 4,096 visible ASCII characters. What it opens only FAL can tell. Any thread; does
 * not block.
 */
GENERATIO_MUST_USE generatio_status generatio_fal_key_check(const char *key, size_t key_len);

/**
 * Checks a prompt: 1 to 5,000 characters, not only white space. A model may ask for less. Any thread; does not block.
 */
GENERATIO_MUST_USE generatio_status generatio_prompt_check(const char *prompt, size_t prompt_len);

/**
 * Checks the name of a folder or the title of an image: 1 to 200 characters, not only white space. Any thread; does not
 * block.
 */
GENERATIO_MUST_USE generatio_status generatio_name_check(const char *name, size_t name_len);

/**
 * Checks an e-mail address, and gives the form under which two of them count as the same. `*key` is the caller's, freed
 * with `generatio_text_free`. Any thread; does not block.
 */
GENERATIO_MUST_USE
generatio_status generatio_email_key(const char *email,
                                     size_t email_len,
                                     struct generatio_text **key);

/**
 * The version of the library that runs, such as "0.1.0": a static text. `GENERATIO_VERSION` is that of the header.
 * Any thread; does not block.
 */
const char *generatio_version(void);

/**
 * The same as a number: major * 1,000,000 + minor * 1,000 + patch. `GENERATIO_VERSION_NUMBER` is that of the header.
 * Any thread; does not block.
 */
uint32_t generatio_version_number(void);

/**
 * The number of the binary interface of the library that runs. A program that finds another than the `GENERATIO_ABI`
 * it was compiled with must not go on. Any thread; does not block.
 */
uint32_t generatio_abi(void);

/**
 * Reads a JSON Web Key Set that was asked for at `fetched_ms`, Unix milliseconds. `*keys` is the caller's, freed with
 * `generatio_webhook_keys_free`. Any thread; does not block.
 */
GENERATIO_MUST_USE
generatio_status generatio_webhook_keys_parse(const char *jwks,
                                              size_t jwks_len,
                                              int64_t fetched_ms,
                                              struct generatio_webhook_keys **keys,
                                              struct generatio_error **error);

/**
 * Whether the keys are 24 hours old: nothing is verified with them any more. True for NULL. Any thread; does not block.
 */
bool generatio_webhook_keys_stale(const struct generatio_webhook_keys *keys, int64_t now_ms);

/**
 * Whether keys may be fetched again, because these are stale or fit no signature: once a minute, so that forged
 * webhooks do not turn into requests to FAL. True for NULL. Any thread; does not block.
 */
bool generatio_webhook_keys_may_refetch(const struct generatio_webhook_keys *keys, int64_t now_ms);

/**
 * Notes that keys are being asked for; call it before the request, since a failed attempt counts. No other thread may
 * use the keys meanwhile; does not block.
 */
void generatio_webhook_keys_refetching(struct generatio_webhook_keys *keys, int64_t now_ms);

/**
 * Frees the keys; NULL is fine.
 */
void generatio_webhook_keys_free(struct generatio_webhook_keys *keys);

/**
 * Judges and reads a delivery: its form, FAL's signature, its time, its body. The four headers are `X-Fal-Webhook-`
 * `Request-Id`, `User-Id`, `Timestamp` and `Signature` as they came; `body` is raw. `*delivery` is the caller's, freed
 * with `generatio_delivery_free`. Any thread; does not block.
 *
 * `GENERATIO_WEBHOOK_EXPIRED`: FAL signed it too long ago; `generatio_error_request_id` tells for which request.
 * `GENERATIO_FAL_UNAVAILABLE`: the keys are stale.
 */
GENERATIO_MUST_USE
generatio_status generatio_webhook_verify(const struct generatio_fal *fal,
                                          const struct generatio_webhook_keys *keys,
                                          const char *request_id,
                                          size_t request_id_len,
                                          const char *user_id,
                                          size_t user_id_len,
                                          const char *timestamp,
                                          size_t timestamp_len,
                                          const char *signature,
                                          size_t signature_len,
                                          const uint8_t *body,
                                          size_t body_len,
                                          int64_t now_ms,
                                          struct generatio_delivery **delivery,
                                          struct generatio_error **error);

/**
 * The request's id. Lent until the delivery is freed; any thread; does not block.
 */
struct generatio_view generatio_delivery_request_id(const struct generatio_delivery *delivery);

/**
 * The id of the last attempt, where FAL's queue tried again; else empty or the same. Lent until the delivery is freed;
 * any thread; does not block.
 */
struct generatio_view generatio_delivery_gateway_request_id(const struct generatio_delivery *delivery);

/**
 * How the request ended, for good: a `generatio_delivered`; 0 for NULL. Any thread; does not block.
 */
uint32_t generatio_delivery_outcome(const struct generatio_delivery *delivery);

/**
 * The pictures; NULL if there are none. Lent until the delivery is freed; any thread; does not block.
 */
const struct generatio_output *generatio_delivery_output(const struct generatio_delivery *delivery);

/**
 * Why there are no pictures; NULL if there are, or the payload was lost. Lent until the delivery is freed; any thread;
 * does not block.
 */
const struct generatio_error *generatio_delivery_error(const struct generatio_delivery *delivery);

/**
 * Frees a delivery; NULL is fine. No view, output or error of it may be used afterwards.
 */
void generatio_delivery_free(struct generatio_delivery *delivery);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* GENERATIO_H */
