// A client of a Generatio server; see client.d.ts for what it promises.

import { Catalog } from "./catalog.js";
import * as account from "./client/account.js";
import * as direct from "./client/direct.js";
import { Connection } from "./client/http.js";
import * as jobs from "./client/jobs.js";
import { folders, pictures, preferences } from "./client/records.js";
import * as spending from "./client/spending.js";
import * as tokens from "./client/token.js";
import { isId, isVisible } from "./client/shape.js";
import { GeneratioError } from "./errors.js";

/** @import * as Client from "./client.js" */
/** @import { RequestOptions, ClientOptions } from "./client.js" */
/** @import { GenerateRequest } from "./index.js" */
/** @import { UnlockedToken } from "./token.js" */

export class GeneratioClient {
  // All that is secret is behind this name, where nothing prints or serializes it.
  #c;

  /** @param {ClientOptions} [options] */
  constructor({ url = pageOrigin(), auth = null, session = null, ...options } = {}) {
    /** @type {Catalog | undefined} */
    let catalog;
    // Built when it is first asked for: building it takes the WebAssembly module.
    const c = new Connection({ ...options, url }, () => (catalog ??= new Catalog()));
    this.#c = c;
    this.auth = auth;
    this.session = session;
    this.url = c.url;
    this.pictures = pictures(c);
    this.folders = folders(c);
    this.preferences = preferences(c);
    this.budget = spending.budget(c);
    this.jobs = jobs.jobs(c);
    this.sessions = tokens.sessions(c);
  }

  get auth() {
    return this.#c.auth;
  }

  /** @param {Client.Auth | null} auth */
  set auth(auth) {
    this.#c.auth = auth === null ? null : checkedAuth(auth);
  }

  get session() {
    return this.#c.session;
  }

  /** @param {Client.Session | null} session */
  set session(session) {
    this.#c.session = session === null ? null : checkedSession(session);
  }

  /** @param {RequestOptions} [options] */
  status(options) {
    return tokens.status(this.#c, options);
  }

  /**
   * @param {{ email: string, password: string, name?: string }} given
   * @param {RequestOptions} [options]
   */
  register(given, options) {
    return account.register(this.#c, given, options);
  }

  /**
   * @param {string} email
   * @param {string} password
   * @param {RequestOptions} [options]
   */
  login(email, password, options) {
    return account.login(this.#c, email, password, options);
  }

  /** @param {RequestOptions} [options] */
  refresh(options) {
    return account.refresh(this.#c, options);
  }

  /** @param {RequestOptions} [options] */
  logout(options) {
    return tokens.logout(this.#c, options);
  }

  /**
   * @param {string} name
   * @param {RequestOptions} [options]
   */
  rename(name, options) {
    return account.rename(this.#c, name, options);
  }

  /**
   * @param {string} before
   * @param {string} after
   * @param {RequestOptions} [options]
   */
  changePassword(before, after, options) {
    return account.changePassword(this.#c, before, after, options);
  }

  /**
   * @param {string} email
   * @param {string} password
   * @param {RequestOptions} [options]
   */
  changeEmail(email, password, options) {
    return account.changeEmail(this.#c, email, password, options);
  }

  /**
   * @param {string} password
   * @param {RequestOptions} [options]
   */
  deleteAccount(password, options) {
    return account.deleteAccount(this.#c, password, options);
  }

  /**
   * @param {string} email
   * @param {string} password
   * @param {RequestOptions & { consent: true, newPassword?: string }} options
   */
  moveAccount(email, password, options) {
    return account.moveAccount(this.#c, email, password, options);
  }

  /** @param {string} email */
  forgetAccount(email) {
    return this.#c.trust.setUsesSecret(email, false);
  }

  /**
   * @param {string | UnlockedToken} token
   * @param {string} password
   * @param {RequestOptions & { custody: Client.Custody }} options
   */
  storeToken(token, password, options) {
    return tokens.storeToken(this.#c, token, password, options);
  }

  /**
   * @param {string} password
   * @param {RequestOptions} [options]
   */
  openStoredToken(password, options) {
    return tokens.openStored(this.#c, password, false, options);
  }

  /**
   * @param {string} password
   * @param {RequestOptions} [options]
   */
  acceptStoredToken(password, options) {
    return tokens.openStored(this.#c, password, true, options);
  }

  /** @param {RequestOptions} [options] */
  tokenStatus(options) {
    return tokens.tokenStatus(this.#c, options);
  }

  /** @param {RequestOptions} [options] */
  removeToken(options) {
    return tokens.removeToken(this.#c, options);
  }

  /**
   * @param {{ password: string } | { token: UnlockedToken }} by
   * @param {RequestOptions} [options]
   */
  createSession(by, options) {
    return tokens.createSession(this.#c, by, options);
  }

  /** @param {RequestOptions} [options] */
  endSession(options) {
    return tokens.endSession(this.#c, options);
  }

  models() {
    return this.#c.catalog().models;
  }

  /**
   * @param {GenerateRequest} request
   * @param {RequestOptions & { folder?: string }} [options]
   */
  estimate(request, options) {
    return jobs.estimate(this.#c, request, options);
  }

  /**
   * @param {GenerateRequest} request
   * @param {Client.JobOptions} [options]
   */
  generate(request, options) {
    return jobs.generate(this.#c, request, options);
  }

  /**
   * @param {GenerateRequest} request
   * @param {UnlockedToken} token
   * @param {Client.DirectOptions} [options]
   */
  generateDirect(request, token, options) {
    return direct.generateDirect(this.#c, request, token, options);
  }

  /**
   * @param {UnlockedToken} token
   * @param {Omit<Client.DirectOptions, "idempotencyKey" | "folder">} [options]
   */
  resumeDirect(token, options) {
    return direct.resumeDirect(this.#c, token, options);
  }

  /**
   * @param {string} job
   * @param {UnlockedToken} token
   * @param {RequestOptions & { falUrl?: string }} [options]
   */
  cancelDirect(job, token, options) {
    return direct.cancelDirect(this.#c, job, token, options);
  }

  /** @param {Client.LedgerQuery} [query] */
  ledger(query) {
    return spending.ledger(this.#c, query);
  }

  /** @param {Client.SeriesQuery} [query] */
  series(query) {
    return spending.series(this.#c, query);
  }

  /** @param {RequestOptions} [options] */
  stats(options) {
    return spending.stats(this.#c, options);
  }

  toString() {
    return `GeneratioClient { url: ${this.url}, user: ${this.#c.auth?.user.id ?? null} }`;
  }

  toJSON() {
    return { url: this.url, user: this.#c.auth?.user.id ?? null };
  }
}

function pageOrigin() {
  return globalThis.location?.origin;
}

/** @param {Client.Auth} auth */
function checkedAuth({ token, user }) {
  if (!isVisible(token) || !isId(user?.id) || typeof user.email !== "string") {
    throw new GeneratioError("argument_type", "auth is what GeneratioClient.auth said earlier");
  }
  return { token, user: { id: user.id, email: user.email, name: String(user.name ?? "") } };
}

/** @param {Client.Session} session */
function checkedSession({ id, expiresAt }) {
  if (!isVisible(id)) throw new GeneratioError("argument_type", "session is what GeneratioClient.session said earlier");
  return { id, expiresAt: String(expiresAt ?? "") };
}
