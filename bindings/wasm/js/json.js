// Structures to and from WebAssembly.

import { wrongType } from "./errors.js";
import { bytesOf, textOf } from "./text.js";

/** Longest structure that is handed over, in characters; requests are a few thousand. */
const MOST = 1 << 20;

/**
 * What JSON would silently make `null` of is refused.
 *
 * @param {string} _key
 * @param {unknown} value
 */
function strict(_key, value) {
  if (typeof value === "number" && !Number.isFinite(value)) throw wrongType("a number", "finite");
  if (typeof value === "bigint" || typeof value === "function" || typeof value === "symbol") {
    throw wrongType("a value", "one that JSON has");
  }
  return value;
}

/**
 * @param {string} name
 * @param {unknown} value
 */
export function jsonBytes(name, value) {
  /** @type {string | undefined} */
  let text;
  try {
    text = JSON.stringify(value, strict);
  } catch (error) {
    // Circles, getters that throw.
    if (error instanceof Error && error.name === "GeneratioError") throw error;
    throw wrongType(name, "one that JSON can write");
  }
  if (text === undefined || text.length > MOST) throw wrongType(name, "JSON of at most a million characters");
  return bytesOf(name, text);
}

/** @param {Uint8Array} bytes */
export const jsonOf = (bytes) => JSON.parse(textOf(bytes));
