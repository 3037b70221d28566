// What the server is told of FAL's work, in its own words (JSON text).

import { GeneratioError } from "../errors.js";
import { codeOf } from "./http.js";

/** @import { Completion, Output } from "../index.js" */
/** @import { Json } from "./shape.js" */

/** Longest message, in characters. */
const LONGEST = 1000;
/** Somebody answered, and it cannot be told whether there are pictures. */
const OPEN = ["fal_protocol", "fal_answer_too_large"];
/** Gone: FAL keeps results for an hour at the most. */
const GONE = ["fal_not_found", "fal_result_expired"];
/** From when on what is gone does not come back, in milliseconds. */
const KEPT_MS = 2 * 3_600_000;

/**
 * Whether FAL's status says that it did not take the request.
 *
 * @param {number} [status]
 */
function isRefused(status = 0) {
  return status >= 400 && status < 500 && status !== 408;
}

/**
 * What FAL made. Seeds may be larger than numbers are exact, so that their digits are put in as they are.
 *
 * @param {Output} output
 */
export function result({ images, seed, billableUnits }) {
  const body = JSON.stringify({
    images: images.map(({ url, width, height, contentType }) => ({ url, width, height, content_type: contentType })),
    ...(billableUnits != null && { billable_units: billableUnits }),
  });
  const digits = /^\d{1,20}$/.exec(String(seed ?? ""))?.[0];
  return digits ? body.replace(/\}$/, `,"seed":${digits}}`) : body;
}

/** Nobody knows what became of it. @param {string} message */
export function openEnd(message) {
  return JSON.stringify({ error: { message: message.slice(0, LONGEST) } });
}

/**
 * Why FAL made nothing.
 *
 * @param {GeneratioError} error
 * @param {string} [errorType]
 */
function failure({ code, message, status, details }, errorType) {
  const usual = { fal_canceled: "client_cancelled", fal_no_pictures: "no_media_generated" };
  const type = /** @type {Json} */ (details)?.errorType ?? errorType ?? /** @type {Json} */ (usual)[code];
  const said = { type, message: message.slice(0, LONGEST), status: isRefused(status) ? status : undefined };
  return JSON.stringify({ error: said });
}

/**
 * The report that an error amounts to; nothing where the trouble is the key's or the way's, and FAL still has the request.
 * The rules are the server's own, for jobs that it runs.
 *
 * @param {unknown} error
 * @param {Completion | null} completion What FAL said when it was over, if it did.
 * @param {number} ageMs How long ago it was submitted.
 */
export function verdict(error, completion, ageMs) {
  if (!(error instanceof GeneratioError)) return null;
  const code = codeOf(error);
  if (code === "fal_canceled") return failure(error);
  if (!completion) return GONE.includes(code) && ageMs > KEPT_MS ? openEnd(error.message) : null;
  // Paid for, and gone.
  const isLost = code === "fal_result_expired" && !completion.failed;
  if (isLost || OPEN.includes(code)) return openEnd(error.message);
  const isOver = ["fal_input_refused", "fal_no_pictures", ...GONE].includes(code);
  return isOver || completion.failed ? failure(error, completion.errorType) : null;
}

/**
 * How an error is told that a submit ended with. Whatever did not certainly fail may have been taken.
 *
 * @param {unknown} error
 * @returns {[method: string, end: string, body?: string]}
 */
export function notSubmitted(error) {
  const known = error instanceof GeneratioError ? error : null;
  if (!known || /** @type {Json} */ (known.details)?.mayHaveBeenTaken === true) {
    return ["PUT", "/result", openEnd("It is not known whether FAL took the request")];
  }
  return isRefused(known.status) ? ["PUT", "/result", failure(known)] : ["DELETE", ""];
}
