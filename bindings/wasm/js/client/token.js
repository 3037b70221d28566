// The FAL key: sealed here and opened here, or by the server under the account secret.

import { GeneratioError } from "../errors.js";
import { inspectToken, openToken, resealToken, sealToken } from "../sealing.js";
import { confirmPassword, secretOf } from "./account.js";
import { flag, list, object, oneOf, optional, text, visible } from "./shape.js";

/** What clients seal with at the least, and the most that is run. */
const FEWEST = 600_000;
const MOST = 2_000_000;

/** What the server offers. */
export function status(c, options) {
  const view = ({ custody, prices }) => ({
    custody: list(custody, (mode) => text(mode, "a custody", 20), "custody modes", 10).filter((mode) =>
      ["password", "sealed", "direct"].includes(mode),
    ),
    prices: oneOf(prices ?? "catalog", ["catalog", "fal"], "prices"),
  });
  return c.call("GET", "/api/custom/status", { ...options, guest: true, view });
}

/** Refuses a custody mode that the server does not offer, before it is given anything. */
async function requireOffered(c, mode, options) {
  const { custody } = await status(c, options);
  if (custody.includes(mode)) return;
  throw new GeneratioError("custody_refused", "The server does not offer this way of keeping the FAL key", {
    details: { custody },
  });
}

export async function storeToken(c, token, password, { custody, ...options } = {}) {
  if (!["password", "sealed", "direct"].includes(custody)) {
    throw new GeneratioError("argument_type", "custody must be password, sealed or direct");
  }
  await requireOffered(c, custody, options);
  const user = c.user();
  const secret = await confirmPassword(c, password, options);
  const send = (body, secrets) =>
    c.call("POST", "/api/custom/tokens/setup", { ...options, body, secrets, view: object });
  if (custody === "password") {
    const fal_token = typeof token === "string" ? token : token.expose();
    await send({ fal_token, password: secret }, [fal_token, secret]);
  } else {
    const sealed = await sealToken(token, password, { context: user.id });
    await c.trust.replacing(user.id, sealed, () => send({ sealed_token: sealed }, [sealed]));
  }
  // The server ended every session with the token that they were made from.
  c.session = null;
}

/** The stored token, still sealed. */
export function fetchStored(c, options) {
  const view = ({ sealed_token, custody }) => ({
    sealed: text(sealed_token, "a sealed token"),
    custody: oneOf(custody, ["password", "client"], "a custody"),
  });
  return c.call("GET", "/api/custom/tokens", { ...options, view });
}

/** Opens the stored token; `accept` takes another text than the one seen last. */
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

/** A text that was made by a client has at least the work that clients put in, and at most what a phone can do. */
function refuseWork(sealed) {
  const { iterations } = inspectToken(sealed);
  if (iterations >= FEWEST && iterations <= MOST) return;
  throw new GeneratioError("iterations_out_of_range", `The sealed token asks for ${iterations} iterations`, {
    details: { iterations, least: FEWEST, most: MOST },
  });
}

/**
 * What goes along with a new password: the client's sealed token, sealed anew, with the text it replaces and what became
 * of it. Nothing for a token of the server's, which that seals anew by itself.
 */
export async function carried(c, oldPassword, newPassword, options) {
  const user = c.user().id;
  const stored = await storedOrNone(c, options);
  if (stored?.custody !== "client") return { token: stored ? "server" : "none" };
  const { sealed: before } = stored;
  await c.trust.check(user, before);
  refuseWork(before);
  // The same password opens the same text.
  if (oldPassword === newPassword) return { sealed: before, before, token: "unchanged" };
  try {
    const sealed = await resealToken(before, oldPassword, newPassword, { context: user, minVersion: 2 });
    return { sealed, before, token: "resealed" };
  } catch (error) {
    if (error.code !== "wrong_password") throw error;
    return { sealed: before, before, token: "unchanged" };
  }
}

async function storedOrNone(c, options) {
  try {
    return await fetchStored(c, options);
  } catch (error) {
    if (error.code === "not_found") return null;
    throw error;
  }
}

export function tokenStatus(c, options) {
  const view = ({ has_token, has_active_session, requires_login, custody }) => ({
    hasToken: flag(has_token),
    custody: custody === undefined ? null : oneOf(custody, ["password", "client"], "a custody"),
    hasActiveSession: flag(has_active_session),
    requiresLogin: flag(requires_login),
  });
  return c.call("GET", "/api/custom/auth/token-status", { ...options, view });
}

export async function removeToken(c, options) {
  await c.call("DELETE", "/api/custom/tokens", options);
  c.session = null;
}

export async function createSession(c, { password, token }, options) {
  if (token) return handOver(c, token, options);
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

/** A session by the key itself. */
async function handOver(c, token, options) {
  await requireOffered(c, "sealed", options);
  return begin(c, { fal_token: token.expose() }, options);
}

async function begin(c, body, options) {
  const view = ({ session_id, expires_at }) => ({
    id: visible(session_id, "a session"),
    expiresAt: optional(expires_at) ?? "",
  });
  const secrets = Object.values(body);
  c.session = await c.call("POST", "/api/custom/auth/create-session", { ...options, body, secrets, view });
  return c.session;
}

export async function endSession(c, options) {
  try {
    await c.call("DELETE", "/api/custom/auth/session", { ...options, session: true });
  } catch (error) {
    // Over already.
    if (error.code !== "not_found") throw error;
  }
  c.session = null;
}

/** Forgets whoever is signed in, whether or not the server hears of it. */
export async function logout(c, options) {
  try {
    if (c.session && c.auth) await endSession(c, options);
  } catch {
    // It runs out by itself.
  } finally {
    c.auth = c.session = null;
  }
}

export const sessions = (c) => ({
  list: (options) => {
    const view = (value) => list(value.sessions ?? value.items, entry, "sessions", 1000);
    return c.call("GET", "/api/custom/auth/sessions", { ...options, view });
  },
  end: (handle, options) =>
    c.call("DELETE", `/api/custom/auth/sessions/${encodeURIComponent(handle)}`, options),
});

function entry({ handle, id, label, created, expires_at }) {
  return {
    handle: text(handle ?? id, "a handle", 100),
    label: optional(label) ?? "",
    created: text(created, "a time", 40),
    expiresAt: text(expires_at, "a time", 40),
  };
}
