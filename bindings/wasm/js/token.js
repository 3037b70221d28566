// Tokens in the clear: the text stays in WebAssembly's memory, and this holds its number.

import { GeneratioError, wrongType } from "./errors.js";
import { current } from "./load.js";
import { textOfSecret, withSecret } from "./text.js";

/** @import { Engine } from "./engine.js" */

const SHOWN = "UnlockedToken { .. }";
/** Known to this module alone. */
const GUARD = Symbol("UnlockedToken");

/** Wipes what was left lying about. A backstop: nobody knows when it comes. */
const forgotten = new FinalizationRegistry(
  /** @param {{ engine: Engine, epoch: number, number: number }} held */ ({ engine, epoch, number }) => {
    if (engine.epoch === epoch) engine.call((glue) => glue.giveUp(number));
  },
);

/**
 * The number of a token in the memory of `engine`.
 *
 * @type {(token: UnlockedToken, engine: Engine) => number}
 */
let numberIn;
/**
 * Has `stop` called when the token is locked; the answer takes that back.
 *
 * @type {(token: UnlockedToken, stop: () => void) => () => void}
 */
let onLock;

/** A token in the clear, inside WebAssembly's memory. */
export class UnlockedToken {
  /** @type {Engine} */
  #engine;
  /** @type {number} */
  #epoch;
  /** @type {number} 0: locked */
  #number;
  /** @type {Set<() => void>} */
  #uses = new Set();

  /**
   * @param {symbol} guard
   * @param {Engine} engine
   * @param {number} number
   */
  constructor(guard, engine, number) {
    if (guard !== GUARD) throw wrongType("UnlockedToken", "made by openToken or UnlockedToken.from");
    this.#engine = engine;
    this.#epoch = engine.epoch;
    this.#number = number;
    forgotten.register(this, { engine, epoch: this.#epoch, number }, this);
  }

  /** @param {string} token */
  static from(token) {
    const engine = current();
    return withSecret("token", token, (bytes) => made(engine, engine.call((glue) => glue.tokenNew(bytes))));
  }

  expose() {
    const number = this.#live();
    return textOfSecret(this.#engine.call((glue) => glue.tokenText(number)));
  }

  lock() {
    if (this.locked) return;
    const number = this.#number;
    this.#number = 0;
    forgotten.unregister(this);
    // Calls on their way have copies.
    for (const stop of [...this.#uses]) stop();
    this.#engine.call((glue) => glue.giveUp(number));
  }

  get locked() {
    return this.#number === 0 || this.#epoch !== this.#engine.epoch;
  }

  toString() {
    return SHOWN;
  }

  toJSON() {
    return SHOWN;
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return SHOWN;
  }

  #live() {
    if (this.locked) throw new GeneratioError("locked", "the token is locked");
    return this.#number;
  }

  /**
   * Moves the token when it was unlocked by the other entry of this package.
   *
   * @param {Engine} engine
   */
  #in(engine) {
    const number = this.#live();
    if (engine === this.#engine) return number;
    const bytes = this.#engine.call((glue) => glue.tokenText(number));
    try {
      const moved = engine.call((glue) => glue.tokenNew(bytes));
      this.#engine.call((glue) => glue.giveUp(number));
      this.#engine = engine;
      this.#epoch = engine.epoch;
      this.#number = moved;
      forgotten.unregister(this);
      forgotten.register(this, { engine, epoch: engine.epoch, number: moved }, this);
      return moved;
    } finally {
      bytes.fill(0);
    }
  }

  static {
    numberIn = (token, engine) => token.#in(engine);
    onLock = (token, stop) => {
      token.#uses.add(stop);
      return () => token.#uses.delete(stop);
    };
    if (Symbol.dispose) Object.defineProperty(this.prototype, Symbol.dispose, { value: this.prototype.lock });
  }
}

/**
 * @param {Engine} engine
 * @param {number} number
 */
export const made = (engine, number) => new UnlockedToken(GUARD, engine, number);

export { numberIn, onLock };
