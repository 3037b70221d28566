/**
 * The whole library: the entry `generatio`. All of {@link "./slim.js"}, the catalog of models with exact prices, and a
 * client of FAL's queue.
 *
 * @packageDocumentation
 */

import type { ErrorCode, UnlockedToken } from "./slim.js";

export * from "./slim.js";
export * from "./client.js";

/** What JSON can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue | undefined };

/** Parameters of a request, by name. `null` and `undefined` count as absent. */
export type Parameters = { readonly [name: string]: JsonValue | undefined };

/** What is to be made. */
export interface GenerateRequest {
  /** A name of the catalog, such as `flux/schnell`. */
  readonly model: string;
  /** What to draw: 1 to 5,000 characters, or fewer where the model says so. */
  readonly prompt: string;
  /** What the model takes besides. */
  readonly parameters?: Parameters | undefined;
}

/** What {@link passwordProblem} finds. */
export type PasswordProblem = "password_too_short" | "password_too_long" | "password_common";

/** What is wrong with a new password: 8 to 71 characters, none of those widely used; or null. */
export function passwordProblem(password: string): PasswordProblem | null;

/** The models on offer: the same rules as the server's, by being the same code. */
export class Catalog {
  /**
   * The built-in models, or those with the changes of a catalog file's JSON text (see the server's `--catalog`).
   *
   * @throws {@link GeneratioError} `catalog_malformed`, with line, column and field.
   */
  constructor(json?: string);
  /** All models, in the order of their names. */
  readonly models: readonly Model[];
  /** The model of this name. */
  model(name: string): Model | undefined;
  /**
   * All that is wrong with a request, empty when it can be sent: the model, the prompt, parameters in the model's order.
   *
   * @throws {@link GeneratioError} `argument_type` for what JSON cannot hold.
   */
  validate(model: string, prompt: string, parameters?: Parameters): Problem[];
  /**
   * What a request costs, before it is sent: the most, where the number or size of its images is open.
   *
   * @throws {@link GeneratioError} the first problem's code; `details.problems` has all of them.
   */
  quote(model: string, prompt: string, parameters?: Parameters): Quote;
  /**
   * What a request did cost, now that so many images came and FAL reported these units (see {@link Output}).
   *
   * @throws {@link GeneratioError} as {@link Catalog.quote}.
   */
  charge(request: GenerateRequest, images: number, billableUnits?: string): Charge;
}

/** One thing that is wrong with a request. */
export interface Problem {
  /** For programs. */
  readonly code: ErrorCode;
  /** What it is about: `model`, `prompt`, `parameters.num_images`, `parameters.image_size.width`, … */
  readonly path: string;
  /** For people. */
  readonly message: string;
}

/** A model: enough to build controls from. */
export interface Model {
  /** What requests call it. */
  readonly name: string;
  /** FAL's endpoint id. */
  readonly endpoint: string;
  /** What people call it. */
  readonly displayName: string;
  /** For people. */
  readonly description: string;
  /** Dollars for one image of default size by the catalog's prices, exact decimal text; null where that is open. */
  readonly costPerImage: string | null;
  /** The same by FAL's own prices. */
  readonly falCostPerImage: string | null;
  /** How far `costPerImage` can be trusted. */
  readonly pricing: Certainty;
  /** How long a prompt may be, in characters. */
  readonly prompt: { readonly minLength: number; readonly maxLength: number };
  /** What is made when no size is asked for, if it is known. */
  readonly defaultSize: { readonly width: number; readonly height: number } | null;
  /** The largest image, in megapixels of 1,048,576 pixels. */
  readonly maxMegapixels: number;
  /** The parameter that says how many images each of `num_images` runs may return, if there is one. */
  readonly imagesPerRun: string | null;
  /** What it takes, in the order in which it is shown. */
  readonly parameters: readonly Parameter[];
}

/** What a model takes besides the prompt. */
export interface Parameter {
  /** FAL's name of it. */
  readonly name: string;
  /** `object` is an image size: the name of a preset, or `{width, height}`. */
  readonly type: "array" | "boolean" | "float" | "integer" | "object" | "string";
  /** What FAL assumes when it is absent. */
  readonly default: JsonValue;
  /** For people. */
  readonly description: string;
  /** The least, of numbers; inclusive. */
  readonly min?: number;
  /** The greatest, of numbers; inclusive. */
  readonly max?: number;
  /** Texts that are taken, or presets of an image size. */
  readonly options?: readonly string[];
  /** Whether other texts than the options are taken too. */
  readonly openOptions?: boolean;
  /** Of texts, in characters. */
  readonly maxLength?: number;
  /** What the items of an array are: texts, `{path, scale?}`, or `{r?, g?, b?}`. */
  readonly items?: "string" | "lora_weight" | "rgb_color";
  /** How many items there may be. */
  readonly maxItems?: number;
}

/** How far an amount can be trusted. `unpriced`: there is nothing to reckon with, and the amount is zero. */
export type Certainty = "known" | "estimated" | "unpriced";

/** One account's reckoning. Amounts are exact: decimal text, and nano-dollars. */
export interface Amount {
  /** What `units` counts. */
  readonly unit: "image" | "megapixel" | "compute_second";
  /** How many, decimal text. */
  readonly units: string;
  /** Dollars for one, decimal text. */
  readonly unitPrice: string;
  /** Dollars for all, decimal text. */
  readonly amount: string;
  /** The same in billionths of a dollar, for reckoning on. */
  readonly nanoUsd: bigint;
  /** How far it can be trusted. */
  readonly certainty: Certainty;
}

/** What a request costs before it is sent. */
export interface Quote {
  /** By the catalog's prices. */
  readonly catalog: Amount;
  /** By FAL's own: the bill to expect. */
  readonly fal: Amount;
  /** How many images were asked for. */
  readonly images: number;
}

/** What a request did cost. */
export interface Charge extends Quote {
  /** The units that FAL reported, where they could be read and priced. */
  readonly billableUnits?: string;
}

/**
 * `0.009` of `9000000n`: the shortest exact decimal.
 *
 * @throws {@link GeneratioError} `amount_overflow`, `argument_type`.
 */
export function formatUsd(nanoUsd: bigint): string;

/**
 * `9000000n` of `0.009`.
 *
 * @throws {@link GeneratioError} `amount_malformed`, `amount_overflow`.
 */
export function parseUsd(text: string): bigint;

/** As much of `fetch` as is used. It must follow no redirect and add no credentials. */
export type FetchLike = (input: string, init: RequestInit) => Promise<Response>;

/** Options of {@link FalClient}. */
export interface FalClientOptions {
  /** What sends. Default: the global `fetch`. */
  readonly fetch?: FetchLike;
  /** A stand-in for FAL on this machine, `http://127.0.0.1:9000`: for tests. FAL's own hosts are compiled in. */
  readonly url?: string;
  /** What requests are checked against and priced by. Default: the built-in models. */
  readonly catalog?: Catalog;
}

/** Options of every call. */
export interface CallOptions {
  /** Ends the call with `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may take, retries included, at most a day. Default: a minute. Past it: `fal_timeout`. */
  readonly timeoutMs?: number | undefined;
}

/** Options of {@link FalClient.submit}. */
export interface SubmitOptions extends CallOptions {
  /** An address that FAL calls when it is done. */
  readonly webhook?: string | undefined;
  /** The longest FAL may take to start, in seconds; past it the request fails and costs nothing. At least about one. */
  readonly startTimeoutS?: number | undefined;
}

/** Options of {@link FalClient.wait}, whose time is ten minutes unless told otherwise. */
export interface WaitOptions extends CallOptions {
  /** Gets every change of state or position, and new log lines. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Options of {@link FalClient.generate}; the time is that of waiting. */
export interface GenerateOptions extends WaitOptions, Omit<SubmitOptions, "timeoutMs"> {
  /** Gets what a reload needs to go on, before anything waits; keep it. */
  readonly onSubmitted?: ((submitted: Submitted) => void | Promise<void>) | undefined;
}

/** A request that FAL has taken. Survives JSON, and holds no secret. */
export interface Submitted {
  /** FAL's id of it. */
  readonly requestId: string;
  /** FAL's endpoint id. */
  readonly endpoint: string;
  /** Where its status is. */
  readonly statusUrl: string;
  /** Where its output is. */
  readonly responseUrl: string;
  /** Where it is canceled. */
  readonly cancelUrl: string;
}

/** Where a request stands. */
export interface Progress {
  /** FAL's state of it. */
  readonly state: "queued" | "running" | "completed";
  /** How many are ahead; 0 is next. */
  readonly queuePosition?: number;
  /** New log lines. */
  readonly logs: readonly LogLine[];
}

/** A line that the model logged. */
export interface LogLine {
  /** At most 2,000 characters. */
  readonly message: string;
  /** FAL's level. */
  readonly level: "STDERR" | "STDOUT" | "ERROR" | "INFO" | "WARN" | "DEBUG";
  /** As FAL wrote it. */
  readonly timestamp?: string;
}

/** A request that is over; its result says what came of it. */
export interface Completion {
  /** Whether FAL says that it failed or was canceled. */
  readonly failed: boolean;
  /** FAL's documented type of the failure. */
  readonly errorType?: string;
  /** How long the model ran. */
  readonly inferenceMs?: number;
}

/** What a request gave. */
export interface Output {
  /** At least one. */
  readonly images: readonly OutputImage[];
  /** The seed that was used, decimal text: it goes beyond what numbers tell apart. */
  readonly seed?: string;
  /** Whether each image was flagged; shorter or empty when FAL says less. */
  readonly hasNsfwConcepts: readonly boolean[];
  /** How long the model ran. */
  readonly inferenceMs?: number;
  /** What FAL bills, decimal text. */
  readonly billableUnits?: string;
  /** What it cost; from {@link FalClient.generate} alone, which knows the request. */
  readonly cost?: Charge;
}

/** One image, at FAL. */
export interface OutputImage {
  /** `https`. Public: send no key there. */
  readonly url: string;
  /** Pixels. */
  readonly width?: number;
  /** Pixels. */
  readonly height?: number;
  /** Media type. */
  readonly contentType?: string;
  /** Bytes. */
  readonly fileSize?: number;
}

/**
 * A client of FAL's queue. The key goes to FAL and nowhere else; it follows no redirect. When the token is locked, calls
 * that use it end with `locked`.
 *
 * Errors have FAL's HTTP `status`, if it answered, and in `details` `errorType`, `retryable`, `retryAfterMs` and
 * `problems`, as far as they are known.
 */
export class FalClient {
  /** @throws {@link GeneratioError} `fal_host_refused`, `argument_type`. */
  constructor(options?: FalClientOptions);
  /** What requests are checked against. */
  readonly catalog: Catalog;
  /**
   * Checks and submits a request, for which FAL charges. It is sent again only when FAL certainly did not take it.
   *
   * @throws {@link GeneratioError} what is wrong with it, before anything is sent. Else `details.mayHaveBeenTaken` says
   * whether FAL may have taken it (`fal_interrupted`, `fal_timeout`, `aborted`, …): then do not submit it again.
   */
  submit(token: UnlockedToken, request: GenerateRequest, options?: SubmitOptions): Promise<Submitted>;
  /**
   * Waits until a request is over, well or badly. The request goes on when the wait ends before.
   *
   * @throws {@link GeneratioError} `fal_timeout`, `aborted`, `locked`, or what FAL says when waiting is of no use.
   */
  wait(token: UnlockedToken, submitted: Submitted, options?: WaitOptions): Promise<Completion>;
  /**
   * Fetches the output of a request that is over. FAL keeps it for an hour.
   *
   * @throws {@link GeneratioError} why the request failed; `fal_result_expired` when FAL no longer has it.
   */
  result(token: UnlockedToken, submitted: Submitted, options?: CallOptions): Promise<Output>;
  /** Asks FAL to drop a request. One that already runs may finish all the same, and be charged. */
  cancel(token: UnlockedToken, submitted: Submitted, options?: CallOptions): Promise<"requested" | "already_completed" | "not_found">;
  /**
   * Submits, waits, and fetches the output. When it is aborted or takes too long, FAL is asked to cancel, and
   * `details.submitted` is what {@link FalClient.wait} goes on with.
   */
  generate(token: UnlockedToken, request: GenerateRequest, options?: GenerateOptions): Promise<Output>;
  /**
   * Asks FAL whether it knows the key. Costs nothing.
   *
   * @throws {@link GeneratioError} `fal_key_refused` for a bad key; `fal_access_denied` for one that is not served at
   * present. Other codes say nothing about the key.
   */
  checkKey(token: UnlockedToken, options?: CallOptions): Promise<void>;
}
