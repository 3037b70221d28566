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
import { isId, isVisible } from "./client/shape.js";
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
    this.#c.session = session === null ? null : checkedSession(session);
  }

  status(options) {
    return tokens.status(this.#c, options);
  }

  register(given, options) {
    return account.register(this.#c, given, options);
  }

  login(email, password, options) {
    return account.login(this.#c, email, password, options);
  }

  refresh(options) {
    return account.refresh(this.#c, options);
  }

  logout(options) {
    return tokens.logout(this.#c, options);
  }

  rename(name, options) {
    return account.rename(this.#c, name, options);
  }

  changePassword(before, after, options) {
    return account.changePassword(this.#c, before, after, options);
  }

  changeEmail(email, password, options) {
    return account.changeEmail(this.#c, email, password, options);
  }

  deleteAccount(password, options) {
    return account.deleteAccount(this.#c, password, options);
  }

  moveAccount(email, password, options) {
    return account.moveAccount(this.#c, email, password, options);
  }

  forgetAccount(email) {
    return this.#c.trust.setUsesSecret(email, false);
  }

  storeToken(token, password, options) {
    return tokens.storeToken(this.#c, token, password, options);
  }

  openStoredToken(password, options) {
    return tokens.openStored(this.#c, password, false, options);
  }

  acceptStoredToken(password, options) {
    return tokens.openStored(this.#c, password, true, options);
  }

  tokenStatus(options) {
    return tokens.tokenStatus(this.#c, options);
  }

  removeToken(options) {
    return tokens.removeToken(this.#c, options);
  }

  createSession(by, options) {
    return tokens.createSession(this.#c, by, options);
  }

  endSession(options) {
    return tokens.endSession(this.#c, options);
  }

  models() {
    return this.#c.catalog().models;
  }

  estimate(request, options) {
    return jobs.estimate(this.#c, request, options);
  }

  generate(request, options) {
    return jobs.generate(this.#c, request, options);
  }

  generateDirect(request, token, options) {
    return direct.generateDirect(this.#c, request, token, options);
  }

  resumeDirect(token, options) {
    return direct.resumeDirect(this.#c, token, options);
  }

  cancelDirect(job, token, options) {
    return direct.cancelDirect(this.#c, job, token, options);
  }

  ledger(query) {
    return spending.ledger(this.#c, query);
  }

  series(query) {
    return spending.series(this.#c, query);
  }

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

function checkedAuth({ token, user } = {}) {
  if (!isVisible(token) || !isId(user?.id) || typeof user.email !== "string") {
    throw new GeneratioError("argument_type", "auth is what GeneratioClient.auth said earlier");
  }
  return { token, user: { id: user.id, email: user.email, name: String(user.name ?? "") } };
}

function checkedSession({ id, expiresAt }) {
  if (!isVisible(id)) throw new GeneratioError("argument_type", "session is what GeneratioClient.session said earlier");
  return { id, expiresAt: String(expiresAt ?? "") };
}
