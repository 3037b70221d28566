// Texts to bytes and back.

import { GeneratioError, wrongType } from "./errors.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Half of a surrogate pair without its other half: no Unicode text, and no UTF-8 for it. */
const LONE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Longest text that is looked at, in UTF-16 units: far above every limit of core's, which has the last word. */
const MOST = 1 << 20;

/**
 * UTF-8 of a text. What is longer than anything that is taken is cut: core refuses it all the same.
 *
 * @param {string} name the argument, for the error
 * @param {unknown} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function bytesOf(name, text) {
  if (typeof text !== "string") throw wrongType(name, "a string");
  const bounded = text.length > MOST ? text.slice(0, MOST) : text;
  if (bounded === text && LONE.test(text)) {
    throw new GeneratioError("argument_type", `${name} holds half of a surrogate pair, which is no Unicode text`);
  }
  return encoder.encode(bounded);
}

/**
 * The same for a secret: `use` gets the bytes, which are wiped afterwards.
 *
 * @template T
 * @param {string} name
 * @param {unknown} text
 * @param {(bytes: Uint8Array<ArrayBuffer>) => T} use
 * @returns {T}
 */
export function withSecret(name, text, use) {
  const bytes = bytesOf(name, text);
  try {
    return use(bytes);
  } finally {
    bytes.fill(0);
  }
}

/** @param {Uint8Array} bytes */
export const textOf = (bytes) => decoder.decode(bytes);

/**
 * The text of a secret; the bytes are wiped.
 *
 * @param {Uint8Array} bytes
 */
export function textOfSecret(bytes) {
  const text = decoder.decode(bytes);
  bytes.fill(0);
  return text;
}
