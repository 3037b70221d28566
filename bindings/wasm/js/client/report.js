// What the server is told of FAL's work, in its own words (JSON text).

import { GeneratioError } from "../errors.js";

/** @import { Output } from "../index.js" */
/** @import { Json } from "./shape.js" */

/** Longest message, in characters. */
const LONGEST = 1000;
/** What FAL says of the request itself. Anything else leaves open what becomes of it. */
const VERDICTS = ["fal_input_refused", "fal_no_pictures", "fal_canceled", "fal_result_expired"];

/** @param {unknown} error */
export function isVerdict(error) {
  return error instanceof GeneratioError && VERDICTS.includes(error.code);
}

/**
 * Whether FAL's status says that it did not take the request.
 *
 * @param {number} [status]
 */
export function isRefused(status = 0) {
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

/**
 * Why FAL made nothing. Without a type and a status it says that nobody knows: a result that is gone was paid for all the
 * same, and so may one have been that has no pictures.
 *
 * @param {Json} error
 */
export function failure({ code, message, status, details }) {
  const isOpen = code === "fal_result_expired" || code === "fal_no_pictures";
  const type = details?.type ?? (code === "fal_canceled" ? "client_cancelled" : undefined);
  const said = { type, message: String(message).slice(0, LONGEST), status: isRefused(status) && !isOpen ? status : undefined };
  return JSON.stringify({ error: said });
}
