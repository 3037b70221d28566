// The catalog of models: what they take, and what that costs.

import { GeneratioError, wrongType } from "./errors.js";
import { jsonBytes, jsonOf } from "./json.js";
import { current } from "./load.js";
import { amountOf } from "./money.js";
import { bytesOf } from "./text.js";

/** @import { Engine } from "./engine.js" */
/** @import { Charge, GenerateRequest, Model, Parameters, Problem, Quote } from "./index.js" */

/** @type {(catalog: Catalog, engine: Engine) => number} */
let numberOf;

const forgotten = new FinalizationRegistry(
  /** @param {{ engine: Engine, epoch: number, number: number }} held */ ({ engine, epoch, number }) => {
    if (engine.epoch === epoch) engine.callFull((glue) => glue.giveUp(number));
  },
);

export class Catalog {
  /** @type {Uint8Array<ArrayBuffer>} kept, to be read again by another instance */
  #file;
  /** @type {{ engine: Engine, epoch: number, number: number } | undefined} */
  #held;
  /** @type {readonly Model[]} */
  #models;

  /** @param {string} [json] */
  constructor(json) {
    this.#file = json === undefined ? new Uint8Array() : bytesOf("json", json);
    if (json === "") throw new GeneratioError("catalog_malformed", "the file is empty");
    const engine = current();
    this.#models = frozen(jsonOf(engine.callFull((glue) => glue.catalogModels(this.#in(engine)))));
  }

  get models() {
    return this.#models;
  }

  /** @param {string} name */
  model(name) {
    return this.#models.find((model) => model.name === name);
  }

  /**
   * @param {string} model
   * @param {string} prompt
   * @param {Parameters} [parameters]
   * @returns {Problem[]}
   */
  validate(model, prompt, parameters) {
    return this.#check({ model, prompt, parameters }).problems ?? [];
  }

  /**
   * @param {string} model
   * @param {string} prompt
   * @param {Parameters} [parameters]
   * @returns {Quote}
   */
  quote(model, prompt, parameters) {
    const { problems, quote } = this.#check({ model, prompt, parameters });
    if (problems !== undefined) throw new GeneratioError(problems[0].code, problems[0].message, { details: { problems } });
    return Object.freeze({ ...quote, catalog: amountOf(quote.catalog), fal: amountOf(quote.fal) });
  }

  /**
   * @param {GenerateRequest} request
   * @param {number} images
   * @param {string} [billableUnits]
   * @returns {Charge}
   */
  charge({ model, prompt, parameters }, images, billableUnits = "") {
    if (!Number.isInteger(images) || images < 0 || images > 0xffff_ffff) throw wrongType("images", "a count");
    const engine = current();
    const [request, units] = [asked({ model, prompt, parameters }), bytesOf("billableUnits", billableUnits)];
    // What cannot be asked for costs nothing that could be told.
    this.quote(model, prompt, parameters);
    const charge = jsonOf(engine.callFull((glue) => glue.catalogCharge(this.#in(engine), request, images, units)));
    return Object.freeze({ ...charge, catalog: amountOf(charge.catalog), fal: amountOf(charge.fal) });
  }

  /** @param {GenerateRequest} request */
  #check(request) {
    const engine = current();
    const bytes = asked(request);
    return jsonOf(engine.callFull((glue) => glue.catalogCheck(this.#in(engine), bytes)));
  }

  /**
   * Its number in the memory of `engine`, which may have been started anew.
   *
   * @param {Engine} engine
   */
  #in(engine) {
    if (this.#held === undefined || this.#held.engine !== engine || this.#held.epoch !== engine.epoch) {
      const number = engine.callFull((glue) => glue.catalogNew(this.#file));
      this.#held = { engine, epoch: engine.epoch, number };
      forgotten.register(this, this.#held);
    }
    return this.#held.number;
  }

  static {
    numberOf = (catalog, engine) => catalog.#in(engine);
  }
}

/** @param {GenerateRequest} request */
export function asked({ model, prompt, parameters }) {
  if (typeof model !== "string") throw wrongType("model", "a string");
  if (typeof prompt !== "string") throw wrongType("prompt", "a string");
  if (parameters != null && (typeof parameters !== "object" || Array.isArray(parameters))) {
    throw wrongType("parameters", "an object");
  }
  // Its surrogates are looked at before JSON hides them.
  bytesOf("prompt", prompt);
  return jsonBytes("parameters", { model, prompt, parameters });
}

/**
 * @template T
 * @param {T} value
 * @returns {T}
 */
function frozen(value) {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

export { numberOf };
