// One call of core's client: JavaScript sends, reads and sleeps; what is sent, read and waited for is core's.

import { GeneratioError } from "./errors.js";
import { jsonBytes, jsonOf } from "./json.js";
import { current } from "./load.js";
import { textOfSecret } from "./text.js";
import { numberIn, onLock } from "./token.js";

/** @import { Engine } from "./engine.js" */
/** @import { FetchLike, Progress } from "./index.js" */
/** @import { UnlockedToken } from "./token.js" */

/** Longest sleep of `setTimeout`. */
const LONGEST_MS = 0x7fff_ffff;

/**
 * @typedef {object} Ways how a call goes about
 * @property {FetchLike} fetch
 * @property {AbortSignal | undefined} [signal]
 * @property {((progress: Progress) => void) | undefined} [onProgress]
 * @property {boolean} [buys] whether a request that was sent may cost money
 */

/**
 * Makes a call.
 *
 * @param {UnlockedToken} token
 * @param {(engine: Engine) => object} order what `fal.rs` reads
 * @param {Ways} ways
 * @returns {Promise<any>}
 */
export function call(token, order, ways) {
  return new Promise((resolve, reject) => {
    const engine = current();
    const number = engine.callFull((glue) => glue.falBegin(numberIn(token, engine), jsonBytes("the request", order(engine))));
    new Call(engine, number, ways, resolve, reject).begin(token);
  });
}

/** An exchange on its way. */
class Exchange {
  controller = new AbortController();
  /** @type {ReadableStreamDefaultReader<Uint8Array> | undefined} */
  reader;
  received = 0;

  /** @param {number} maxBody */
  constructor(maxBody) {
    this.maxBody = maxBody;
  }
}

class Call {
  /** @type {Map<number, Exchange>} */
  #exchanges = new Map();
  /** @type {Map<number, ReturnType<typeof setTimeout>>} */
  #sleeps = new Map();
  #isOver = false;
  /** @type {Array<() => void>} */
  #takeBack = [];

  /**
   * @param {Engine} engine
   * @param {number} number
   * @param {Ways} ways
   * @param {(value: any) => void} resolve
   * @param {(error: unknown) => void} reject
   */
  constructor(engine, number, ways, resolve, reject) {
    this.engine = engine;
    this.epoch = engine.epoch;
    this.number = number;
    this.ways = ways;
    this.resolve = resolve;
    this.reject = reject;
  }

  /** @param {UnlockedToken} token */
  begin(token) {
    const { signal } = this.ways;
    const stop = (/** @type {string} */ code, /** @type {string} */ message) => () => this.#stop(code, message);
    const aborted = stop("aborted", "the call was aborted");
    const replaced = stop("internal", "the WebAssembly module was started anew meanwhile");
    this.engine.onReset.add(replaced);
    this.#takeBack.push(() => this.engine.onReset.delete(replaced), onLock(token, stop("locked", "the token was locked")));
    if (signal !== undefined) {
      if (signal.aborted) return aborted();
      signal.addEventListener("abort", aborted);
      this.#takeBack.push(() => signal.removeEventListener("abort", aborted));
    }
    this.#step();
  }

  /** Goes on as far as it goes, and does what is wanted. */
  #step() {
    if (this.#isOver) return;
    try {
      const { wants, news, done } = jsonOf(this.#rust((glue) => glue.falPoll(this.number, Date.now())));
      for (const progress of news) this.ways.onProgress?.(progress);
      if (this.#isOver) return;
      for (const want of wants) this.#do(want);
      if (done !== undefined) this.#end(() => this.resolve(done));
    } catch (error) {
      this.#end(() => this.reject(error));
    }
  }

  /** @param {any} want */
  #do(want) {
    if (want.do === "send") this.#send(want);
    else if (want.do === "read") this.#read(want.id);
    else if (want.do === "sleep") this.#sleep(want.id, want.ms);
    else this.#forget(want.id);
  }

  /** @param {{ id: number, method: string, url: string, headers: [string, string][], body: string | null, maxBody: number }} want */
  async #send({ id, method, url, headers, body, maxBody }) {
    const exchange = new Exchange(maxBody);
    this.#exchanges.set(id, exchange);
    try {
      // The key becomes a string as late as can be.
      const authorization = textOfSecret(this.#rust((glue) => glue.falAuthorization(this.number, id)));
      const response = await this.ways.fetch(url, {
        method,
        headers: { ...Object.fromEntries(headers), authorization },
        body,
        signal: exchange.controller.signal,
        redirect: "error",
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
        mode: "cors",
      });
      if (!this.#exchanges.has(id)) return void response.body?.cancel().catch(() => {});
      exchange.reader = response.body?.getReader();
      const answered = jsonBytes("headers", [...response.headers]);
      this.#tell((glue) => glue.falHead(this.number, id, response.status, answered));
    } catch {
      this.#failed(id, false);
    }
  }

  /** @param {number} id */
  async #read(id) {
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    try {
      /** @type {Uint8Array} */
      let bytes = new Uint8Array();
      let isOver = exchange.reader === undefined;
      // An empty chunk would end the body.
      while (!isOver && bytes.length === 0) {
        const read = await /** @type {ReadableStreamDefaultReader<Uint8Array>} */ (exchange.reader).read();
        isOver = read.done;
        bytes = read.value ?? bytes;
      }
      exchange.received += bytes.length;
      if (exchange.received > exchange.maxBody) this.#failed(id, true);
      else if (this.#exchanges.has(id)) this.#tell((glue) => glue.falChunk(this.number, id, bytes));
    } catch {
      this.#failed(id, false);
    }
  }

  /**
   * @param {number} id
   * @param {boolean} tooLarge
   */
  #failed(id, tooLarge) {
    if (this.#exchanges.has(id)) this.#tell((glue) => glue.falFailed(this.number, id, tooLarge));
  }

  /**
   * @param {number} id
   * @param {number} ms
   */
  #sleep(id, ms) {
    const woke = () => {
      this.#sleeps.delete(id);
      this.#tell((glue) => glue.falWoke(this.number, id));
    };
    this.#sleeps.set(id, setTimeout(woke, Math.min(ms, LONGEST_MS)));
  }

  /** @param {number} id */
  #forget(id) {
    const exchange = this.#exchanges.get(id);
    this.#exchanges.delete(id);
    exchange?.reader?.cancel().catch(() => {});
    exchange?.controller.abort();
    clearTimeout(this.#sleeps.get(id));
    this.#sleeps.delete(id);
  }

  /** @param {(glue: any) => void} event */
  #tell(event) {
    if (this.#isOver) return;
    try {
      this.#rust(event);
    } catch (error) {
      return this.#end(() => this.reject(error));
    }
    this.#step();
  }

  /**
   * Calls Rust, of the same instance still.
   *
   * @template T
   * @param {(glue: any) => T} work
   */
  #rust(work) {
    if (this.engine.epoch !== this.epoch) throw new GeneratioError("internal", "the WebAssembly module was started anew meanwhile");
    return this.engine.callFull(work);
  }

  /**
   * @param {string} code
   * @param {string} message
   */
  #stop(code, message) {
    // A request that was sent may be taken, whatever becomes of its answer.
    const details = this.ways.buys ? { mayHaveBeenTaken: this.#exchanges.size > 0 } : undefined;
    const cause = code === "aborted" ? this.ways.signal?.reason : undefined;
    this.#end(() => this.reject(new GeneratioError(code, message, { details, cause })));
  }

  /** @param {() => void} settle */
  #end(settle) {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const takeBack of this.#takeBack) takeBack();
    if (this.engine.epoch === this.epoch) this.engine.callFull((glue) => glue.giveUp(this.number));
    for (const id of [...this.#exchanges.keys(), ...this.#sleeps.keys()]) this.#forget(id);
    settle();
  }
}
