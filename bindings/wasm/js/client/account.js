// Accounts. What goes to the server in a password's place is the account secret; `moveAccount` alone sends a password.

import { GeneratioError } from "../errors.js";
import { passwordProblem } from "../password.js";
import { USERS, authOf, authenticate, confirmPassword, secretOf, userOf } from "./proof.js";
import { custodyOf, optional, visible } from "./shape.js";
import { carried, fetchStored } from "./token.js";

/** @import { RequestOptions, Carried, LoggedIn } from "../client.js" */
/** @import { Connection } from "./http.js" */
/** @import { Json } from "./shape.js" */

/**
 * @param {Connection} c
 * @param {{ email: string, password: string, name?: string, invitation?: string }} account
 * @param {RequestOptions} [options]
 */
export async function register(c, { email, password, name, invitation }, options) {
  refuseWeak(password);
  const secret = await secretOf(c, email, password);
  const body = { email, password: secret, passwordConfirm: secret, ...(name && { name }), ...(invitation && { invitation }) };
  await c.call("POST", `${USERS}/records`, { ...options, body, guest: true, secrets: [secret, invitation] });
  return signIn(c, email, secret, options);
}

/** @param {string} password */
function refuseWeak(password) {
  const problem = passwordProblem(password);
  if (problem) throw new GeneratioError(problem, "The password is too short, too long or too common");
}

/**
 * @param {Connection} c
 * @param {string} email
 * @param {string} password
 * @param {RequestOptions} [options]
 */
export async function login(c, email, password, options) {
  return signIn(c, email, await secretOf(c, email, password), options);
}

/**
 * Logs in with a secret; a session comes along where that also opens the stored token.
 *
 * @param {Connection} c
 * @param {string} email
 * @param {string} secret
 * @param {RequestOptions} [options]
 * @returns {Promise<LoggedIn>}
 */
async function signIn(c, email, secret, options) {
  const view = (/** @type {Json} */ said) => ({
    auth: authOf(said, email),
    session: said.session_id === undefined ? null : { id: visible(said.session_id, "a session"), expiresAt: "" },
    message: optional(said.message) ?? "",
    custody: custodyOf(said.custody),
  });
  const body = { email, password: secret };
  const call = { ...options, body, guest: true, secrets: [secret], view };
  const { auth, session, message, custody } = await c.call("POST", "/api/custom/auth/login", call);
  [c.auth, c.session] = [auth, session];
  await c.trust.setUsesSecret(email, true);
  return { user: auth.user, session, custody, message };
}

/**
 * @param {Connection} c
 * @param {RequestOptions} [options]
 */
export async function refresh(c, options) {
  const { id: known, email } = c.user();
  const view = (/** @type {Json} */ said) => authOf(said, email, known);
  c.auth = await c.call("POST", `${USERS}/auth-refresh`, { ...options, view });
  return c.auth;
}

/**
 * @param {Connection} c
 * @param {string} name
 * @param {RequestOptions} [options]
 */
export async function rename(c, name, options) {
  const { id: known, email } = c.user();
  const view = (/** @type {Json} */ record) => userOf(record, email, known);
  const user = await c.call("PATCH", `${USERS}/records/${known}`, { ...options, body: { name }, view });
  if (c.auth) c.auth = { ...c.auth, user };
  return user;
}

/**
 * @param {Connection} c
 * @param {string} oldPassword
 * @param {string} newPassword
 * @param {RequestOptions} [options]
 */
export async function changePassword(c, oldPassword, newPassword, options) {
  refuseWeak(newPassword);
  const { email } = c.user();
  const oldSecret = await secretOf(c, email, oldPassword);
  return { token: await changeCredentials(c, { email, oldSecret, oldPassword, newPassword }, options) };
}

/**
 * @param {Connection} c
 * @param {string} email
 * @param {string} password
 * @param {RequestOptions} [options]
 */
export async function changeEmail(c, email, password, options) {
  const oldSecret = await secretOf(c, c.user().email, password);
  const change = { email, oldSecret, oldPassword: password, newPassword: password };
  return { token: await changeCredentials(c, change, options) };
}

/**
 * Puts a new account secret in the place of whatever the server takes now (`oldSecret`), with the sealed token in the
 * same request, and signs in with it.
 *
 * @param {Connection} c
 * @param {{ email: string, oldSecret: string, oldPassword: string, newPassword: string }} change
 * @param {RequestOptions} [options]
 * @returns {Promise<Carried>}
 */
async function changeCredentials(c, { email, oldSecret, oldPassword, newPassword }, options) {
  const user = c.user();
  const secret = await secretOf(c, email, newPassword);
  const { sealed, isNew, token } = await carried(c, oldPassword, newPassword, options);
  const body = {
    oldPassword: oldSecret,
    password: secret,
    passwordConfirm: secret,
    ...(email !== user.email && { email }),
    ...(sealed && { sealed_token: sealed }),
  };
  const call = { ...options, body, secrets: [oldSecret, secret] };
  const send = () => c.call("PATCH", `${USERS}/records/${user.id}`, call);
  await (sealed && isNew ? c.trust.replacing(user.id, sealed, send) : send());
  // The change ended every login; what was signed in is not any more, even if what follows fails.
  c.auth = c.session = null;
  await signIn(c, email, secret, options);
  return token;
}

/**
 * @param {Connection} c
 * @param {string} password
 * @param {RequestOptions} [options]
 */
export async function deleteAccount(c, password, options) {
  await confirmPassword(c, password, options);
  await c.call("DELETE", `${USERS}/records/${c.user().id}`, options);
  c.auth = c.session = null;
}

/**
 * @param {Connection} c
 * @param {string} email
 * @param {string} plainPassword
 * @param {RequestOptions & { consent?: boolean, newPassword?: string }} [options]
 */
export async function moveAccount(c, email, plainPassword, { consent, newPassword, ...options } = {}) {
  if (consent !== true) {
    throw new GeneratioError("consent_required", "Moving the account sends its password: the user must agree");
  }
  if (await c.trust.usesSecret(email)) {
    const message = "This account uses an account secret: nobody has a reason to ask for its password";
    throw new GeneratioError("password_in_clear_refused", message);
  }
  if (newPassword !== undefined) refuseWeak(newPassword);
  const before = /** @type {const} */ ([c.auth, c.session]);
  c.auth = await authenticate(c, email, plainPassword, undefined, options);
  c.session = null;
  try {
    const change = { email, oldSecret: plainPassword, oldPassword: plainPassword };
    const token = await changeCredentials(c, { ...change, newPassword: newPassword ?? plainPassword }, options);
    const custody = token === "none" ? null : (await fetchStored(c, options)).custody;
    return { user: c.user(), session: c.session, custody, message: "", token };
  } catch (error) {
    // Not half signed in, with a token that came of a password in the clear.
    if (c.auth && !(await c.trust.usesSecret(email))) [c.auth, c.session] = before;
    throw error;
  }
}
