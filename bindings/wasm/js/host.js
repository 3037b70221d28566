// What the WebAssembly module is lent. Nothing here throws: an exception would pass by what Rust still has to wipe.

import { GeneratioError } from "./errors.js";

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

/**
 * @param {string} code
 * @param {string} message
 */
export const makeError = (code, message) => new GeneratioError(code, message);
