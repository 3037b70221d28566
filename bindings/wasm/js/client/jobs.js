// Jobs: how they are read, followed and asked for. The server runs them; direct.js has those that it does not.

import { GeneratioError } from "../errors.js";
import { pictureUrl } from "./address.js";
import { events } from "./events.js";
import { aborted, backoff, codeOf, delay, isTransient } from "./http.js";
import { parseJson } from "./json.js";
import {
  amount,
  certaintyOf,
  count,
  flag,
  id,
  isId,
  list,
  money,
  object,
  oneOf,
  optional,
  shaped,
  someMoney,
  text,
  time,
} from "./shape.js";

/** @import { CallOptions, CursorPage, GenerateOptions, Generated, Job, JobImage, JobProgress, JobState, Jobs, RefusedAddress } from "../client.js" */
/** @import { GenerateRequest } from "../index.js" */
/** @import { Event } from "./events.js" */
/** @import { Call, Connection } from "./http.js" */
/** @import { Json } from "./shape.js" */
/** @typedef {Partial<Omit<JobProgress, "job" | "elapsedMs">>} News What is new of a job. */
/** @typedef {{ state: JobState, job: Job | undefined }} End */

/** @type {readonly JobState[]} */
const STATES = ["created", "submitting", "submitted", "unknown", "completed", "failed", "canceled"];
/** @type {readonly JobState[]} */
const OVER = ["completed", "failed", "canceled"];
/** How often in a row a request or stream may fail. */
const PATIENCE = 8;

const path = (/** @type {string} */ job, end = "") => `/api/custom/generate/jobs/${checkedId(job)}${end}`;

/**
 * An id that a caller gave. It stands in a path.
 *
 * @param {string} value
 */
export function checkedId(value) {
  if (isId(value)) return value;
  throw new GeneratioError("argument_type", "An id has 15 characters of a to z and 0 to 9");
}

// ---- reading

/**
 * An address that is shown, or why it is not.
 *
 * @param {string} base
 * @param {RefusedAddress["field"]} field
 * @param {Json} value
 * @returns {{ url: string | null, refused: RefusedAddress[] }}
 */
export function checkedAddress(base, field, value) {
  if (optional(value) === null) return { url: null, refused: [] };
  const url = pictureUrl(base, value);
  return { url, refused: url === null ? [{ field, code: "untrusted_address" }] : [] };
}

/**
 * A job as the server shows it.
 *
 * @type {(c: Connection) => (value: Json) => Job}
 */
export const jobOf = (c) => (value) => {
  const job = object(value, "a job");
  const failure = job.failure == null ? null : object(job.failure, "a failure");
  return {
    id: id(job.id, "a job's id"),
    state: oneOf(job.state, STATES, "a job's state"),
    model: text(job.model, "a model", 200),
    images: list(job.images, (image) => imageOf(c, image), "pictures", 100),
    cost: someMoney(job.cost),
    certainty: certaintyOf(job.certainty),
    held: someMoney(job.held),
    cancelAsked: optional(job.cancel_asked),
    failure: failure && { code: text(failure.code), message: text(failure.message) },
    source: oneOf(job.source ?? "server", ["server", "direct"], "a source"),
    reportedBy: job.reported_by == null ? null : reporterOf(job.reported_by),
    created: time(job.created),
    updated: time(job.updated),
  };
};

/** @param {Json} value */
export function reporterOf(value) {
  return oneOf(value, /** @type {const} */ (["server", "client", "webhook"]), "a reporter");
}

/**
 * @param {Connection} c
 * @param {Json} image
 * @returns {JobImage}
 */
function imageOf(c, image) {
  return { id: id(image.id, "a picture's id"), ...checkedAddress(c.url, "url", image.url) };
}

/** @type {(c: Connection) => Jobs} */
export const jobs = (c) => ({
  list: ({ state, source, open, limit, cursor, ...options } = {}) => {
    const query = { state, source, open: open && "true", limit, cursor };
    return c.call("GET", "/api/custom/generate/jobs", { ...options, query, view: cursorPage(jobOf(c)) });
  },
  get: (job, options) => getJob(c, job, options),
  follow: async (job, options) => follow(c, checkedId(job), options),
  cancel: async (job, options) => {
    const view = (/** @type {Json} */ { stopped, charged, job }) => ({
      stopped: stopped === null ? null : flag(stopped),
      charged: someMoney(charged),
      job: jobOf(c)(job),
    });
    return c.call("DELETE", path(job), { ...options, session: true, view });
  },
  resolve: async (job, outcome, options) =>
    c.call("POST", path(job, "/resolve"), { ...options, body: { outcome }, view: jobOf(c) }),
});

/**
 * A part of a list that goes on at a cursor.
 *
 * @template T
 * @param {(one: Json) => T} view
 * @returns {(value: Json) => CursorPage<T>}
 */
export const cursorPage = (view) => (value) => ({
  items: list(value.items, view, "a list", 200),
  next: optional(value.next, "a cursor"),
});

/**
 * @param {Connection} c
 * @param {string} job
 * @param {CallOptions} [options]
 */
export async function getJob(c, job, options) {
  return c.call("GET", path(job), { ...options, view: jobOf(c) });
}

// ---- asking

/**
 * The body of a generation.
 *
 * @param {GenerateRequest} request
 * @param {string} [folder]
 */
export function asked({ model, prompt, parameters }, folder) {
  return { model, prompt, ...(parameters && { parameters }), ...(folder && { collection_id: checkedId(folder) }) };
}

/**
 * @param {Connection} c
 * @param {GenerateRequest} request
 * @param {CallOptions & { folder?: string }} [options]
 */
export async function estimate(c, request, { folder, ...options } = {}) {
  const view = (/** @type {Json} */ { cost, certainty, quote, budget }) => ({
    cost: money(cost),
    certainty: certaintyOf(certainty),
    quote: { catalog: amount(quote.catalog), fal: amount(quote.fal) },
    budget: budget == null ? null : {
      basis: oneOf(budget.basis, /** @type {const} */ (["fal", "account"]), "a basis"),
      remaining: someMoney(budget.remaining),
      allowed: flag(budget.allowed),
      warning: flag(budget.warning),
    },
  });
  return c.call("POST", "/api/custom/generate/estimate", { ...options, body: asked(request, folder), view });
}

/**
 * A request that begins a job, sent until it is answered: a key makes all of them one.
 *
 * @template T
 * @param {Connection} c
 * @param {string} route
 * @param {object} body
 * @param {Call<T> & { idempotencyKey?: string }} options
 */
export async function begin(c, route, body, { idempotencyKey = randomKey(), signal, ...options }) {
  const headers = { ...options.headers, "idempotency-key": idempotencyKey };
  for (let failures = 0; ; failures += 1) {
    try {
      return await c.call("POST", route, { ...options, body, headers, signal });
    } catch (error) {
      // Only where nothing is known to have come of it. What the server answered stands.
      const lost = ["server_unreachable", "server_timeout"].includes(codeOf(error));
      if (!lost || failures >= PATIENCE) throw error;
      await delay(backoff(failures), signal);
    }
  }
}

/** `crypto.randomUUID` is missing where a page is not served securely. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {Connection} c
 * @param {GenerateRequest} request
 * @param {GenerateOptions} [options]
 */
export async function generate(c, request, { folder, idempotencyKey, signal, onProgress } = {}) {
  const job = await begin(c, "/api/custom/generate/image", asked(request, folder), {
    idempotencyKey,
    signal,
    session: true,
    headers: { prefer: "respond-async" },
    // 202 with the job. An older server, which does not know the preference, answers with pictures and the job's id.
    view: (/** @type {Json} */ value) => id(value.job ?? value.id, "a job's id"),
  });
  return follow(c, job, { signal, onProgress });
}

// ---- following

/**
 * Waits for a job.
 *
 * @param {Connection} c
 * @param {string} job
 * @param {Pick<GenerateOptions, "signal" | "onProgress">} [options]
 * @returns {Promise<Generated>}
 */
export async function follow(c, job, { signal, onProgress } = {}) {
  const tell = teller(job, onProgress);
  let lastEventId = "";
  let failures = 0;
  for (;;) {
    let came = false;
    try {
      const over = await listen(c, job, lastEventId, signal, (event) => {
        came = true;
        lastEventId = event.id;
        tell(event.news);
      });
      if (over) return outcome(await settled(c, job, over, { signal }));
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (!came && failures >= PATIENCE) throw error;
    }
    // Cut off, or over before the stream was opened.
    failures = came ? 0 : failures + 1;
    const now = await getJob(c, job, { signal }).catch(ignoreTransient);
    if (now && hasEnded(now.state)) return outcome(now);
    if (failures > PATIENCE) throw new GeneratioError("server_unreachable", "The job's events do not come through");
    tell({ ...(now && { state: now.state }), reconnecting: true });
    await delay(backoff(failures), signal);
  }
}

/** @param {unknown} error */
function ignoreTransient(error) {
  if (!isTransient(error)) throw error;
  return null;
}

/** @param {JobState} state */
function hasEnded(state) {
  return OVER.includes(state) || state === "unknown";
}

/**
 * Hears one stream out: the state that ends the wait and the job, if it was told; `null` where it ends before.
 *
 * @param {Connection} c
 * @param {string} job
 * @param {string} lastEventId
 * @param {AbortSignal | undefined} outer
 * @param {(event: { id: string, news: News }) => void} tell
 */
async function listen(c, job, lastEventId, outer, tell) {
  const inner = new AbortController();
  const stop = () => inner.abort();
  if (outer?.aborted) throw aborted();
  outer?.addEventListener("abort", stop, { once: true });
  try {
    const body = await c.stream(path(job, "/events"), { lastEventId, signal: inner.signal });
    if (!body) return null;
    for await (const event of events(body)) {
      const { news, over } = shaped((event) => read(c, event), event);
      tell({ id: event.id, news });
      if (over) return over;
    }
    return null;
  } catch (error) {
    if (outer?.aborted) throw aborted();
    if (error instanceof GeneratioError) throw error;
    throw new GeneratioError("server_unreachable", "The stream of events broke");
  } finally {
    outer?.removeEventListener("abort", stop);
    inner.abort();
  }
}

/**
 * @param {Connection} c
 * @param {Event} event
 * @returns {{ news: News, over?: End }}
 */
function read(c, { event, data }) {
  const said = object(parseJson(data ?? ""), "an event");
  if (event === "progress") {
    const { phase, queue_position } = said;
    const queuePosition = queue_position == null ? null : count(queue_position);
    return { news: { phase: oneOf(phase, /** @type {const} */ (["queued", "running"]), "a phase"), queuePosition } };
  }
  if (event === "log") return { news: { logs: [text(said.message, "a line")] } };
  if (event !== "state") return { news: {} };
  const state = oneOf(said.state, STATES, "a state");
  const job = said.job == null ? undefined : jobOf(c)(said.job);
  return { news: { state }, over: hasEnded(state) ? { state, job } : undefined };
}

/**
 * @param {Connection} c
 * @param {string} job
 * @param {End} end
 * @param {CallOptions} options
 */
async function settled(c, job, { state, job: told }, options) {
  return told?.state === state && told.id === job ? told : getJob(c, job, options);
}

/**
 * The pictures of a job that is over, or what became of it instead.
 *
 * @param {Job} job
 * @returns {Generated}
 */
export function outcome(job) {
  if (job.state === "completed") return { job, images: job.images };
  const state = job.state === "failed" || job.state === "canceled" ? job.state : "unknown";
  const messages = {
    failed: "The generation failed",
    canceled: "The generation was canceled",
    unknown: "Whether FAL ran the generation is not known",
  };
  const why = job.failure ? `${messages[state]}: ${job.failure.message}` : messages[state];
  throw new GeneratioError(`job_${state}`, why, { details: { job } });
}

/**
 * Tells a listener of changes: each call has all that is known. What the listener throws is its own affair.
 *
 * @param {string} job
 * @param {GenerateOptions["onProgress"]} onProgress
 * @returns {(news: News) => void}
 */
export function teller(job, onProgress) {
  const began = Date.now();
  /** @type {Pick<JobProgress, "job" | "state" | "phase" | "queuePosition">} */
  let known = { job, state: "created", phase: null, queuePosition: null };
  return ({ logs = [], reconnecting = false, ...news }) => {
    known = { ...known, ...news };
    try {
      onProgress?.({ ...known, logs, reconnecting, elapsedMs: Date.now() - began });
    } catch {
      // Not ours.
    }
  };
}
