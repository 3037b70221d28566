// What is measured in the page, by turns.
import CryptoJS from "crypto-js";
import { pbkdf2 } from "@noble/hashes/pbkdf2.js";
import { sha256 } from "@noble/hashes/sha2.js";
import * as G from "generatio-slim";

const PASSWORD = "quartz-harbour-27";
const TOKEN = "planted-key-id:planted0secret0of0the0fal0key";
const SALT = crypto.getRandomValues(new Uint8Array(32));
/** Sealed by the original server, with 100,000 iterations. */
const V1 = "OpfxGuZRBwUGpooCo/d1gWN7doa5wlA9BjguUfrbZk/+kWtwMeSq0/z3RHyi.IpHYzcMQQR5+wnN4pmHJNRh8B+TVY26bw8QAsnJEuM0=";

async function bare(iterations) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(PASSWORD), "PBKDF2", false, ["deriveBits"]);
  await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: SALT, iterations }, key, 256);
}

const cryptoJs = () => {
  const salt = CryptoJS.lib.WordArray.create(SALT);
  CryptoJS.PBKDF2(PASSWORD, salt, { keySize: 8, iterations: 100_000, hasher: CryptoJS.algo.SHA256 });
};

async function ms(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/**
 * Waits until the page has come to rest, which it has not when it says that it is loaded, and keeps the processor busy for
 * a moment: one that was idle takes tens of milliseconds to be as quick as it can be, whatever it is then given to do.
 */
async function atRest() {
  await new Promise((resolve) => setTimeout(resolve, 500));
  const began = performance.now();
  while (performance.now() - began < 100);
}

/** `first`: in a page that has derived nothing yet, in WebAssembly. `rest`: all else, by WebCrypto. */
globalThis.measure = async (part) => {
  if (part === "first") {
    await G.init("/slim.wasm", { keyDerivation: "wasm" });
    await atRest();
    const open = () => G.openToken(V1, "encryption-password");
    return { wasm_first: await ms(open), wasm_later: await ms(open) };
  }
  await G.init("/slim.wasm");
  await atRest();
  await bare(100_000);
  await G.sealToken(TOKEN, PASSWORD);
  const seals = [];
  for (let turn = 0; turn < 5; turn += 1) {
    seals.push([await ms(() => bare(600_000)), await ms(() => G.sealToken(TOKEN, PASSWORD, { context: "u1" }))]);
  }
  const middle = (figures) => figures.sort((a, b) => a - b)[2];
  return {
    bare_600k: middle(seals.map(([figure]) => figure)),
    seal_600k: middle(seals.map(([, figure]) => figure)),
    bare_100k: await ms(() => bare(100_000)),
    noble_100k: await ms(() => pbkdf2(sha256, PASSWORD, SALT, { c: 100_000, dkLen: 32 })),
    crypto_js_100k: await ms(cryptoJs),
  };
};
