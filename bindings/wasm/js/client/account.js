// Accounts. What goes to the server in a password's place is the account secret; `moveAccount` alone sends a password.

import { GeneratioError } from "../errors.js";
import { passwordProblem } from "../password.js";
import { accountSecret } from "../sealing.js";
import { id, object, oneOf, optional, visible } from "./shape.js";
import { carried, fetchStored } from "./token.js";

const USERS = "/api/collections/generatio_users";

/** The account secret of an address and a password at this server. */
export function secretOf(c, email, password) {
  return accountSecret(email, password, { realm: c.realm });
}

/** Who a record is about; the address is the one that the caller knows. */
function userOf(record, email) {
  const { id: user, name } = object(record, "a record");
  return { id: id(user, "a user's id"), email, name: optional(name) ?? "" };
}

/** Servers know one address in several spellings; another address is another account. */
function isSameAddress(record, email) {
  const given = optional(record?.email);
  return given === null || given.toLowerCase() === email.trim().toLowerCase();
}

function otherAccount() {
  return new GeneratioError("account_changed", "The server speaks of another account than yours");
}

export async function register(c, { email, password, name }, options) {
  refuseWeak(password);
  const secret = await secretOf(c, email, password);
  const body = { email, password: secret, passwordConfirm: secret, ...(name && { name }) };
  await c.call("POST", `${USERS}/records`, { ...options, body, guest: true, secrets: [secret], view: object });
  return signIn(c, email, secret, options);
}

function refuseWeak(password) {
  const problem = passwordProblem(password);
  if (problem) throw new GeneratioError(problem, "The password is too short, too long or too common");
}

export async function login(c, email, password, options) {
  return signIn(c, email, await secretOf(c, email, password), options);
}

/** Logs in with a secret; a session comes along where that also opens the stored token. */
async function signIn(c, email, secret, options) {
  const view = ({ token, record, session_id, message, custody }) => {
    if (!isSameAddress(record, email)) throw otherAccount();
    return {
      token: visible(token, "a token"),
      user: userOf(record, email),
      session: session_id === undefined ? null : visible(session_id, "a session"),
      message: optional(message) ?? "",
      custody: custody === undefined ? null : oneOf(custody, ["password", "client"], "a custody"),
    };
  };
  const body = { email, password: secret };
  const path = "/api/custom/auth/login";
  const said = await c.call("POST", path, { ...options, body, guest: true, secrets: [secret], view });
  c.auth = { token: said.token, user: said.user };
  c.session = said.session === null ? null : { id: said.session, expiresAt: "" };
  await c.trust.setUsesSecret(email, true);
  return { user: said.user, session: c.session, custody: said.custody, message: said.message };
}

/** Logs in the way PocketBase does, which starts no session; what stands for the password is the caller's affair. */
async function authenticate(c, email, password, options) {
  const view = ({ token, record }) => {
    if (!isSameAddress(record, email)) throw otherAccount();
    return { token: visible(token, "a token"), user: userOf(record, email) };
  };
  const body = { identity: email, password };
  const path = `${USERS}/auth-with-password`;
  try {
    return await c.call("POST", path, { ...options, body, guest: true, secrets: [password], view });
  } catch (error) {
    if (error.status !== 400) throw error;
    throw new GeneratioError("wrong_password", "The address or the password is wrong", { status: 400 });
  }
}

/** Has the server say whether this is the password of whoever is signed in; gives the account secret. */
export async function confirmPassword(c, password, options) {
  const { id: user, email } = c.user();
  const secret = await secretOf(c, email, password);
  const confirmed = await authenticate(c, email, secret, options);
  if (confirmed.user.id !== user) throw otherAccount();
  return secret;
}

export async function refresh(c, options) {
  const { id: user, email } = c.user();
  const view = ({ token, record }) => {
    const now = userOf(record, email);
    if (now.id !== user || !isSameAddress(record, email)) throw otherAccount();
    return { token: visible(token, "a token"), user: now };
  };
  c.auth = await c.call("POST", `${USERS}/auth-refresh`, { ...options, view });
  return c.auth;
}

export async function rename(c, name, options) {
  const { id: user, email } = c.user();
  const view = (record) => userOf(record, email);
  const changed = await c.call("PATCH", `${USERS}/records/${user}`, { ...options, body: { name }, view });
  if (changed.id !== user) throw otherAccount();
  c.auth = { ...c.auth, user: changed };
  return changed;
}

export async function changePassword(c, oldPassword, newPassword, options) {
  refuseWeak(newPassword);
  const { email } = c.user();
  const oldSecret = await secretOf(c, email, oldPassword);
  const change = { email, oldSecret, oldPassword, newPassword };
  return { token: await changeCredentials(c, change, options) };
}

export async function changeEmail(c, newEmail, password, options) {
  const oldSecret = await secretOf(c, c.user().email, password);
  const change = { email: newEmail, oldSecret, oldPassword: password, newPassword: password };
  return { token: await changeCredentials(c, change, options) };
}

/**
 * Puts a new account secret in the place of whatever the server takes now (`oldSecret`), with the sealed token in the
 * same request, and signs in with it.
 */
async function changeCredentials(c, { email, oldSecret, oldPassword, newPassword }, options) {
  const user = c.user();
  const secret = await secretOf(c, email, newPassword);
  const { sealed, before, token } = await carried(c, oldPassword, newPassword, options);
  const body = {
    oldPassword: oldSecret,
    password: secret,
    passwordConfirm: secret,
    ...(email !== user.email && { email }),
    ...(sealed && { sealed_token: sealed }),
  };
  const secrets = [oldSecret, secret];
  const send = () => c.call("PATCH", `${USERS}/records/${user.id}`, { ...options, body, secrets, view: object });
  await (sealed && sealed !== before ? c.trust.replacing(user.id, sealed, send) : send());
  // The change ended every login; what was signed in is not any more, even if what follows fails.
  c.auth = c.session = null;
  const { user: now } = await signIn(c, email, secret, options);
  if (now.id !== user.id) throw otherAccount();
  return token;
}

export async function deleteAccount(c, password, options) {
  await confirmPassword(c, password, options);
  await c.call("DELETE", `${USERS}/records/${c.user().id}`, options);
  c.auth = c.session = null;
}

export async function moveAccount(c, email, plainPassword, { consent, newPassword, ...options } = {}) {
  if (consent !== true) {
    throw new GeneratioError("consent_required", "Moving the account sends its password once: the user must agree");
  }
  if (await c.trust.usesSecret(email)) {
    const message = "This account uses an account secret: nobody has a reason to ask for its password";
    throw new GeneratioError("password_in_clear_refused", message);
  }
  if (newPassword !== undefined) refuseWeak(newPassword);
  const before = [c.auth, c.session];
  c.auth = await authenticate(c, email, plainPassword, options);
  c.session = null;
  try {
    const change = { email, oldSecret: plainPassword, oldPassword: plainPassword };
    const token = await changeCredentials(c, { ...change, newPassword: newPassword ?? plainPassword }, options);
    const { custody } = token === "none" ? { custody: null } : await fetchStored(c, options);
    return { user: c.user(), session: c.session, custody, message: "", token };
  } catch (error) {
    // Not half signed in, with a token that came of a password in the clear.
    if (c.auth && !(await c.trust.usesSecret(email))) [c.auth, c.session] = before;
    throw error;
  }
}
