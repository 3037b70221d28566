// One server and what is sent to it: how a call is made, bounded, and refused.

import { GeneratioError } from "../errors.js";
import { parseJson, plain } from "./json.js";
import { badAnswer, shaped } from "./shape.js";

/** Most bytes of an answer, and of a refusal. */
const LARGEST = 8 << 20;
const LARGEST_REFUSAL = 64 << 10;
/** Longest message of a server's that is passed on, in characters. */
const LONGEST_MESSAGE = 500;

/** The server's own codes. Others are not passed on: a server must not speak in this client's name. */
const CODES = {
  400: "validation_error",
  401: "authentication_error",
  402: "budget_exceeded",
  403: "authorization_error",
  404: "not_found",
  409: "conflict",
  413: "validation_error",
  429: "rate_limit_error",
  502: "external_error",
};

/** The base address of a server, checked; without a slash at its end. */
export function baseUrl(text) {
  try {
    const url = new URL(text);
    const good = /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
    if (good) return url.href.replace(/\/+$/, "");
  } catch {
    // Said below.
  }
  throw new GeneratioError("argument_type", "The server's address must be an http or https address");
}

/** A connection: the server, and the secrets that go with calls to it. */
export class Connection {
  /** The user's token (with who they are) and the session: both secret. */
  auth = null;
  session = null;
  #fetch;
  #timeoutMs;

  constructor({ url, fetch, timeoutMs = 30_000 }) {
    this.url = baseUrl(url);
    this.#fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#timeoutMs = timeoutMs;
  }

  /** Who is signed in, or `not_signed_in`. */
  user() {
    if (!this.auth) throw new GeneratioError("not_signed_in", "Log in first");
    return this.auth.user;
  }

  /**
   * Sends a request and gives what `view` makes of the answer.
   *
   * `guest`: without the token. `session`: with the session's id. `secrets`: texts in the body that no error may repeat.
   */
  async call(method, path, options = {}) {
    const { view, signal, timeoutMs = this.#timeoutMs } = options;
    return within(signal, timeoutMs, async (limit) => {
      const response = await this.#send(method, path, { ...options, signal: limit });
      if (!view) return discard(response);
      const body = await readText(response.body, LARGEST);
      let value;
      try {
        value = parseJson(body);
      } catch {
        throw badAnswer("not JSON", response.status);
      }
      return shaped(view, value, response.status);
    });
  }

  /** Opens a stream of events; `null` when nothing is left to come. The caller ends it by `signal`. */
  async stream(path, { lastEventId, signal }) {
    const headers = { accept: "text/event-stream", ...(lastEventId && { "last-event-id": lastEventId }) };
    const response = await this.#send("GET", path, { headers, signal });
    if (response.status === 204) return null;
    if (!/^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "") || !response.body) {
      discard(response);
      throw badAnswer("not a stream of events", response.status);
    }
    return response.body;
  }

  async #send(method, path, { body, query, headers, guest, session, secrets = [], signal }) {
    const token = guest ? null : (this.user(), this.auth.token);
    if (session && !this.session) throw new GeneratioError("session_required", "Start a session first");
    const request = {
      method,
      signal,
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token && { authorization: token }),
        ...(session && { "x-session-id": this.session.id }),
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

  async #fetched(url, request) {
    try {
      return await this.#fetch(url, request);
    } catch (error) {
      if (request.signal?.aborted) throw error;
      throw new GeneratioError("server_unreachable", "The server could not be reached");
    }
  }
}

function queryText(query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
}

/** Runs `work` until it is done, aborted or late. */
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

/** Waits, unless aborted. */
export function delay(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted());
    const stop = () => (clearTimeout(timer), reject(aborted()));
    const timer = setTimeout(() => (signal?.removeEventListener("abort", stop), resolve()), ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** How long to wait before the next of several tries: from half a second to ten. */
export function backoff(failures) {
  return Math.min(500 * 2 ** failures, 10_000) * (0.75 + Math.random() / 4);
}

/** Whether the same request may do better later. */
export function isTransient(error) {
  return (
    error instanceof GeneratioError &&
    (["server_unreachable", "server_timeout", "rate_limit_error"].includes(error.code) || error.status >= 500)
  );
}

async function readText(body, most) {
  if (!body) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > most) {
      reader.cancel().catch(() => {});
      throw badAnswer("too large");
    }
    text += decoder.decode(value, { stream: true });
  }
}

function discard(response) {
  response.body?.cancel().catch(() => {});
}

/** The error that a refusal amounts to. Both shapes are read: the API's own and PocketBase's. */
async function refusal(response, secrets) {
  const { status } = response;
  let said = {};
  try {
    said = plain(parseJson(await readText(response.body, LARGEST_REFUSAL))) ?? {};
  } catch {
    // A proxy's page, or half an answer: the status says enough.
  }
  // Whoever knows a secret could write it where it is shown or logged.
  const shown = JSON.stringify(said);
  const repeats = secrets.some((secret) => secret && shown.includes(JSON.stringify(secret).slice(1, -1)));
  if (repeats) said = {};
  const code = Object.values(CODES).includes(said.error) ? said.error : (CODES[status] ?? "internal_error");
  const message = typeof said.message === "string" ? said.message.slice(0, LONGEST_MESSAGE) : "";
  const details = said.details ?? (said.data && Object.keys(said.data).length ? { fields: said.data } : undefined);
  const wait = Number(response.headers.get("retry-after"));
  const retryAfter = wait > 0 && wait < 1e6 ? { retryAfter: wait } : undefined;
  const all = details || retryAfter ? { ...details, ...retryAfter } : undefined;
  return new GeneratioError(code, message || `The server refused the request with ${status}`, { status, details: all });
}
