// Answers: how much of one is read, and what a bad one means.

import { GeneratioError } from "../errors.js";
import { parseJson, plain } from "./json.js";
import { badAnswer, shaped } from "./shape.js";

/** @import { Json } from "./shape.js" */

/** Most bytes of an answer, and of a refusal. */
const LARGEST = 8 << 20;
const LARGEST_REFUSAL = 64 << 10;
/** Longest message of a server's that is passed on, in characters. */
const LONGEST_MESSAGE = 500;

/**
 * The server's own codes. Others are not passed on: a server must not speak in this client's name.
 *
 * @type {{ [status: number]: string }}
 */
const CODES = {
  400: "validation_error",
  401: "authentication_error",
  402: "budget_exceeded",
  403: "authorization_error",
  404: "not_found",
  409: "conflict",
  413: "validation_error",
  429: "rate_limit_error",
  502: "external_error",
};

/**
 * What a view makes of a good answer.
 *
 * @template T
 * @param {Response} response
 * @param {(value: Json, status: number) => T} view
 */
export async function viewed(response, view) {
  const body = await readText(response.body, LARGEST);
  /** @type {Json} */
  let value;
  try {
    value = parseJson(body);
  } catch {
    throw badAnswer("not JSON", response.status);
  }
  return shaped(view, value, response.status);
}

/**
 * @param {ReadableStream<Uint8Array> | null} body
 * @param {number} most
 */
async function readText(body, most) {
  if (!body) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > most) {
      reader.cancel().catch(() => {});
      throw badAnswer("too large");
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** @param {Response} response */
export function discard(response) {
  response.body?.cancel().catch(() => {});
}

/**
 * The error that a refusal amounts to. Both shapes are read: the API's own and PocketBase's.
 *
 * @param {Response} response
 * @param {(string | undefined)[]} secrets
 */
export async function refusal(response, secrets) {
  const { status } = response;
  /** @type {Json} */
  let said = {};
  try {
    said = plain(parseJson(await readText(response.body, LARGEST_REFUSAL))) ?? {};
  } catch {
    // A proxy's page, or half an answer: the status says enough.
  }
  // Whoever knows a secret could write it where it is shown or logged.
  const shown = JSON.stringify(said);
  const repeats = secrets.some((secret) => secret && shown.includes(JSON.stringify(secret).slice(1, -1)));
  if (repeats) said = {};
  const code = Object.values(CODES).includes(said.error) ? said.error : (CODES[status] ?? "internal_error");
  const message = typeof said.message === "string" ? said.message.slice(0, LONGEST_MESSAGE) : "";
  const details = said.details ?? (said.data && Object.keys(said.data).length ? { fields: said.data } : undefined);
  const wait = Number(response.headers.get("retry-after"));
  const retryAfter = wait > 0 && wait < 1e6 ? { retryAfter: wait } : undefined;
  const all = details || retryAfter ? { ...details, ...retryAfter } : undefined;
  return new GeneratioError(code, message || `The server refused the request with ${status}`, { status, details: all });
}
