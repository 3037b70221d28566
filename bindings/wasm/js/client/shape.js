// Readers of what a server answered. Each gives a value of the type it names, or refuses the answer.

import { GeneratioError } from "../errors.js";
import { Exact } from "./json.js";

/** @import { Money } from "../client.js" */
/** @import { Amount, Certainty } from "../index.js" */
/** @typedef {any} Json What a server sent: of whatever form. Readers take it apart, and `shaped` answers for them. */

const UNITS = /** @type {const} */ (["image", "megapixel", "compute_second"]);

/**
 * The refusal of an answer that is not what the API says.
 *
 * @param {string} reason
 * @param {number} [status]
 */
export function badAnswer(reason, status) {
  return new GeneratioError("server_answer", `The server's answer is not what it should be: ${reason}`, {
    status,
    details: { reason },
  });
}

/**
 * What `view` makes of an answer. Whatever it stumbles over is the answer's fault: a view may take apart what it was
 * given without looking first.
 *
 * @template T
 * @param {(value: Json, status: number) => T} view
 * @param {Json} value
 * @param {number} [status]
 */
export function shaped(view, value, status = 200) {
  try {
    return view(value, status);
  } catch (error) {
    if (error instanceof GeneratioError) throw error;
    throw badAnswer("shape");
  }
}

/**
 * @param {boolean} good
 * @param {string} what
 * @returns {asserts good}
 */
function must(good, what) {
  if (!good) throw badAnswer(what);
}

/**
 * @param {Json} value
 * @returns {{ [name: string]: Json }}
 */
export function object(value, what = "an object") {
  must(value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Exact), what);
  return value;
}

/**
 * @param {Json} value
 * @returns {string}
 */
export function text(value, what = "a text", most = 100_000) {
  must(typeof value === "string" && value.length <= most, what);
  return value;
}

/**
 * The text, or `null` where there is none: missing, `null` or empty.
 *
 * @param {Json} value
 * @param {string} [what]
 */
export function optional(value, what) {
  return value === undefined || value === null || value === "" ? null : text(value, what);
}

/**
 * A time, as text.
 *
 * @param {Json} value
 */
export function time(value) {
  return text(value, "a time", 40);
}

/**
 * A text that may stand in a header: visible ASCII, and some of it.
 *
 * @param {Json} value
 * @param {string} what
 * @returns {string}
 */
export function visible(value, what) {
  must(isVisible(value), what);
  return value;
}

/** @param {Json} value */
export function isVisible(value) {
  return typeof value === "string" && /^[\x21-\x7e]{1,8192}$/.test(value);
}

/**
 * @param {Json} value
 * @returns {boolean}
 */
export function flag(value, what = "a flag") {
  must(typeof value === "boolean", what);
  return value;
}

/**
 * A whole number from zero.
 *
 * @param {Json} value
 * @returns {number}
 */
export function count(value, what = "a count") {
  must(Number.isSafeInteger(value) && value >= 0, what);
  return value;
}

/**
 * @template T
 * @param {Json} value
 * @param {(one: Json) => T} view
 * @returns {T[]}
 */
export function list(value, view, what = "a list", most = 10_000) {
  must(Array.isArray(value) && value.length <= most, what);
  return value.map((/** @type {Json} */ one) => view(one));
}

/**
 * @template {string | number} T
 * @param {Json} value
 * @param {readonly T[]} known
 * @param {string} what
 * @returns {T}
 */
export function oneOf(value, known, what) {
  must(known.includes(value), what);
  return value;
}

/**
 * An id of a record. They stand in paths and filters, so that nothing else may pass for one.
 *
 * @param {Json} value
 * @returns {string}
 */
export function id(value, what = "an id") {
  must(isId(value), what);
  return value;
}

/**
 * Whether a text has the form of an id.
 *
 * @param {Json} value
 */
export function isId(value) {
  return typeof value === "string" && /^[a-z0-9]{15}$/.test(value);
}

/**
 * Decimal text of a JSON number, or of a text that is one.
 *
 * @param {Json} value
 * @returns {string}
 */
export function decimal(value, what = "a number") {
  const digits = value instanceof Exact ? value.text : typeof value === "number" ? String(value) : value;
  must(typeof digits === "string" && /^-?\d{1,40}(\.\d{1,40})?$/.test(digits), what);
  return digits;
}

/**
 * Dollars. Exact: the digits are those that were sent (see json.js), and nano-dollars are made of digits, not of floats.
 *
 * @param {Json} value
 * @returns {Money}
 */
export function money(value, what = "an amount") {
  const digits = decimal(value, what);
  const [whole = "", fraction = ""] = digits.replace("-", "").split(".");
  must(/^\d{0,9}0*$/.test(fraction), what);
  const nano = BigInt(whole + fraction.slice(0, 9).padEnd(9, "0"));
  return dollars(digits.startsWith("-") ? -nano : nano);
}

/**
 * The amount, or `null`.
 *
 * @param {Json} value
 */
export function someMoney(value) {
  return value === undefined || value === null ? null : money(value);
}

/**
 * Nano-dollars with their shortest decimal.
 *
 * @param {bigint} nanoUsd
 * @returns {Money}
 */
export function dollars(nanoUsd) {
  const digits = String(nanoUsd < 0n ? -nanoUsd : nanoUsd).padStart(10, "0");
  const fraction = digits.slice(-9).replace(/0+$/, "");
  const amount = (nanoUsd < 0n ? "-" : "") + digits.slice(0, -9) + (fraction && `.${fraction}`);
  return { amount, nanoUsd };
}

/**
 * Units and money as the catalog's quotes show them.
 *
 * @param {Json} value
 * @returns {Amount}
 */
export function amount(value) {
  const { unit, units, unit_price, amount, certainty } = object(value, "an amount");
  return {
    unit: oneOf(unit, UNITS, "a unit"),
    units: decimal(units, "units"),
    unitPrice: money(unit_price, "a unit price").amount,
    ...money(amount),
    certainty: certaintyOf(certainty),
  };
}

/**
 * @param {Json} value
 * @returns {Certainty}
 */
export function certaintyOf(value) {
  return oneOf(value, ["known", "estimated", "unpriced"], "a certainty");
}

/** @param {Json} value */
export function custodyOf(value) {
  return value === undefined ? null : oneOf(value, /** @type {const} */ (["password", "client"]), "a custody");
}
