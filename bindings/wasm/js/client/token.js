// The FAL key: sealed here and opened here, or by the server under the account secret.

import { GeneratioError } from "../errors.js";
import { inspectToken, openToken, resealToken, sealToken } from "../sealing.js";
import { codeOf } from "./http.js";
import { confirmPassword, secretOf } from "./proof.js";
import { custodyOf, flag, list, oneOf, optional, text, time, visible } from "./shape.js";

/** @import { RequestOptions, Carried, Custody, ServerStatus, Session, SessionEntry, Sessions, TokenStatus } from "../client.js" */
/** @import { UnlockedToken } from "../token.js" */
/** @import { Connection } from "./http.js" */
/** @import { Json } from "./shape.js" */

/** What clients seal with at the least, and the most that is run. */
const FEWEST = 600_000;
const MOST = 2_000_000;
/** @type {readonly Custody[]} */
const MODES = ["password", "sealed", "direct"];

/**
 * What the server offers.
 *
 * @param {Connection} c
 * @param {RequestOptions} [options]
 */
export function status(c, options) {
  /** @type {(said: Json) => ServerStatus} */
  const view = ({ custody, prices, registration }) => {
    const offered = list(custody, (mode) => text(mode, "a custody", 20), "custody modes", 10);
    // Modes that this client does not know are none that it can be asked for.
    const known = MODES.filter((mode) => offered.includes(mode));
    return {
      custody: known,
      prices: oneOf(prices ?? "catalog", ["catalog", "fal"], "prices"),
      registration: oneOf(registration ?? "open", ["open", "invite", "closed"], "registration"),
    };
  };
  return c.call("GET", "/api/custom/status", { ...options, guest: true, view });
}

/**
 * Refuses a custody mode that the server does not offer, before it is given anything.
 *
 * @param {Connection} c
 * @param {Custody} mode
 * @param {RequestOptions} [options]
 */
async function requireOffered(c, mode, options) {
  const { custody } = await status(c, options);
  if (custody.includes(mode)) return;
  throw new GeneratioError("custody_refused", "The server does not offer this way of keeping the FAL key", {
    details: { custody },
  });
}

/**
 * @param {Connection} c
 * @param {string | UnlockedToken} token
 * @param {string} password
 * @param {RequestOptions & { custody: Custody }} options
 */
export async function storeToken(c, token, password, { custody, ...options }) {
  if (!MODES.includes(custody)) {
    throw new GeneratioError("argument_type", "custody must be password, sealed or direct");
  }
  await requireOffered(c, custody, options);
  const user = c.user();
  const secret = await confirmPassword(c, password, options);
  const send = (/** @type {{ [name: string]: string }} */ body) =>
    c.call("POST", "/api/custom/tokens/setup", { ...options, body, secrets: Object.values(body) });
  if (custody === "password") {
    await send({ fal_token: typeof token === "string" ? token : token.expose(), password: secret });
  } else {
    const sealed = await sealToken(token, password, { context: user.id });
    await c.trust.replacing(user.id, sealed, () => send({ sealed_token: sealed }));
  }
  // The server ended every session with the token that they were made from.
  c.session = null;
}

/**
 * The stored token, still sealed.
 *
 * @param {Connection} c
 * @param {RequestOptions} [options]
 */
export function fetchStored(c, options) {
  const view = (/** @type {Json} */ { sealed_token, custody }) => ({
    sealed: text(sealed_token, "a sealed token"),
    custody: custodyOf(custody ?? ""),
  });
  return c.call("GET", "/api/custom/tokens", { ...options, view });
}

/**
 * Opens the stored token; `accept` takes another text than the one seen last.
 *
 * @param {Connection} c
 * @param {string} password
 * @param {boolean} accept
 * @param {RequestOptions} [options]
 */
export async function openStored(c, password, accept, options) {
  const user = c.user().id;
  const { sealed, custody } = await fetchStored(c, options);
  if (custody !== "client") {
    throw new GeneratioError("custody_refused", "The server sealed this token, and opens it itself", {
      details: { custody },
    });
  }
  await c.trust.check(user, sealed, accept);
  refuseWork(sealed);
  const token = await openToken(sealed, password, { context: user, minVersion: 2, maxIterations: MOST });
  try {
    await c.trust.keep(user, sealed);
  } catch (error) {
    token.lock();
    throw error;
  }
  return token;
}

/**
 * A text that was made by a client has at least the work that clients put in, and at most what a phone can do.
 *
 * @param {string} sealed
 */
function refuseWork(sealed) {
  const { iterations } = inspectToken(sealed);
  if (iterations >= FEWEST && iterations <= MOST) return;
  throw new GeneratioError("iterations_out_of_range", `The sealed token asks for ${iterations} iterations`, {
    details: { iterations, least: FEWEST, most: MOST },
  });
}

/**
 * What goes along with a new password: the client's sealed token, sealed anew, and what became of it. Nothing for a token
 * of the server's, which that seals anew by itself.
 *
 * @param {Connection} c
 * @param {string} oldPassword
 * @param {string} newPassword
 * @param {RequestOptions} [options]
 * @returns {Promise<{ sealed?: string, isNew?: boolean, token: Carried }>}
 */
export async function carried(c, oldPassword, newPassword, options) {
  const user = c.user().id;
  const stored = await storedOrNone(c, options);
  if (stored?.custody !== "client") return { token: stored ? "server" : "none" };
  const before = stored.sealed;
  await c.trust.check(user, before);
  refuseWork(before);
  // The same password opens the same text.
  if (oldPassword === newPassword) return { sealed: before, token: "unchanged" };
  try {
    const sealed = await resealToken(before, oldPassword, newPassword, { context: user, minVersion: 2 });
    return { sealed, isNew: true, token: "resealed" };
  } catch (error) {
    if (codeOf(error) !== "wrong_password") throw error;
    return { sealed: before, token: "unchanged" };
  }
}

/**
 * @param {Connection} c
 * @param {RequestOptions} [options]
 */
async function storedOrNone(c, options) {
  try {
    return await fetchStored(c, options);
  } catch (error) {
    if (codeOf(error) === "not_found") return null;
    throw error;
  }
}

/**
 * @param {Connection} c
 * @param {RequestOptions} [options]
 * @returns {Promise<TokenStatus>}
 */
export function tokenStatus(c, options) {
  const view = (/** @type {Json} */ { has_token, has_active_session, requires_login, custody }) => ({
    hasToken: flag(has_token),
    custody: custodyOf(custody),
    hasActiveSession: flag(has_active_session),
    requiresLogin: flag(requires_login),
  });
  return c.call("GET", "/api/custom/auth/token-status", { ...options, view });
}

/**
 * @param {Connection} c
 * @param {RequestOptions} [options]
 */
export async function removeToken(c, options) {
  await c.call("DELETE", "/api/custom/tokens", options);
  c.session = null;
}

/**
 * @param {Connection} c
 * @param {{ password: string } | { token: UnlockedToken }} by
 * @param {RequestOptions} [options]
 */
export async function createSession(c, by, options) {
  if ("token" in by) return handOver(c, by.token, options);
  const { password } = by;
  const { custody } = await tokenStatus(c, options);
  // Whatever the server says of the custody, it is given the account secret, or a token that was opened here.
  if (custody !== "client") return begin(c, { password: await secretOf(c, c.user().email, password) }, options);
  const opened = await openStored(c, password, false, options);
  try {
    return await handOver(c, opened, options);
  } finally {
    opened.lock();
  }
}

/**
 * A session by the key itself.
 *
 * @param {Connection} c
 * @param {UnlockedToken} token
 * @param {RequestOptions} [options]
 */
async function handOver(c, token, options) {
  await requireOffered(c, "sealed", options);
  return begin(c, { fal_token: token.expose() }, options);
}

/**
 * @param {Connection} c
 * @param {{ [name: string]: string }} body
 * @param {RequestOptions} [options]
 * @returns {Promise<Session>}
 */
async function begin(c, body, options) {
  const view = (/** @type {Json} */ { session_id, expires_at }) => ({
    id: visible(session_id, "a session"),
    expiresAt: optional(expires_at) ?? "",
  });
  const secrets = Object.values(body);
  c.session = await c.call("POST", "/api/custom/auth/create-session", { ...options, body, secrets, view });
  return c.session;
}

/**
 * @param {Connection} c
 * @param {RequestOptions} [options]
 */
export async function endSession(c, options) {
  try {
    await c.call("DELETE", "/api/custom/auth/session", { ...options, session: true });
  } catch (error) {
    // Over already.
    if (codeOf(error) !== "not_found") throw error;
  }
  c.session = null;
}

/**
 * Forgets whoever is signed in, whether or not the server hears of it.
 *
 * @param {Connection} c
 * @param {RequestOptions} [options]
 */
export async function logout(c, options) {
  try {
    if (c.session && c.auth) await endSession(c, options);
  } catch {
    // It runs out by itself.
  } finally {
    c.auth = c.session = null;
  }
}

/** @type {(c: Connection) => Sessions} */
export const sessions = (c) => ({
  list: (options) => {
    const view = (/** @type {Json} */ value) => list(value.sessions, entry, "sessions", 1000);
    return c.call("GET", "/api/custom/auth/sessions", { ...options, session: "if any", view });
  },
  end: (handle, options) => c.call("DELETE", `/api/custom/auth/sessions/${encodeURIComponent(handle)}`, options),
});

/**
 * @param {Json} value
 * @returns {SessionEntry}
 */
function entry({ handle, label, created, expires_at, current }) {
  return {
    handle: visible(handle, "a handle"),
    label: optional(label) ?? "",
    created: time(created),
    expiresAt: time(expires_at),
    isCurrent: flag(current),
  };
}
