// Sealing, opening and account secrets, over whichever module is loaded.

import { inHalves } from "./derive.js";
import { GeneratioError, wrongType } from "./errors.js";
import { current } from "./load.js";
import { bytesOf, textOf, textOfSecret } from "./text.js";
import { UnlockedToken, made, numberIn } from "./token.js";

/** @import { OpenOptions, SealOptions, TokenPin } from "./slim.js" */

/** OWASP's floor for PBKDF2-HMAC-SHA256, and what core seals with by itself. */
const ITERATIONS = 600_000;
/** What our server seals and opens with at most. */
const MOST_ITERATIONS = 2_000_000;

/**
 * @param {string | UnlockedToken} token
 * @param {string} password
 * @param {SealOptions} [options]
 * @returns {Promise<string>}
 */
export async function sealToken(token, password, options = {}) {
  const context = bytesOf("context", options.context ?? "");
  const iterations = count("iterations", options.iterations ?? ITERATIONS);
  const own = token instanceof UnlockedToken ? undefined : UnlockedToken.from(token);
  const unlocked = own ?? /** @type {UnlockedToken} */ (token);
  try {
    const { outcome } = await inHalves(
      password,
      (glue, bytes, engine) => glue.sealBegin(numberIn(unlocked, engine), bytes, context, iterations),
      (glue, number, root) => textOf(glue.sealFinish(number, root)),
    );
    return outcome;
  } finally {
    own?.lock();
  }
}

/**
 * @param {string} sealed
 * @param {string} password
 * @param {OpenOptions} [options]
 * @returns {Promise<UnlockedToken>}
 */
export async function openToken(sealed, password, options = {}) {
  const context = bytesOf("context", options.context ?? "");
  const most = count("maxIterations", options.maxIterations ?? MOST_ITERATIONS);
  checkAge(sealed, options);
  const text = bytesOf("sealed", sealed);
  const { engine, outcome } = await inHalves(
    password,
    (glue, bytes) => glue.openBegin(text, bytes, context, most),
    (glue, number, root) => glue.openFinish(number, root),
  );
  return made(engine, outcome);
}

/**
 * @param {string} sealed
 * @param {string} password
 * @param {string} newPassword
 * @param {OpenOptions & SealOptions} [options]
 * @returns {Promise<string>}
 */
export async function resealToken(sealed, password, newPassword, options = {}) {
  // What is wrong with the second half must not cost the first.
  bytesOf("newPassword", newPassword).fill(0);
  count("iterations", options.iterations ?? ITERATIONS);
  const token = await openToken(sealed, password, options);
  try {
    return await sealToken(token, newPassword, options);
  } finally {
    token.lock();
  }
}

/**
 * @param {string} email
 * @param {string} password
 * @param {{ realm?: string }} [options]
 * @returns {Promise<string>}
 */
export async function accountSecret(email, password, options = {}) {
  const [address, realm] = [bytesOf("email", email), bytesOf("realm", options.realm ?? "")];
  const { outcome } = await inHalves(
    password,
    (glue, bytes) => glue.accountBegin(address, bytes, realm),
    (glue, number, root) => textOfSecret(glue.accountFinish(number, root)),
  );
  return outcome;
}

/** @param {string} text */
export function isAccountSecret(text) {
  const bytes = bytesOf("text", text);
  const is = current().call((glue) => glue.isAccountSecret(bytes));
  bytes.fill(0);
  return is;
}

/** @param {string} sealed */
export function inspectToken(sealed) {
  const { version, iterations } = inspected(sealed);
  return { version, iterations };
}

/**
 * @param {string} sealed
 * @returns {TokenPin}
 */
export function pinOf(sealed) {
  const { version, sha256 } = inspected(sealed);
  return Object.freeze({ version, sha256 });
}

/** @param {string} sealed */
function inspected(sealed) {
  const text = bytesOf("sealed", sealed);
  const bytes = /** @type {Uint8Array} */ (current().call((glue) => glue.inspect(text)));
  return {
    version: /** @type {1 | 2} */ (bytes[0]),
    iterations: new DataView(bytes.buffer, bytes.byteOffset).getUint32(1, true),
    sha256: Array.from(bytes.subarray(5), (byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
}

/**
 * Refuses what is older than what was seen.
 *
 * @param {string} sealed
 * @param {OpenOptions} options
 */
function checkAge(sealed, { minVersion = 1, pin }) {
  if (minVersion !== 1 && minVersion !== 2) throw wrongType("minVersion", "1 or 2");
  if (pin !== undefined && typeof pin?.sha256 !== "string") throw wrongType("pin", "what pinOf gave");
  const { version, sha256 } = inspected(sealed);
  if (version < minVersion) throw new GeneratioError("rolled_back", `the sealed token is of form v${version}, and v${minVersion} was seen before`);
  if (pin !== undefined && pin.sha256 !== sha256) throw new GeneratioError("rolled_back", "the sealed token is not the one that was seen last");
}

/**
 * A number that Rust can take. What is beyond is handed on as the largest, for core to refuse.
 *
 * @param {string} name
 * @param {unknown} value
 */
function count(name, value) {
  if (typeof value !== "number" || !Number.isInteger(value)) throw wrongType(name, "a whole number");
  return Math.min(Math.max(value, 0), 0xffff_ffff);
}
