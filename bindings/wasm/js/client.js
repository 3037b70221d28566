// A client of a Generatio server; see client.d.ts for what it promises.

import { Catalog } from "./catalog.js";
import * as account from "./client/account.js";
import * as direct from "./client/direct.js";
import { Connection } from "./client/http.js";
import * as jobs from "./client/jobs.js";
import { folders, pictures, preferences } from "./client/records.js";
import * as spending from "./client/spending.js";
import * as tokens from "./client/token.js";
import { Trust } from "./client/trust.js";
import { GeneratioError } from "./errors.js";

export class GeneratioClient {
  // All that is secret is behind this name, where nothing prints or serializes it.
  #c;

  constructor({ url = pageOrigin(), fetch, realm = "", trust, auth = null, session = null, timeoutMs } = {}) {
    let catalog;
    const c = new Connection({ url, fetch, timeoutMs });
    Object.assign(c, {
      realm,
      fetch,
      trust: new Trust(trust, c.url),
      // Built when it is first asked for: building it takes the WebAssembly module.
      catalog: () => (catalog ??= new Catalog()),
      active: new Set(),
    });
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

  set auth(auth) {
    this.#c.auth = auth === null ? null : checkedAuth(auth);
  }

  get session() {
    return this.#c.session;
  }

  set session(session) {
    this.#c.session = session === null ? null : { id: String(session.id), expiresAt: String(session.expiresAt ?? "") };
  }

  status = (options) => tokens.status(this.#c, options);

  register = (given, options) => account.register(this.#c, given, options);
  login = (email, password, options) => account.login(this.#c, email, password, options);
  refresh = (options) => account.refresh(this.#c, options);
  logout = (options) => tokens.logout(this.#c, options);
  rename = (name, options) => account.rename(this.#c, name, options);
  changePassword = (before, after, options) => account.changePassword(this.#c, before, after, options);
  changeEmail = (email, password, options) => account.changeEmail(this.#c, email, password, options);
  deleteAccount = (password, options) => account.deleteAccount(this.#c, password, options);
  moveAccount = (email, password, options) => account.moveAccount(this.#c, email, password, options);
  forgetAccount = (email) => this.#c.trust.setUsesSecret(email, false);

  storeToken = (token, password, options) => tokens.storeToken(this.#c, token, password, options);
  openStoredToken = (password, options) => tokens.openStored(this.#c, password, false, options);
  acceptStoredToken = (password, options) => tokens.openStored(this.#c, password, true, options);
  tokenStatus = (options) => tokens.tokenStatus(this.#c, options);
  removeToken = (options) => tokens.removeToken(this.#c, options);
  createSession = (by, options) => tokens.createSession(this.#c, by, options);
  endSession = (options) => tokens.endSession(this.#c, options);

  models = () => this.#c.catalog().models;
  estimate = (request, options) => jobs.estimate(this.#c, request, options);
  generate = (request, options) => jobs.generate(this.#c, request, options);
  generateDirect = (request, token, options) => direct.generateDirect(this.#c, request, token, options);
  resumeDirect = (token, options) => direct.resumeDirect(this.#c, token, options);
  cancelDirect = (job, token, options) => direct.cancelDirect(this.#c, job, token, options);

  ledger = (query) => spending.ledger(this.#c, query);
  series = (query) => spending.series(this.#c, query);
  stats = (options) => spending.stats(this.#c, options);

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

function checkedAuth({ token, user } = {}) {
  const texts = [token, user?.id, user?.email];
  if (texts.every((value) => typeof value === "string" && value)) {
    return { token, user: { id: user.id, email: user.email, name: String(user.name ?? "") } };
  }
  throw new GeneratioError("argument_type", "auth is what GeneratioClient.auth said earlier");
}
