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

const utf8 = new TextEncoder();

/**
 * Prints a finite float as Rust's JSON has it: at least one decimal, and an exponent below -5 and above 15. The digits are
 * the same fewest ones.
 *
 * @param {number} value
 * @param {Uint8Array<ArrayBuffer>} into
 */
export function printFloat(value, into) {
  const scientific = value.toExponential();
  const exponent = Number(scientific.split("e")[1]);
  const isPlain = -5 <= exponent && exponent <= 15;
  const plain = () => (Number.isInteger(value) ? `${Object.is(value, -0) ? "-" : ""}${value}.0` : String(value));
  return utf8.encodeInto(isPlain ? plain() : scientific, into).written;
}

/** @param {number} exponent */
export const tenTo = (exponent) => Number(`1e${exponent}`);
