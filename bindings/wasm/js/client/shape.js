// Readers of what a server answered. Each gives a value of the type it names, or refuses the answer.

import { GeneratioError } from "../errors.js";
import { Exact } from "./json.js";

/** The refusal of an answer that is not what the API says. */
export function badAnswer(reason, status) {
  return new GeneratioError("server_answer", `The server's answer is not what it should be: ${reason}`, {
    status,
    details: { reason },
  });
}

/**
 * What `view` makes of an answer. Whatever it stumbles over is the answer's fault: a view may take apart what it was
 * given without looking first.
 */
export function shaped(view, value, status) {
  try {
    return view(value, status);
  } catch (error) {
    if (error instanceof GeneratioError) throw error;
    throw badAnswer("shape");
  }
}

function must(good, what) {
  if (!good) throw badAnswer(what);
}

export function object(value, what = "an object") {
  must(value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Exact), what);
  return value;
}

export function text(value, what = "a text", most = 100_000) {
  must(typeof value === "string" && value.length <= most, what);
  return value;
}

/** The text, or `null` where there is none: missing, `null` or empty. */
export function optional(value, what) {
  return value === undefined || value === null || value === "" ? null : text(value, what);
}

/** A text that may stand in a header: visible ASCII, and some of it. */
export function visible(value, what) {
  must(isVisible(value), what);
  return value;
}

export function isVisible(value) {
  return typeof value === "string" && /^[\x21-\x7e]{1,8192}$/.test(value);
}

export function flag(value, what = "a flag") {
  must(typeof value === "boolean", what);
  return value;
}

/** A whole number from zero. */
export function count(value, what = "a count") {
  must(Number.isSafeInteger(value) && value >= 0, what);
  return value;
}

export function list(value, view, what = "a list", most = 10_000) {
  must(Array.isArray(value) && value.length <= most, what);
  return value.map((one) => view(one));
}

export function oneOf(value, known, what) {
  must(known.includes(value), what);
  return value;
}

/** An id of a record. They stand in paths and filters, so that nothing else may pass for one. */
export function id(value, what = "an id") {
  must(isId(value), what);
  return value;
}

/** Whether a text has the form of an id. */
export function isId(value) {
  return typeof value === "string" && /^[a-z0-9]{15}$/.test(value);
}

/** Decimal text of a JSON number, or of a text that is one. */
export function decimal(value, what = "a number") {
  const digits = value instanceof Exact ? value.text : typeof value === "number" ? String(value) : value;
  must(typeof digits === "string" && /^-?\d{1,40}(\.\d{1,40})?$/.test(digits), what);
  return digits;
}


/**
 * Dollars. Exact: the digits are those that were sent (see json.js), and nano-dollars are made of digits, not of floats.
 */
export function money(value, what = "an amount") {
  const digits = decimal(value, what);
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(digits);
  must(/^\d{0,9}0*$/.test(fraction), what);
  const nano = BigInt(whole + fraction.slice(0, 9).padEnd(9, "0"));
  return dollars(sign ? -nano : nano);
}

/** The amount, or `null`. */
export function someMoney(value, what) {
  return value === undefined || value === null ? null : money(value, what);
}

/** Nano-dollars with their shortest decimal. */
export function dollars(nanoUsd) {
  const digits = String(nanoUsd < 0n ? -nanoUsd : nanoUsd).padStart(10, "0");
  const fraction = digits.slice(-9).replace(/0+$/, "");
  const amount = (nanoUsd < 0n ? "-" : "") + digits.slice(0, -9) + (fraction && `.${fraction}`);
  return { amount, nanoUsd };
}

/** Units and money as the catalog's quotes show them. */
export function amount(value) {
  const { unit, units, unit_price, amount, certainty } = object(value, "an amount");
  return {
    unit: text(unit, "a unit", 40),
    units: decimal(units, "units"),
    unitPrice: money(unit_price, "a unit price").amount,
    ...money(amount),
    certainty: certaintyOf(certainty),
  };
}

export function certaintyOf(value) {
  return oneOf(value, ["known", "estimated", "unpriced"], "a certainty");
}
