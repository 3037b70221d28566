// Loading of the WebAssembly modules, and which of them works.

import { Engine, importsOf } from "./engine.js";
import { GeneratioError, wrongType } from "./errors.js";

/** @import { InitOptions, KeyDerivation, WasmSource } from "./slim.js" */
/** @import { Kind } from "./engine.js" */

/** @type {Map<Kind, Promise<void>>} what is loaded or on its way */
const loads = new Map();
/** @type {Engine | undefined} */
let engine;
/** @type {KeyDerivation} */
let derivation = "auto";

const DERIVATIONS = ["auto", "webcrypto", "wasm"];

/** The instance that works. */
export function current() {
  if (engine === undefined) {
    throw new GeneratioError("not_initialized", "generatio is not loaded yet: call `await init()` once, before anything else");
  }
  return engine;
}

/** How keys are derived, as `init` was told. */
export const chosenDerivation = () => derivation;

/** Whether WebCrypto derives them. */
export const derivesOutside = () => derivation === "webcrypto" || (derivation === "auto" && hasWebCrypto());

/** Whether this environment has WebCrypto's key derivation: pages that were not served securely lack it. */
export const hasWebCrypto = () => typeof globalThis.crypto?.subtle?.deriveBits === "function";

/**
 * Loads a kind of module, once.
 *
 * @param {Kind} kind
 * @param {WasmSource | Promise<WasmSource> | undefined} source
 * @param {InitOptions} options
 */
export function load(kind, source, options) {
  let loading = loads.get(kind);
  if (loading === undefined) {
    loading = start(kind, source, options);
    loads.set(kind, loading);
    // What failed may be tried again.
    loading.catch(() => loads.delete(kind));
  }
  return loading;
}

/**
 * @param {Kind} kind
 * @param {WasmSource | Promise<WasmSource> | undefined} source
 * @param {InitOptions} options
 */
async function start(kind, source, options) {
  const wanted = options.keyDerivation ?? "auto";
  if (!DERIVATIONS.includes(wanted)) throw wrongType("keyDerivation", "auto, webcrypto or wasm");
  if (wanted === "webcrypto" && !hasWebCrypto()) {
    throw new GeneratioError("webcrypto_unavailable", "there is no WebCrypto here: browsers lend it to pages from https and localhost only");
  }
  const module = await moduleFrom(kind, source);
  const loaded = await instantiated(kind, module);
  // The larger module can do all that the smaller one can.
  if (engine === undefined || kind.isFull) engine = loaded;
  derivation = wanted;
  // Before the first derivation, so that the engine optimises it meanwhile.
  if (!derivesOutside()) loaded.call((glue) => glue.warmUp());
}

/**
 * @param {Kind} kind
 * @param {WebAssembly.Module} module
 */
async function instantiated(kind, module) {
  try {
    const instance = await WebAssembly.instantiate(module, importsOf(kind));
    return new Engine(kind, module, instance);
  } catch (cause) {
    throw unavailable("the WebAssembly module is not the one of this version of generatio", cause);
  }
}

/**
 * @param {Kind} kind
 * @param {WasmSource | Promise<WasmSource> | undefined} given
 * @returns {Promise<WebAssembly.Module>}
 */
async function moduleFrom(kind, given) {
  const source = (await given) ?? kind.url();
  try {
    if (source instanceof WebAssembly.Module) return source;
    if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return await WebAssembly.compile(source);
    if (typeof Response === "function" && source instanceof Response) return await fromResponse(source);
    if (source instanceof URL || typeof source === "string") return await fromUrl(resolved(source));
  } catch (cause) {
    if (cause instanceof GeneratioError) throw cause;
    throw unavailable("the WebAssembly module could not be loaded", cause);
  }
  throw wrongType("source", "bytes, a Response, a WebAssembly.Module or a URL");
}

/** @param {URL | string} source */
function resolved(source) {
  return new URL(source, globalThis.document?.baseURI ?? globalThis.location?.href);
}

/** @param {URL} url */
async function fromUrl(url) {
  if (url.protocol === "file:" && isNode()) {
    return WebAssembly.compile(await fileOf(url));
  }
  return fromResponse(await fetch(url));
}

const isNode = () => /** @type {{ process?: { versions?: { node?: string } } }} */ (globalThis).process?.versions?.node !== undefined;

/**
 * Node's `fetch` knows no files. Bundlers must not follow this import.
 *
 * @param {URL} url
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function fileOf(url) {
  const name = "node:fs/promises";
  const { readFile } = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  return readFile(url);
}

/** @param {Response} response */
async function fromResponse(response) {
  if (!response.ok) throw unavailable(`the WebAssembly module was answered with HTTP status ${response.status}`);
  // Servers that do not know the type are common; the streaming compiler refuses them.
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("application/wasm")) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/**
 * @param {string} message
 * @param {unknown} [cause]
 */
function unavailable(message, cause) {
  return new GeneratioError("wasm_unavailable", message, cause === undefined ? {} : { cause });
}
