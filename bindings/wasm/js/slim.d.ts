/**
 * Sealing of FAL keys under a password, and account secrets: the entry `generatio/slim`. The entry `generatio` has all of
 * this too.
 *
 * @packageDocumentation
 */

/** Where the WebAssembly module comes from, when it does not lie beside this script. */
export type WasmSource = BufferSource | Response | WebAssembly.Module | URL | string;

/** How keys are derived. `auto`: by WebCrypto where there is one, else in WebAssembly. Both give the same bytes. */
export type KeyDerivation = "auto" | "webcrypto" | "wasm";

/** Options of {@link init}. */
export interface InitOptions {
  /**
   * Default: `auto`. `webcrypto` fails with `webcrypto_unavailable` where there is none, as on pages that were not served
   * securely. In WebAssembly a derivation blocks its thread: use a worker.
   */
  readonly keyDerivation?: KeyDerivation;
}

/**
 * Loads the WebAssembly module. Call it once, before anything else; further calls wait for the first and do no more.
 *
 * Without `source` the file beside this script is loaded; in Node it is read. A failed call may be repeated.
 *
 * @throws {@link GeneratioError} `wasm_unavailable`, `webcrypto_unavailable`, `argument_type`.
 */
export function init(source?: WasmSource | Promise<WasmSource>, options?: InitOptions): Promise<void>;

/** Every error of this package. */
export class GeneratioError extends Error {
  /** Makes one, for what stands on this package. */
  constructor(code: ErrorCode | (string & {}), message: string, more?: { readonly status?: number; readonly details?: unknown; readonly cause?: unknown });
  readonly name: "GeneratioError";
  /** For programs: never changes its meaning. Where a server's own code is passed on, it may be another than listed. */
  readonly code: ErrorCode | (string & {});
  /** HTTP status, where an answer of a server's or FAL's was the cause. */
  readonly status?: number;
  /** What else a program may want to know. */
  readonly details?: unknown;
}

/** What {@link GeneratioError.code} says. */
export type ErrorCode =
  /** `init` has not been called, or did not end yet. */
  | "not_initialized"
  /** The WebAssembly module could not be loaded. */
  | "wasm_unavailable"
  /** There is no WebCrypto, and nothing else was wanted. */
  | "webcrypto_unavailable"
  /** An argument is of another type than declared, or a text holds half of a surrogate pair. */
  | "argument_type"
  /** The token was locked. */
  | "locked"
  /** A sealed token is older than the one seen before. */
  | "rolled_back"
  /** The caller's `AbortSignal` fired. */
  | "aborted"
  /** A fault of this package. It works on; unlocked tokens are gone. */
  | "internal"
  /** The host's source of randomness failed. */
  | "random_unavailable"
  /** The text is not a sealed token. */
  | "sealed_token_malformed"
  /** A sealed token or a setting names an iteration count outside the allowed range. */
  | "iterations_out_of_range"
  /** The password is empty. */
  | "password_empty"
  /** The password is longer than allowed. */
  | "password_too_long"
  /** The password does not open the sealed token. */
  | "wrong_password"
  /** The password is right, the sealed bytes were altered or belong to another user. */
  | "sealed_token_damaged"
  /** The token to seal is empty. */
  | "token_empty"
  /** The token to seal is longer than allowed. */
  | "token_too_long"
  /** The context is longer than 256 bytes. */
  | "context_too_long"
  /** A FAL key holds something other than 1 to 4,096 visible ASCII characters. */
  | "fal_key_malformed"
  /** The password is shorter than 8 characters. */
  | "password_too_short"
  /** The password is among the commonly used ones. */
  | "password_common"
  /** The text is not an e-mail address. */
  | "email_malformed"
  /** The text is not a session id. */
  | "session_id_malformed"
  /** No live session has this id, for this user. */
  | "session_not_found"
  /** The store of sessions has no room for another. */
  | "sessions_full"
  /** The catalog has no such model. */
  | "model_unknown"
  /** The prompt is missing or blank. */
  | "prompt_missing"
  /** The prompt is longer than the model or the product allows. */
  | "prompt_too_long"
  /** The prompt is shorter than the model allows. */
  | "prompt_too_short"
  /** The model has no such parameter. */
  | "parameter_unknown"
  /** A parameter has the wrong JSON type. */
  | "parameter_type"
  /** A parameter is outside its range. */
  | "parameter_range"
  /** A parameter is not among its options. */
  | "parameter_option"
  /** A width, height or number of pixels is out of bounds. */
  | "parameter_size"
  /** The parameter exists at FAL and is refused here. */
  | "parameter_refused"
  /** A catalog file is not valid. */
  | "catalog_malformed"
  /** A name is missing or blank. */
  | "name_missing"
  /** A name is longer than 200 characters. */
  | "name_too_long"
  /** The text is not an amount of money or a number of units. */
  | "amount_malformed"
  /** An amount does not fit. */
  | "amount_overflow"
  /** FAL refused the key (401). */
  | "fal_key_refused"
  /** FAL refused access (403): no credit left, or the key may not use this model. */
  | "fal_access_denied"
  /** FAL knows no such application, path or request (404, 405). */
  | "fal_not_found"
  /** FAL refused the input (400, 422). */
  | "fal_input_refused"
  /** FAL asked to slow down (429). */
  | "fal_busy"
  /** FAL or a proxy before it failed (5xx, or an answer that is not FAL's). */
  | "fal_unavailable"
  /** FAL could not be reached; the request certainly never left. */
  | "fal_unreachable"
  /** The connection failed after the request may have left. */
  | "fal_interrupted"
  /** The deadline passed. */
  | "fal_timeout"
  /** FAL's answer does not follow its protocol. */
  | "fal_protocol"
  /** FAL's answer is larger than allowed. */
  | "fal_answer_too_large"
  /** FAL no longer has the result. */
  | "fal_result_expired"
  /** The request was canceled. */
  | "fal_canceled"
  /** An address points away from FAL. */
  | "fal_host_refused"
  /** FAL completed the request without a single picture. */
  | "fal_no_pictures"
  /** No key of FAL's signed this webhook. */
  | "webhook_signature"
  /** FAL signed this webhook too long ago, or a clock is wrong. */
  | "webhook_expired"
  /** The request is not a webhook of FAL's form. */
  | "webhook_malformed";

/** Options of {@link sealToken}. */
export interface SealOptions {
  /** The user's id at the server; the text opens only with the same. Default: empty. At most 256 bytes of UTF-8. */
  readonly context?: string;
  /** PBKDF2 iterations, 600,000 (the default) to 2,000,000. */
  readonly iterations?: number;
}

/** Options of {@link openToken}. */
export interface OpenOptions {
  /** The context it was sealed for. Default: empty. Texts of form v1 know none. */
  readonly context?: string;
  /** Texts of an older form are refused (`rolled_back`). Default: 1. Use 2 once a v2 text has been seen. */
  readonly minVersion?: 1 | 2;
  /** What {@link pinOf} said of the last text seen: any other is refused (`rolled_back`) before a key is derived. */
  readonly pin?: TokenPin;
  /** The most iterations that are run, so that a hostile text does not keep a phone busy. Default: 2,000,000. */
  readonly maxIterations?: number;
}

/** What a client remembers of the last sealed text it saw, per server and user. Holds no secret, and survives JSON. */
export interface TokenPin {
  /** Form of the text. */
  readonly version: 1 | 2;
  /** SHA-256 of the text, hexadecimal. */
  readonly sha256: string;
}

/**
 * Seals a token under a password, as v2 text. WebCrypto derives the key off this thread.
 *
 * @throws {@link GeneratioError} `token_empty`, `token_too_long`, `password_empty`, `password_too_long`,
 * `context_too_long`, `iterations_out_of_range`, `random_unavailable`, `locked`, `argument_type`.
 */
export function sealToken(token: string | UnlockedToken, password: string, options?: SealOptions): Promise<string>;

/**
 * Opens a sealed text, v1 or v2.
 *
 * @throws {@link GeneratioError} `wrong_password`; `sealed_token_malformed` and `iterations_out_of_range`, before a key is
 * derived; `sealed_token_damaged` when the password is right and the bytes were altered or sealed for another context;
 * `rolled_back`, `password_empty`, `password_too_long`, `context_too_long`, `argument_type`.
 */
export function openToken(sealed: string, password: string, options?: OpenOptions): Promise<UnlockedToken>;

/**
 * Opens with one password and seals anew under another, or the same. The token does not leave WebAssembly's memory.
 *
 * @throws {@link GeneratioError} what {@link openToken} and {@link sealToken} throw; the old text is as good as before.
 */
export function resealToken(sealed: string, password: string, newPassword: string, options?: OpenOptions & SealOptions): Promise<string>;

/**
 * What a server is given instead of the password: `g2.` and 43 characters, derived at 600,000 iterations. The e-mail is
 * taken without white space around it and with `A` to `Z` lowered. `realm` keeps one server from replaying it at another.
 *
 * @throws {@link GeneratioError} `password_empty`, `password_too_long`, `argument_type`.
 */
export function accountSecret(email: string, password: string, options?: { readonly realm?: string }): Promise<string>;

/** Whether a text has the shape of an account secret. */
export function isAccountSecret(text: string): boolean;

/**
 * Form and cost of a sealed text, without opening it.
 *
 * @throws {@link GeneratioError} `sealed_token_malformed`, `iterations_out_of_range`.
 */
export function inspectToken(sealed: string): { readonly version: 1 | 2; readonly iterations: number };

/**
 * By what a sealed text is known again.
 *
 * @throws {@link GeneratioError} `sealed_token_malformed`, `iterations_out_of_range`.
 */
export function pinOf(sealed: string): TokenPin;

/**
 * A token in the clear, inside WebAssembly's memory. It shows itself to neither string, JSON nor console.
 *
 * Forgotten ones are wiped some time; {@link UnlockedToken.lock} does it now.
 */
export class UnlockedToken {
  private constructor();
  /**
   * Takes a token that the user typed.
   *
   * @throws {@link GeneratioError} `token_empty`, `token_too_long`, `argument_type`.
   */
  static from(token: string): UnlockedToken;
  /**
   * The token as a string of JavaScript's, which nobody can wipe: only for what cannot take this handle.
   *
   * @throws {@link GeneratioError} `locked`.
   */
  expose(): string;
  /** Wipes it. Calls that use it end with `locked`, and so does every later use. Harmless twice. */
  lock(): void;
  /** Whether it is gone. */
  readonly locked: boolean;
  /** `UnlockedToken { .. }`. */
  toString(): string;
  /** `UnlockedToken { .. }`. */
  toJSON(): string;
  /** Locks it: `using token = await openToken(…)`. Where the engine knows `Symbol.dispose`. */
  [Symbol.dispose](): void;
}
