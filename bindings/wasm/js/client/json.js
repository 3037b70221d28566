// JSON whose numbers lose no digit.
//
// A number stays a JavaScript number where that is its whole truth: where the number's own text is the text that was
// sent. `0.009` is such a one, and a seed of 20 digits is not; the latter becomes an `Exact`, which keeps the text.

/** @import { Json } from "./shape.js" */

/** A JSON number that no JavaScript number prints as. */
export class Exact {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

const STRING_OR_NUMBER = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d[\d.eE+-]*/g;

/**
 * The value of a JSON text. Throws `SyntaxError`.
 *
 * @param {string} text
 * @returns {Json}
 */
export function parseJson(text) {
  // First as it is: what follows may then take it for well-formed, and takes linear time.
  JSON.parse(text);
  // Values are marked by their first character, texts by ' and numbers by #, so that neither passes for the other.
  const marked = text.replace(STRING_OR_NUMBER, (found, string, colon) => {
    if (colon) return found;
    return string ? `"'${string.slice(1)}` : `"#${found}"`;
  });
  return JSON.parse(marked, (_, value) => {
    if (typeof value !== "string") return value;
    return value[0] === "'" ? value.slice(1) : number(value.slice(1));
  });
}

/** @param {string} text */
function number(text) {
  const value = Number(text);
  return String(value) === text ? value : new Exact(text);
}

/**
 * A parsed value as plain JSON: numbers that do not fit become decimal text if they are whole, else the nearest.
 *
 * @param {Json} value
 * @returns {Json}
 */
export function plain(value) {
  if (value instanceof Exact) {
    const near = Number(value.text);
    return Number.isSafeInteger(near) || !/^-?\d+$/.test(value.text) ? near : value.text;
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
