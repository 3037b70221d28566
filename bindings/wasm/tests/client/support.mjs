// What the tests of the client share.
import assert from "node:assert/strict";
import { GeneratioClient, GeneratioError } from "./package.mjs";

export const EMAIL = "ann@example.com";
export const PASSWORD = "quartz-harbour-27";
export const FAL_KEY = "planted-key-id:planted0secret0of0the0fal0key";

/** What a device remembers, as a map that a test can look into. */
export function device() {
  const kept = new Map();
  return { kept, get: (key) => kept.get(key), set: (key, value) => void kept.set(key, value) };
}

/** Somebody at `url`, registered and signed in. */
export async function person(url, options = {}) {
  const client = new GeneratioClient({ url, trust: device(), ...options });
  await client.register({ email: EMAIL, password: PASSWORD });
  return client;
}

/** The error this call must end with: one of ours, with this code. */
export async function refused(call, code, reason) {
  const error = await call.then(
    (value) => assert.fail(`${code} expected, but it went well: ${JSON.stringify(value, bigints)}`),
    (error) => error,
  );
  assert.ok(error instanceof GeneratioError, error.stack);
  assert.equal(error.code, code, error.stack);
  if (reason !== undefined) assert.equal(error.details?.reason, reason);
  return error;
}

export const bigints = (_, value) => (typeof value === "bigint" ? String(value) : value);
