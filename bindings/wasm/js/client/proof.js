// What proves an account to the server: the account secret, and the login that PocketBase knows.

import { GeneratioError } from "../errors.js";
import { accountSecret } from "../sealing.js";
import { codeOf } from "./http.js";
import { id, object, optional, visible } from "./shape.js";

/** @import { Auth, RequestOptions, User } from "../client.js" */
/** @import { Connection } from "./http.js" */
/** @import { Json } from "./shape.js" */

/** Where accounts are. */
export const USERS = "/api/collections/generatio_users";

/**
 * The account secret of an address and a password at this server.
 *
 * @param {Connection} c
 * @param {string} email
 * @param {string} password
 */
export function secretOf(c, email, password) {
  return accountSecret(email, password, { realm: c.realm });
}

/**
 * Who a record is about, if that is the account with this address. Servers know one address in several spellings; another
 * address is another account. What is kept is the address that the caller knows: secrets are made of it.
 *
 * @param {Json} record
 * @param {string} email
 * @param {string} [known] The account's id, where that is known.
 * @returns {User}
 */
export function userOf(record, email, known) {
  const said = object(record, "a record");
  const user = { id: id(said.id, "a user's id"), email, name: optional(said.name) ?? "" };
  const address = optional(said.email)?.toLowerCase() ?? null;
  const isOther = address !== null && address !== email.trim().toLowerCase();
  if (!isOther && (known === undefined || user.id === known)) return user;
  throw new GeneratioError("account_changed", "The server speaks of another account than yours");
}

/**
 * @param {Json} said
 * @param {string} email
 * @param {string} [known]
 * @returns {Auth}
 */
export function authOf({ token, record }, email, known) {
  return { token: visible(token, "a token"), user: userOf(record, email, known) };
}

/**
 * Logs in the way PocketBase does, which starts no session; what stands for the password is the caller's affair.
 *
 * @param {Connection} c
 * @param {string} email
 * @param {string} password
 * @param {string | undefined} known
 * @param {RequestOptions} [options]
 */
export async function authenticate(c, email, password, known, options) {
  const view = (/** @type {Json} */ said) => authOf(said, email, known);
  const call = { ...options, body: { identity: email, password }, guest: true, secrets: [password], view };
  try {
    return await c.call("POST", `${USERS}/auth-with-password`, call);
  } catch (error) {
    if (codeOf(error) !== "validation_error") throw error;
    throw new GeneratioError("wrong_password", "The address or the password is wrong", { status: 400 });
  }
}

/**
 * Has the server say whether this is the password of whoever is signed in; gives the account secret.
 *
 * @param {Connection} c
 * @param {string} password
 * @param {RequestOptions} [options]
 */
export async function confirmPassword(c, password, options) {
  const { id: known, email } = c.user();
  const secret = await secretOf(c, email, password);
  await authenticate(c, email, secret, known, options);
  return secret;
}
