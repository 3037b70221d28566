// What every environment checks: run by Node, by bundled pages, and by pages and workers without a bundler.

/** Codes of a refusal, by the reason that the vectors name. */
const CODES = {
  format: ["sealed_token_malformed", "iterations_out_of_range"],
  empty_password: ["password_empty"],
  wrong_password: ["wrong_password"],
  corrupt: ["sealed_token_damaged"],
};

function check(holds, what) {
  if (!holds) throw new Error(what);
}

/** The code that this ends with. */
export async function codeOf(work) {
  try {
    await work();
  } catch (error) {
    check(error?.name === "GeneratioError", `not an error of ours: ${error?.stack ?? error}`);
    return error.code;
  }
  throw new Error("it went well");
}

/** Opens every sealed token and derives every secret; `step` leaves out most of them. */
export async function vectors(G, { sealed_tokens, account_secrets }, step = 1) {
  const count = { valid: 0, invalid: 0, secrets: 0 };
  for (const vector of sealed_tokens.filter((_, index) => index % step === 0)) {
    const { id, sealed, password, context, result, reason } = vector;
    const open = () => G.openToken(sealed, password, { context, maxIterations: 10_000_000 });
    count[result] += 1;
    if (result === "valid") {
      const token = await open();
      check(token.expose() === vector.token, `case ${id} opens to something else`);
      token.lock();
      const { version, iterations } = G.inspectToken(sealed);
      check(version === vector.version && (version === 1 || iterations === vector.iterations), `case ${id} shows another form`);
    } else {
      const code = await codeOf(open);
      check(CODES[reason].includes(code), `case ${id}: ${code} for ${reason}`);
    }
  }
  for (const { id, email, password, realm, account_secret } of account_secrets.filter((_, index) => index % step === 0)) {
    check((await G.accountSecret(email, password, { realm })) === account_secret, `account secret ${id} is another`);
    check(G.isAccountSecret(account_secret), `account secret ${id} is not known as one`);
    count.secrets += 1;
  }
  return count;
}

/** Seals, opens, and searches all the memory for the token: there before `lock`, gone after it. */
export async function memory(G, engine) {
  const token = "planted-key-id:planted0secret0of0the0fal0key";
  const holds = (text) => {
    const [bytes, wanted] = [new Uint8Array(engine().memory.buffer), new TextEncoder().encode(text)];
    let at = -1;
    while ((at = bytes.indexOf(wanted[0], at + 1)) >= 0) {
      if (wanted.every((byte, index) => bytes[at + index] === byte)) return true;
    }
    return false;
  };
  // Any piece of it, since a cipher works in blocks.
  const pieces = Array.from({ length: token.length - 11 }, (_, at) => token.slice(at, at + 12));
  const traces = () => [token, ...pieces].filter(holds);
  check(traces().length === 0, "the token is there before it came");
  const sealed = await G.sealToken(token, "quartz-harbour-27", { context: "u1" });
  check(traces().length === 0, `sealing left ${traces()}`);
  const unlocked = await G.openToken(sealed, "quartz-harbour-27", { context: "u1" });
  check(traces().length === pieces.length + 1, "the control is not found");
  check(unlocked.expose() === token, "another token");
  await G.resealToken(sealed, "quartz-harbour-27", "another password", { context: "u1" });
  unlocked.lock();
  unlocked.lock();
  check(traces().length === 0, `locking left ${traces()}`);
  check(unlocked.locked && (await codeOf(() => unlocked.expose())) === "locked", "it is not locked");
  check(!holds("quartz-harbour-27"), "the password is still there");
  return true;
}

/** What a page does with the whole library. */
export async function library(G, sealedTokens) {
  check((await codeOf(() => G.pinOf("v2"))) === "not_initialized", "it works before it is loaded");
  await Promise.all([G.init(), G.init()]);
  const counted = await vectors(G, sealedTokens, 12);
  const catalog = new G.Catalog();
  check(catalog.models.length >= 20, "models are missing");
  check(catalog.validate("flux/schnell", "", { num_images: 99, bogus: 1 }).length === 3, "problems are missing");
  check(catalog.quote("flux/schnell", "a fox", { num_images: 3 }).catalog.nanoUsd === 9_000_000n, "another price");
  return counted;
}

/** The same for the slim entry. */
export async function slim(G, sealedTokens) {
  check((await codeOf(() => G.pinOf("v2"))) === "not_initialized", "it works before it is loaded");
  await G.init();
  return vectors(G, sealedTokens, 12);
}
