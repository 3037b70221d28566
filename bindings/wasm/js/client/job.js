// A job, as the server shows it.

import { GeneratioError } from "../errors.js";
import { pictureUrl } from "./address.js";
import { certaintyOf, id, isId, list, object, oneOf, optional, someMoney, text, time } from "./shape.js";

/** @import { RequestOptions, CursorPage, Generated, Job, JobImage, JobState, RefusedAddress } from "../client.js" */
/** @import { Connection } from "./http.js" */
/** @import { Json } from "./shape.js" */

/** @type {readonly JobState[]} */
export const STATES = ["created", "submitting", "submitted", "unknown", "completed", "failed", "canceled"];

/**
 * Where a job is.
 *
 * @param {string} job
 */
export const pathOf = (job, end = "") => `/api/custom/generate/jobs/${checkedId(job)}${end}`;

/**
 * An id that a caller gave. It stands in a path.
 *
 * @param {string} value
 */
export function checkedId(value) {
  if (isId(value)) return value;
  throw new GeneratioError("argument_type", "An id has 15 characters of a to z and 0 to 9");
}

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
 * @param {RequestOptions} [options]
 */
export async function getJob(c, job, options) {
  return c.call("GET", pathOf(job), { ...options, view: jobOf(c) });
}

/**
 * Whether nothing more is to be waited for. What became of an `unknown` one is told by nobody, or much later.
 *
 * @param {JobState} state
 */
export function hasEnded(state) {
  return ["completed", "failed", "canceled", "unknown"].includes(state);
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
