// One server and what is sent to it: how a call is made, bounded, and refused.

import { GeneratioError } from "../errors.js";
import { discard, refusal, viewed } from "./answer.js";
import { badAnswer } from "./shape.js";
import { Trust } from "./trust.js";

/** @import { Auth, ClientOptions, Session } from "../client.js" */
/** @import { Catalog } from "../catalog.js" */
/** @import { Json } from "./shape.js" */
/**
 * @template T
 * @typedef {object} Call What a call takes besides its method and path.
 * @property {(value: Json, status: number) => T} [view] What is made of the answer; without it that is not looked at.
 * @property {object | string} [body] A value, or JSON text.
 * @property {{ [name: string]: string | number | boolean | null | undefined }} [query] Nothing for what is empty.
 * @property {{ [name: string]: string }} [headers]
 * @property {boolean} [guest] Without the token.
 * @property {boolean | "if any"} [session] With the session's id.
 * @property {(string | undefined)[]} [secrets] Texts in the body that no error may repeat.
 * @property {AbortSignal} [signal]
 */

/**
 * The base address of a server, checked; without a slash at its end.
 *
 * @param {string | undefined} text
 */
export function baseUrl(text) {
  try {
    const url = new URL(String(text));
    const good = /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
    if (good) return url.href.replace(/\/+$/, "");
  } catch {
    // Said below.
  }
  throw new GeneratioError("argument_type", "The server's address must be an http or https address");
}

/** A connection: the server, what is remembered of it, and the secrets that go with calls to it. */
export class Connection {
  /** @type {Auth | null} The user's token, with who they are. A secret. */
  auth = null;
  /** @type {Session | null} A secret. */
  session = null;
  /** @type {Set<string>} Direct jobs that are waited for. */
  active = new Set();

  /**
   * @param {ClientOptions} options
   * @param {() => Catalog} catalog
   */
  constructor({ url, fetch, realm = "", trust, timeoutMs = 30_000 }, catalog) {
    this.url = baseUrl(url);
    this.realm = realm;
    this.trust = new Trust(trust, this.url);
    this.catalog = catalog;
    this.fetch =
      fetch ?? ((/** @type {string} */ input, /** @type {RequestInit} */ init) => globalThis.fetch(input, init));
    this.timeoutMs = timeoutMs;
  }

  /** Who is signed in, or `not_signed_in`. */
  user() {
    return this.#signedIn().user;
  }

  #signedIn() {
    if (!this.auth) throw new GeneratioError("not_signed_in", "Log in first");
    return this.auth;
  }

  /**
   * Sends a request and gives what the call's view makes of the answer.
   *
   * @template [T=void]
   * @param {string} method
   * @param {string} path
   * @param {Call<T>} [options]
   * @returns {Promise<T>}
   */
  async call(method, path, options = {}) {
    const { view, signal } = options;
    try {
      return await within(signal, this.timeoutMs, async (limit) => {
        const response = await this.#send(method, path, { ...options, signal: limit });
        if (!view) return /** @type {T} */ (discard(response));
        return viewed(response, view);
      });
    } catch (error) {
      if (options.session === true && codeOf(error) === "authentication_error") await this.#blameSession(signal);
      throw error;
    }
  }

  /**
   * Says whether it is the session that has ended, where a call with both was refused: the token is tried alone.
   *
   * @param {AbortSignal} [signal]
   */
  async #blameSession(signal) {
    await this.call("GET", "/api/custom/auth/token-status", signal && { signal });
    this.session = null;
    throw new GeneratioError("session_required", "The session has ended, start another", { status: 401 });
  }

  /**
   * Opens a stream of events; `null` when nothing is left to come. The caller ends it by `signal`.
   *
   * @param {string} path
   * @param {{ lastEventId: string, signal: AbortSignal }} how
   */
  async stream(path, { lastEventId, signal }) {
    const headers = { accept: "text/event-stream", ...(lastEventId ? { "last-event-id": lastEventId } : {}) };
    const response = await this.#send("GET", path, { headers, signal });
    if (response.status === 204) return null;
    if (!/^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "") || !response.body) {
      discard(response);
      throw badAnswer("not a stream of events", response.status);
    }
    return response.body;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Call<unknown>} call
   */
  async #send(method, path, { body, query, headers, guest, session, secrets = [], signal }) {
    const token = guest ? undefined : this.#signedIn().token;
    const sessionId = session ? this.session?.id : undefined;
    if (session === true && !sessionId) throw new GeneratioError("session_required", "Start a session first");
    /** @type {RequestInit} */
    const request = {
      method,
      signal,
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token && { authorization: token }),
        ...(sessionId && { "x-session-id": sessionId }),
        ...headers,
      },
      body: typeof body === "object" ? JSON.stringify(body) : body,
      // Seen and refused: neither token nor body goes anywhere but to this server.
      redirect: "manual",
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    };
    const response = await this.#fetched(this.url + path + queryText(query), request);
    if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
      discard(response);
      throw new GeneratioError("redirect_refused", "The server wanted to send the request elsewhere");
    }
    if (response.ok) return response;
    throw await refusal(response, [token, this.session?.id, ...secrets]);
  }

  /**
   * @param {string} url
   * @param {RequestInit} request
   */
  async #fetched(url, request) {
    try {
      return await this.fetch(url, request);
    } catch (error) {
      if (request.signal?.aborted) throw error;
      throw new GeneratioError("server_unreachable", "The server could not be reached");
    }
  }
}

/** @param {Call<unknown>["query"]} query */
function queryText(query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
}

/**
 * Runs `work` until it is done, aborted or late.
 *
 * @template T
 * @param {AbortSignal | undefined} outer
 * @param {number} timeoutMs
 * @param {(signal: AbortSignal) => Promise<T>} work
 */
async function within(outer, timeoutMs, work) {
  if (outer?.aborted) throw aborted();
  const inner = new AbortController();
  const pass = () => inner.abort();
  outer?.addEventListener("abort", pass, { once: true });
  const timer = setTimeout(pass, timeoutMs);
  try {
    return await work(inner.signal);
  } catch (error) {
    if (error instanceof GeneratioError) throw error;
    if (outer?.aborted) throw aborted();
    if (inner.signal.aborted) throw new GeneratioError("server_timeout", "The server did not answer in time");
    throw new GeneratioError("server_unreachable", "The connection to the server failed");
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", pass);
  }
}

/** The error of whoever stopped waiting. */
export function aborted() {
  return new GeneratioError("aborted", "The wait was ended");
}

/**
 * Waits, unless aborted.
 *
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function delay(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted());
    const stop = () => (clearTimeout(timer), reject(aborted()));
    const timer = setTimeout(() => (signal?.removeEventListener("abort", stop), resolve()), ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/**
 * How long to wait before the next of several tries: from half a second to ten.
 *
 * @param {number} failures
 */
export function backoff(failures) {
  return Math.min(500 * 2 ** failures, 10_000) * (0.75 + Math.random() / 4);
}

/**
 * Whether the same request may do better later.
 *
 * @param {unknown} error
 */
export function isTransient(error) {
  if (!(error instanceof GeneratioError)) return false;
  const { code, status = 0 } = error;
  return ["server_unreachable", "server_timeout", "rate_limit_error"].includes(code) || status >= 500;
}

/**
 * The code of an error of ours.
 *
 * @param {unknown} error
 */
export function codeOf(error) {
  return error instanceof GeneratioError ? error.code : "internal";
}
