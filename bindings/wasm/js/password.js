// What is wrong with a new password.

import { current } from "./load.js";
import { textOf, withSecret } from "./text.js";

/** @import { PasswordProblem } from "./index.js" */

/**
 * @param {string} password
 * @returns {PasswordProblem | null}
 */
export function passwordProblem(password) {
  const code = withSecret("password", password, (bytes) => textOf(current().callFull((glue) => glue.passwordProblem(bytes))));
  return code === "" ? null : /** @type {PasswordProblem} */ (code);
}
