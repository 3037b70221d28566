// A program that uses all of the package: it is compiled, and not run.
import * as slim from "generatio/slim";
import {
  Catalog,
  FalClient,
  GeneratioError,
  UnlockedToken,
  accountSecret,
  formatUsd,
  init,
  inspectToken,
  isAccountSecret,
  openToken,
  parseUsd,
  passwordProblem,
  pinOf,
  resealToken,
  sealToken,
  type Amount,
  type ErrorCode,
  type Output,
  type Progress,
  type Submitted,
  type TokenPin,
} from "generatio";

export async function all(bytes: Uint8Array<ArrayBuffer>, response: Promise<Response>): Promise<Output> {
  await init();
  await init(bytes, { keyDerivation: "wasm" });
  await init(response);
  await slim.init(new URL("https://example.com/slim.wasm"));
  const sealed: string = await sealToken("key", "password", { context: "u1", iterations: 700_000 });
  const pin: TokenPin = pinOf(sealed);
  const token: UnlockedToken = await openToken(sealed, "password", { context: "u1", minVersion: 2, pin, maxIterations: 700_000 });
  await slim.sealToken(token, "password");
  await resealToken(sealed, "password", "other", { iterations: 600_000 });
  const secret: string = await accountSecret("me@example.com", "password", { realm: "https://example.com" });
  const version: 1 | 2 = inspectToken(sealed).version;
  const problem: string | null = passwordProblem("password");
  console.log(isAccountSecret(secret), version, problem, token.expose(), token.locked, `${token}`);
  const catalog = new Catalog();
  const [model] = catalog.models;
  if (model !== undefined) console.log(model.parameters.map(({ type, options, min }) => [type, options, min]));
  const amount: Amount = catalog.quote("flux/schnell", "a fox", { num_images: 2, image_size: { width: 64, height: 64 } }).fal;
  const nano: bigint = amount.nanoUsd + parseUsd("0.5");
  console.log(formatUsd(nano), catalog.validate("flux/schnell", "").map(({ code }) => code));
  const fal = new FalClient({ fetch: (input, init) => fetch(input, init), catalog });
  const onProgress = (progress: Progress) => console.log(progress.state, progress.queuePosition);
  const submitted: Submitted = await fal.submit(token, { model: "flux/schnell", prompt: "a fox" }, { signal: AbortSignal.timeout(1000) });
  await fal.wait(token, submitted, { onProgress, timeoutMs: 1000 });
  await fal.cancel(token, submitted);
  await fal.checkKey(token);
  try {
    return await fal.generate(token, { model: "flux/schnell", prompt: "a fox" }, { onProgress, onSubmitted: async () => {} });
  } catch (error) {
    if (error instanceof GeneratioError) {
      const code: ErrorCode | (string & {}) = error.code;
      console.log(code, error.status, error.details);
    }
    throw error;
  } finally {
    token.lock();
  }
}

// @ts-expect-error a handle, never a string
export const refusedKey = (fal: FalClient) => fal.checkKey("key");
// @ts-expect-error made by openToken or from
export const refusedToken = () => new UnlockedToken();
// @ts-expect-error exact money is a bigint
export const refusedMoney = () => formatUsd(0.009);
