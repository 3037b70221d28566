// The key derivation, between the two halves of a call into WebAssembly.

import { GeneratioError } from "./errors.js";
import { chosenDerivation, current, derivesOutside } from "./load.js";
import { bytesOf } from "./text.js";

/** @import { Engine } from "./engine.js" */

/**
 * Begins something in WebAssembly, derives the key it asks for, and finishes it.
 *
 * @template T
 * @param {unknown} password
 * @param {(glue: any, password: Uint8Array, engine: Engine) => number} begin
 * @param {(glue: any, number: number, root: Uint8Array) => T} finish
 * @returns {Promise<{ engine: Engine, outcome: T }>}
 */
export async function inHalves(password, begin, finish) {
  const engine = current();
  const bytes = bytesOf("password", password);
  try {
    const { epoch } = engine;
    const number = engine.call((glue) => begin(glue, bytes, engine));
    const root = await rootOf(engine, number, bytes).catch((error) => {
      if (engine.epoch === epoch) engine.call((glue) => glue.giveUp(number));
      throw error;
    });
    try {
      if (engine.epoch !== epoch) throw new GeneratioError("internal", "the WebAssembly module was started anew meanwhile");
      return { engine, outcome: engine.call((glue) => finish(glue, number, root)) };
    } finally {
      root.fill(0);
    }
  } finally {
    bytes.fill(0);
  }
}

/**
 * 32 bytes that both ways give alike.
 *
 * @param {Engine} engine
 * @param {number} number
 * @param {Uint8Array<ArrayBuffer>} password
 * @returns {Promise<Uint8Array>}
 */
async function rootOf(engine, number, password) {
  if (derivesOutside()) {
    const derivation = /** @type {Uint8Array<ArrayBuffer>} */ (engine.call((glue) => glue.derivation(number)));
    const iterations = new DataView(derivation.buffer, derivation.byteOffset).getUint32(0, true);
    try {
      return await byWebCrypto(password, derivation.subarray(4), iterations);
    } catch (cause) {
      if (chosenDerivation() === "webcrypto") throw new GeneratioError("webcrypto_unavailable", "WebCrypto did not derive a key", { cause });
    }
  }
  return engine.call((glue) => glue.derive(number, password));
}

/**
 * @param {Uint8Array<ArrayBuffer>} password
 * @param {Uint8Array<ArrayBuffer>} salt
 * @param {number} iterations
 */
async function byWebCrypto(password, salt, iterations) {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, 256));
}
