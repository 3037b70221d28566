// The WebAssembly instance that works, and how it is replaced when it has trapped.

import { GeneratioError } from "./errors.js";

/**
 * The glue that wasm-bindgen made for one module, and where that module lies.
 *
 * @typedef {{ name: string, isFull: boolean, glue: any, url: () => URL }} Kind
 */

/** An instance of a module. */
export class Engine {
  /** @type {WebAssembly.Module} */
  #module;
  /** @type {WebAssembly.Instance} */
  #instance;
  /** Which instance this is; what was kept in another one is gone. */
  epoch = 0;
  /** @type {Set<() => void>} told when an instance goes */
  onReset = new Set();

  /**
   * @param {Kind} kind
   * @param {WebAssembly.Module} module
   * @param {WebAssembly.Instance} instance
   */
  constructor(kind, module, instance) {
    this.kind = kind;
    this.#module = module;
    this.#instance = instance;
    this.#use(instance);
  }

  /** All the memory of the instance. */
  get memory() {
    return /** @type {WebAssembly.Memory} */ (this.#instance.exports.memory);
  }

  /**
   * Calls into WebAssembly. A trap becomes an error, and a new instance takes the place of the one that it left undone.
   *
   * @template T
   * @param {(glue: any) => T} work
   * @returns {T}
   */
  call(work) {
    try {
      return work(this.kind.glue);
    } catch (error) {
      if (error instanceof GeneratioError) throw error;
      this.#replace();
      throw new GeneratioError("internal", "the WebAssembly module failed and was started anew: unlocked tokens are gone", { cause: error });
    }
  }

  /**
   * The same, for what only the larger module can.
   *
   * @template T
   * @param {(glue: any) => T} work
   * @returns {T}
   */
  callFull(work) {
    if (this.kind.isFull) return this.call(work);
    throw new GeneratioError("not_initialized", "`generatio/slim` is loaded alone: call `init` of `generatio`");
  }

  #replace() {
    const old = this.memory;
    this.epoch += 1;
    // Whatever it held must not stay.
    new Uint8Array(old.buffer).fill(0);
    // Detaches the buffer, by which the glue notices that its views of it are stale.
    old.grow(0);
    this.#instance = new WebAssembly.Instance(this.#module, importsOf(this.kind));
    this.#use(this.#instance);
    for (const tell of [...this.onReset]) tell();
  }

  /** @param {WebAssembly.Instance} instance */
  #use(instance) {
    this.kind.glue.__wbg_set_wasm(instance.exports);
    /** @type {() => void} */ (instance.exports.__wbindgen_start)();
  }
}

/** @param {Kind} kind */
export const importsOf = (kind) => ({ [`./${kind.name}_bg.js`]: kind.glue });
