// What the WebAssembly module is lent. Nothing here throws: an exception would pass by what Rust still has to wipe.

import { GeneratioError } from "./errors.js";
import { MESSAGES } from "./messages.js";

/**
 * Fills the bytes at random; false when there is no randomness.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export function fillRandom(bytes) {
  try {
    globalThis.crypto.getRandomValues(bytes);
    return true;
  } catch {
    return false;
  }
}

/** @param {number} number */
export function makeError(number) {
  const [code, message] = MESSAGES[number] ?? MESSAGES[1];
  return new GeneratioError(code, message);
}

/**
 * @param {string} code
 * @param {string} message
 * @param {string} more JSON of `{status?, details?}`
 */
export const makeErrorWith = (code, message, more) => new GeneratioError(code, message, JSON.parse(more));
