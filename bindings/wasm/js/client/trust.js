// What a client remembers of a server, so that the server cannot take it back: the last sealed text, and which accounts
// use an account secret. And the direct jobs that are not reported yet. Holds no secret.

import { GeneratioError } from "../errors.js";
import { pinOf } from "../sealing.js";
import { isId } from "./shape.js";

/** @import { TrustStore } from "../client.js" */
/** @import { Submitted } from "../index.js" */
/** @typedef {{ version: number, sha256: string, next?: string }} Pin What is known of the stored text; `next` may be it, too. */
/**
 * @typedef {object} Entry A direct job that is not reported.
 * @property {string} job
 * @property {Submitted | null} submitted Nothing where FAL may have it all the same.
 * @property {string} [falUrl]
 * @property {number} [at] When it was submitted, in Unix milliseconds.
 * @property {string} [report] What the server is to be told, as JSON text.
 */

/** Most direct jobs that are kept; the oldest go first. */
const MOST_JOBS = 32;

/**
 * Where `localStorage` is forbidden or missing, what is remembered lasts as long as the client.
 *
 * @returns {TrustStore}
 */
function usualStore() {
  /** @type {Map<string, string>} */
  const memory = new Map();
  /** @type {TrustStore} */
  const store = { get: (key) => memory.get(key), set: (key, value) => void memory.set(key, value) };
  try {
    const { localStorage } = globalThis;
    if (typeof localStorage?.getItem !== "function" || typeof globalThis.document === "undefined") return store;
    return { get: (key) => localStorage.getItem(key), set: (key, value) => localStorage.setItem(key, value) };
  } catch {
    return store;
  }
}

/** The memory of one server. */
export class Trust {
  #store;
  #url;

  /**
   * @param {TrustStore | undefined} store
   * @param {string} url
   */
  constructor(store, url) {
    this.#store = store ?? usualStore();
    this.#url = url;
  }

  // ---- account secrets

  /**
   * Remembers that the account uses an account secret, or forgets it.
   *
   * @param {string} email
   * @param {boolean} uses
   */
  async setUsesSecret(email, uses) {
    await this.#set("account", email.trim().toLowerCase(), uses ? "secret" : "");
  }

  /** @param {string} email */
  async usesSecret(email) {
    return (await this.#get("account", email.trim().toLowerCase())) === "secret";
  }

  // ---- the sealed text

  /**
   * Refuses a text that is not the one seen last; the first one seen is taken. With `accept`, another one is taken if it
   * is not of an older form.
   *
   * @param {string} user
   * @param {string} sealed
   */
  async check(user, sealed, accept = false) {
    const seen = pinOf(sealed);
    const pin = await this.#pin(user, accept);
    // A client never seals in the first form, so that there is none to go back to.
    if (seen.version < Math.max(2, pin?.version ?? 0)) throw rolledBack("older_version", seen.version);
    const known = !pin || seen.sha256 === pin.sha256 || seen.sha256 === pin.next;
    if (!known && !accept) throw rolledBack("other_text", seen.version);
  }

  /**
   * Remembers the text as the only one.
   *
   * @param {string} user
   * @param {string} sealed
   */
  async keep(user, sealed) {
    await this.#set("pin", user, JSON.stringify(pinOf(sealed)));
  }

  /**
   * Has `send` put `sealed` in the place of the text before. Until it is known whether that happened, either is known: a
   * lost answer must not lock the user out.
   *
   * @param {string} user
   * @param {string} sealed
   * @param {() => Promise<unknown>} send
   */
  async replacing(user, sealed, send) {
    const { sha256, version } = pinOf(sealed);
    const before = await this.#pin(user, true);
    await this.#set("pin", user, JSON.stringify({ ...(before ?? { version, sha256 }), next: sha256 }));
    try {
      await send();
    } catch (error) {
      if (isRefusal(error)) await this.#set("pin", user, before ? JSON.stringify(before) : "");
      throw error;
    }
    await this.keep(user, sealed);
  }

  /**
   * What is known of the user's text; with `lenient`, something unreadable is nothing.
   *
   * @param {string} user
   * @param {boolean} lenient
   * @returns {Promise<Pin | null>}
   */
  async #pin(user, lenient) {
    const text = await this.#get("pin", user);
    if (!text) return null;
    try {
      const { version, sha256, next } = JSON.parse(text);
      if (Number.isInteger(version) && typeof sha256 === "string") return { version, sha256, next };
    } catch {
      // Said below.
    }
    if (lenient) return null;
    throw rolledBack("pin_unreadable");
  }

  // ---- direct jobs

  /**
   * Jobs of the user that FAL has or may have, and that are not reported, oldest first.
   *
   * @param {string} user
   * @returns {Promise<Entry[]>}
   */
  async jobs(user) {
    try {
      /** @type {Entry[]} */
      const jobs = JSON.parse((await this.#get("direct", user)) || "[]");
      const isGood = (/** @type {Entry} */ { job, submitted }) =>
        isId(job) && (submitted === null || typeof submitted.requestId === "string");
      return jobs.filter(isGood);
    } catch {
      return [];
    }
  }

  /**
   * Keeps a job in the place of what was kept of it.
   *
   * @param {string} user
   * @param {Entry} entry
   */
  async keepJob(user, entry) {
    const others = (await this.jobs(user)).filter(({ job }) => job !== entry.job);
    await this.#set("direct", user, JSON.stringify([...others, entry].slice(-MOST_JOBS)));
  }

  /**
   * @param {string} user
   * @param {string} id
   */
  async dropJob(user, id) {
    const others = (await this.jobs(user)).filter(({ job }) => job !== id);
    await this.#set("direct", user, JSON.stringify(others));
  }

  // ----

  /**
   * @param {string} kind
   * @param {string} who
   */
  async #get(kind, who) {
    try {
      return await this.#store.get(`generatio:${kind}:${this.#url}:${who}`);
    } catch {
      throw unavailable();
    }
  }

  /**
   * @param {string} kind
   * @param {string} who
   * @param {string} value
   */
  async #set(kind, who, value) {
    try {
      await this.#store.set(`generatio:${kind}:${this.#url}:${who}`, value);
    } catch {
      throw unavailable();
    }
  }
}

function unavailable() {
  return new GeneratioError("trust_unavailable", "What is remembered of the server cannot be read or written");
}

/**
 * Whether the server answered, and did not do it.
 *
 * @param {unknown} error
 */
function isRefusal(error) {
  const { status = 0 } = error instanceof GeneratioError ? error : {};
  return status >= 400 && status < 500;
}

/**
 * @param {"older_version" | "other_text" | "pin_unreadable"} reason
 * @param {number} [version]
 */
function rolledBack(reason, version) {
  const messages = {
    older_version: "The server handed out a sealed token of an older form than clients make",
    other_text: "The server handed out another sealed token than the last one seen here",
    pin_unreadable: "What was remembered of the sealed token cannot be read",
  };
  return new GeneratioError("rolled_back", messages[reason], { details: { reason, ...(version && { version }) } });
}
