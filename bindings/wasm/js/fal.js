// FAL, directly: the key goes to FAL and nowhere else.

import { call } from "./call.js";
import { Catalog, asked, numberOf } from "./catalog.js";
import { GeneratioError, wrongType } from "./errors.js";
import { current } from "./load.js";
import { UnlockedToken } from "./token.js";

/** @import { CallOptions, Completion, FalClientOptions, FetchLike, GenerateOptions, GenerateRequest, Output, SubmitOptions, Submitted, WaitOptions } from "./index.js" */

/** How long calls may take, unless told otherwise. */
const CALL_MS = 60_000;
const WAIT_MS = 600_000;
/** Longest that may be asked for: a day. */
const LONGEST_MS = 86_400_000;

export class FalClient {
  /** @type {FetchLike} */
  #fetch;
  /** @type {string | undefined} */
  #url;
  /** @type {Catalog | undefined} */
  #catalog;

  /** @param {FalClientOptions} [options] */
  constructor({ fetch, url, catalog } = {}) {
    if (fetch !== undefined && typeof fetch !== "function") throw wrongType("fetch", "a function");
    if (url !== undefined && typeof url !== "string") throw wrongType("url", "a string");
    if (catalog !== undefined && !(catalog instanceof Catalog)) throw wrongType("catalog", "a Catalog");
    if (url !== undefined) current().callFull((glue) => glue.falHost(new TextEncoder().encode(url)));
    this.#fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#url = url;
    this.#catalog = catalog;
  }

  /**
   * @param {UnlockedToken} token
   * @param {GenerateRequest} request
   * @param {SubmitOptions} [options]
   * @returns {Promise<Submitted>}
   */
  async submit(token, request, options = {}) {
    const { webhook, startTimeoutS } = options;
    if (webhook !== undefined && (typeof webhook !== "string" || webhook.length > 2048)) throw wrongType("webhook", "a URL");
    const startTimeoutMs = startTimeoutS === undefined ? undefined : within("startTimeoutS", startTimeoutS * 1000);
    const catalog = this.catalog;
    asked(request);
    const { model, prompt, parameters } = request;
    const order = (/** @type {import("./engine.js").Engine} */ engine) => ({
      kind: "submit",
      catalog: numberOf(catalog, engine),
      request: { model, prompt, parameters },
      webhook,
      startTimeoutMs,
    });
    return Object.freeze(await this.#call(token, order, CALL_MS, options, true));
  }

  /**
   * @param {UnlockedToken} token
   * @param {Submitted} submitted
   * @param {WaitOptions} [options]
   * @returns {Promise<Completion>}
   */
  wait(token, submitted, options = {}) {
    return this.#call(token, () => ({ kind: "wait", submitted: kept(submitted) }), WAIT_MS, options);
  }

  /**
   * @param {UnlockedToken} token
   * @param {Submitted} submitted
   * @param {CallOptions} [options]
   * @returns {Promise<Output>}
   */
  result(token, submitted, options = {}) {
    return this.#call(token, () => ({ kind: "result", submitted: kept(submitted) }), CALL_MS, options);
  }

  /**
   * @param {UnlockedToken} token
   * @param {Submitted} submitted
   * @param {CallOptions} [options]
   * @returns {Promise<"requested" | "already_completed" | "not_found">}
   */
  cancel(token, submitted, options = {}) {
    return this.#call(token, () => ({ kind: "cancel", submitted: kept(submitted) }), CALL_MS, options);
  }

  /**
   * @param {UnlockedToken} token
   * @param {CallOptions} [options]
   * @returns {Promise<void>}
   */
  async checkKey(token, options = {}) {
    await this.#call(token, () => ({ kind: "checkKey" }), CALL_MS, options);
  }

  /**
   * @param {UnlockedToken} token
   * @param {GenerateRequest} request
   * @param {GenerateOptions} [options]
   * @returns {Promise<Output>}
   */
  async generate(token, request, options = {}) {
    const { signal, timeoutMs, onProgress, onSubmitted } = options;
    const submitted = await this.submit(token, request, { ...options, timeoutMs: undefined });
    try {
      await onSubmitted?.(submitted);
      await this.wait(token, submitted, { signal, timeoutMs, onProgress });
    } catch (error) {
      throw await this.#givenUp(token, submitted, error);
    }
    // From here on it is paid for, and quick: an abort loses the picture and saves nothing.
    const output = await this.result(token, submitted);
    const cost = this.catalog.charge(request, output.images.length, output.billableUnits);
    return Object.freeze({ ...output, cost });
  }

  /** The catalog that requests are checked against. */
  get catalog() {
    return (this.#catalog ??= new Catalog());
  }

  /**
   * Asks FAL to drop what nobody waits for any more, and says with the error what may become of it.
   *
   * @param {UnlockedToken} token
   * @param {Submitted} submitted
   * @param {unknown} error
   */
  async #givenUp(token, submitted, error) {
    if (!(error instanceof GeneratioError) || (error.code !== "aborted" && error.code !== "fal_timeout")) return error;
    const cancel = await this.cancel(token, submitted).catch(() => undefined);
    return new GeneratioError(error.code, error.message, { cause: error.cause, details: { mayHaveBeenTaken: true, submitted, cancel } });
  }

  /**
   * @param {UnlockedToken} token
   * @param {(engine: import("./engine.js").Engine) => object} order
   * @param {number} usualMs
   * @param {WaitOptions} options
   * @param {boolean} [buys]
   * @returns {Promise<any>}
   */
  async #call(token, order, usualMs, { signal, timeoutMs, onProgress }, buys = false) {
    if (!(token instanceof UnlockedToken)) throw wrongType("token", "an UnlockedToken");
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrongType("signal", "an AbortSignal");
    const now = Date.now();
    const deadline = now + within("timeoutMs", timeoutMs ?? usualMs);
    const whole = (/** @type {import("./engine.js").Engine} */ engine) => ({ url: this.#url, now, deadline, ...order(engine) });
    return call(token, whole, { fetch: this.#fetch, signal, onProgress, buys });
  }
}

/**
 * @param {string} name
 * @param {unknown} ms
 */
function within(name, ms) {
  if (typeof ms !== "number" || !(ms > 0 && ms <= LONGEST_MS)) throw wrongType(name, "a time of at most a day");
  return Math.ceil(ms);
}

/**
 * What was kept through a reload, by its known parts.
 *
 * @param {Submitted} submitted
 */
function kept(submitted) {
  const { endpoint, requestId, statusUrl, responseUrl, cancelUrl } = submitted ?? {};
  const parts = [endpoint, requestId, statusUrl, responseUrl, cancelUrl];
  if (!parts.every((part) => typeof part === "string" && part.length <= 4096)) {
    throw wrongType("submitted", "what submit gave");
  }
  return { endpoint, requestId, statusUrl, responseUrl, cancelUrl };
}
