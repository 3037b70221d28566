// Amounts of money: exact text, and bigints of nano-dollars.

import { GeneratioError, wrongType } from "./errors.js";
import { current } from "./load.js";
import { bytesOf, textOf } from "./text.js";

/** @import { Amount } from "./index.js" */

/** @param {bigint} nanoUsd */
export function formatUsd(nanoUsd) {
  if (typeof nanoUsd !== "bigint") throw wrongType("nanoUsd", "a bigint");
  if (BigInt.asIntN(64, nanoUsd) !== nanoUsd) throw new GeneratioError("amount_overflow", "the amount is out of range");
  return textOf(current().callFull((glue) => glue.usdText(nanoUsd)));
}

/**
 * @param {string} text
 * @returns {bigint}
 */
export function parseUsd(text) {
  const bytes = bytesOf("text", text);
  return current().callFull((glue) => glue.usdNano(bytes));
}

/**
 * An amount as WebAssembly wrote it.
 *
 * @param {any} amount
 * @returns {Amount}
 */
export const amountOf = (amount) => Object.freeze({ ...amount, nanoUsd: BigInt(amount.nanoUsd) });
