/**
 * A client of a Generatio server, for programs that do not use the PocketBase SDK.
 *
 * The server is not trusted with more than it needs: the password never leaves this process, what the server says of
 * the sealed token is held against what was seen before, and addresses it hands out are checked before they are given
 * to the caller. Every refusal is a `GeneratioError` with a `code`.
 */

import type {
  Amount,
  Certainty,
  ErrorCode,
  FetchLike,
  GenerateRequest,
  JsonValue,
  Model,
  Parameters,
  UnlockedToken,
} from "./index.js";

/** How a client is made. */
export interface ClientOptions {
  /**
   * Where the server is: an `http` or `https` address, with the path it is mounted under, if any.
   * Default: the page's origin; outside of browsers there is none, and it must be given.
   */
  url?: string;
  /** Default: the global `fetch`. */
  fetch?: FetchLike;
  /**
   * Goes into every account secret, so that a server cannot use one that it was given to log in at another. It is part
   * of the account: whoever logs in must use the realm that the account was made with. Default: empty.
   */
  realm?: string;
  /** Where pins and unreported direct jobs are kept. Default: `localStorage` where there is one, else memory. */
  trust?: TrustStore;
  /** Somebody who is signed in already: what {@link GeneratioClient.auth} said earlier. */
  auth?: Auth | null;
  /** A session that was started earlier: what {@link GeneratioClient.session} said. */
  session?: Session | null;
  /** How long a call may take, in milliseconds. Event streams take as long as the job. Default: 30,000. */
  timeoutMs?: number;
}

/** Keeps texts under keys. Holds no secret, but forgetting it forgets what protects against an old sealed text. */
export interface TrustStore {
  /** The text under `key`, if any. */
  get(key: string): string | null | undefined | Promise<string | null | undefined>;
  /** Puts `value` in the place of what was there. */
  set(key: string, value: string): void | Promise<void>;
}

/** What every call takes. */
export interface RequestOptions {
  /** Ends the wait with `aborted`. What the server has begun goes on. */
  signal?: AbortSignal;
}

/** Somebody who is signed in. `token` is a secret: it acts as the user until it expires or the password changes. */
export interface Auth {
  /** The server's token for this account (a JWT). */
  readonly token: string;
  /** Who it is. */
  readonly user: User;
}

/** An account. */
export interface User {
  /** 15 characters, given by the server. Sealed tokens are bound to it. */
  readonly id: string;
  /** The address as it was typed at login: the server's word for it is never used to derive a secret. */
  readonly email: string;
  /** As the user wishes to be called; may be empty. */
  readonly name: string;
}

/** A session: the server holds the FAL key, sealed under this id. `id` is a secret. */
export interface Session {
  readonly id: string;
  /** RFC 3339; empty when the server did not say (after a login). */
  readonly expiresAt: string;
}

/** Who may see the FAL key. */
export type Custody = "password" | "sealed" | "direct";

/** Who sealed the stored token: the server under the account secret, or a client under the password. */
export type StoredCustody = "password" | "client";

/** What a server offers. */
export interface ServerStatus {
  /** The custody modes it allows. */
  readonly custody: readonly Custody[];
  /** Whose prices its accounts follow. */
  readonly prices: "catalog" | "fal";
  /** Who may make an account: everybody, who was invited, or nobody. */
  readonly registration: "open" | "invite" | "closed";
}

/** What came of a login. */
export interface LoggedIn {
  readonly user: User;
  /** Started by the login itself where the server keeps the token under the account secret; else `null`. */
  readonly session: Session | null;
  /** Who sealed the stored token; `null` when there is none. */
  readonly custody: StoredCustody | null;
  /** The server's word for it, for people. */
  readonly message: string;
}

/** What became of the stored token when the password or the address changed. */
export type Carried =
  /** There was none. */
  | "none"
  /** Sealed anew here, and sent along. */
  | "resealed"
  /** The old password does not open it; it was sent along unchanged and still opens with its own password. */
  | "unchanged"
  /** Left to the server, which had sealed it. */
  | "server";

/** Whether there is a stored token and a session. */
export interface TokenStatus {
  readonly hasToken: boolean;
  readonly custody: StoredCustody | null;
  readonly hasActiveSession: boolean;
  readonly requiresLogin: boolean;
}

/** A session in the list of all that are live. `handle` names it and opens nothing. */
export interface SessionEntry {
  readonly handle: string;
  readonly label: string;
  readonly created: string;
  readonly expiresAt: string;
  /** Whether it is the one in use here. */
  readonly isCurrent: boolean;
}

/** An amount of US dollars, exact. */
export interface Money {
  /** Shortest decimal: `0.009`. */
  readonly amount: string;
  /** The same in nano-dollars: `9000000n`. */
  readonly nanoUsd: bigint;
}

/** Where a job stands. The last three but `unknown` are final; nobody knows whether an `unknown` one was run. */
export type JobState = "created" | "submitting" | "submitted" | "unknown" | "completed" | "failed" | "canceled";

/** A job. */
export interface Job {
  readonly id: string;
  readonly state: JobState;
  readonly model: string;
  /** Empty unless it is completed. */
  readonly images: readonly JobImage[];
  /** What the account was charged; `null` before. */
  readonly cost: Money | null;
  readonly certainty: Certainty;
  /** What is held of the budget; `null` once it is over. */
  readonly held: Money | null;
  /** Since when its owner wants it stopped, as long as it is not. */
  readonly cancelAsked: string | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
  /** Who runs it. */
  readonly source: "server" | "direct";
  /** Who said what came of it. */
  readonly reportedBy: "server" | "client" | "webhook" | null;
  readonly created: string;
  readonly updated: string;
}

/** A picture of a job. */
export interface JobImage {
  /** Its record: see {@link Pictures.get}. */
  readonly id: string;
  /** `null` when the address was refused: see {@link RefusedAddress}. */
  readonly url: string | null;
  readonly refused: readonly RefusedAddress[];
}

/**
 * An address that is not shown because it leads neither to FAL's picture hosts over `https` nor to the server's own
 * files. One bad address does not take the others of a list with it.
 */
export interface RefusedAddress {
  readonly field: "url" | "fileUrl" | "thumbnailUrl";
  readonly code: "untrusted_address";
}

/** Something happened to a job. */
export interface JobProgress {
  /** The job's id. */
  readonly job: string;
  readonly state: JobState;
  /** What FAL does with it; `null` when it has not said. */
  readonly phase: "queued" | "running" | null;
  /** How many are before it in FAL's queue; `null` when it is not there. */
  readonly queuePosition: number | null;
  /** New lines of FAL's log since the last call. */
  readonly logs: readonly string[];
  /** Milliseconds since the wait began. */
  readonly elapsedMs: number;
  /** Whether the stream broke and is being taken up again. */
  readonly reconnecting: boolean;
}

/** How a generation is followed. */
export interface JobOptions extends RequestOptions {
  /**
   * Names the request: repeated with the same key it leads to the same job and is paid for once. Default: a new random
   * one, which covers the client's own retries. At most 255 visible ASCII characters.
   */
  idempotencyKey?: string;
  /** Where the pictures go. */
  folder?: string;
  /** Called for each change, first when the server has taken the job. What it throws is ignored. */
  onProgress?: (progress: JobProgress) => void;
}

/** How a generation without the server's help is run. */
export interface DirectOptions extends JobOptions {
  /**
   * FAL's hosts are compiled in. A loopback address is taken in their place, for a stand-in. Without it the server's
   * suggestion is followed only where it is loopback and the page (outside of browsers: the server) is, too; otherwise a
   * suggestion is refused (`fal_host_refused`) before anything is submitted.
   */
  falUrl?: string;
}

/** What came of a generation. */
export interface Generated {
  readonly job: Job;
  readonly images: readonly JobImage[];
}

/** What came of a direct job that was left unfinished. */
export interface Resumed {
  /** The job's id. */
  readonly job: string;
  /** The job where it is over and reported, else why it is not. */
  readonly outcome: Generated | GeneratioFailure;
}

/** A failure as a value. */
export interface GeneratioFailure {
  readonly code: string;
  readonly message: string;
}

/** What a generation would cost, by the server. Spends nothing. */
export interface ServerEstimate {
  /** In the account's prices. */
  readonly cost: Money;
  readonly certainty: Certainty;
  /** By the catalog's prices, and by FAL's own: the bill to expect. */
  readonly quote: { readonly catalog: Amount; readonly fal: Amount };
  /** What the budget says of it; `null` without one. */
  readonly budget: {
    readonly basis: "fal" | "account";
    /** The least that is left of any period; `null` without a limit. */
    readonly remaining: Money | null;
    readonly allowed: boolean;
    readonly warning: boolean;
  } | null;
}

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly page: number;
  readonly perPage: number;
  /** `null` when it was not asked for. */
  readonly totalItems: number | null;
  readonly totalPages: number | null;
}

/** A part of a list that goes on at a cursor. */
export interface CursorPage<T> {
  readonly items: readonly T[];
  /** Where the next part begins; `null` on the last. */
  readonly next: string | null;
}

/** A picture. */
export interface Picture {
  readonly id: string;
  readonly title: string;
  readonly prompt: string;
  readonly model: string;
  /** Where FAL keeps it, for as long as FAL does. */
  readonly url: string | null;
  /** The server's own copy, if it keeps one. */
  readonly fileUrl: string | null;
  /** A preview of at most 512 pixels, if it keeps one. */
  readonly thumbnailUrl: string | null;
  /** Which of the three were refused. */
  readonly refused: readonly RefusedAddress[];
  readonly width: number | null;
  readonly height: number | null;
  /** What it was made with, to use again. */
  readonly parameters: Parameters;
  /** Decimal text: seeds may be larger than what a number holds. */
  readonly seed: string | null;
  readonly cost: Money | null;
  /** What FAL calls the request. */
  readonly requestId: string;
  /** Its place among those of its job. */
  readonly batchNumber: number;
  readonly folder: string | null;
  readonly created: string;
  readonly updated: string;
  /** Since when it is in the trash; `null` when it is not. */
  readonly deletedAt: string | null;
}

/** Which pictures. */
export interface PictureQuery extends RequestOptions {
  /** From 1. */
  page?: number;
  /** 1 to 200. Default: 30. */
  perPage?: number;
  /** Words in prompts and titles. */
  search?: string;
  /** Those in this folder; `null`: those in none. Default: all. */
  folder?: string | null;
  /** Those in the trash instead of those that are not. */
  trashed?: boolean;
  model?: string;
  /** Default: `-created`, newest first. */
  sort?: "-created" | "created" | "title" | "-title";
  /** Whether to count them all. Lists without it are quicker. Default: false. */
  totals?: boolean;
}

/** The user's pictures. */
export interface Pictures {
  list(query?: PictureQuery): Promise<Page<Picture>>;
  get(id: string, options?: RequestOptions): Promise<Picture>;
  /** Changes what is given. `folder: null` takes it out of its folder. */
  update(id: string, change: { title?: string; folder?: string | null }, options?: RequestOptions): Promise<Picture>;
  move(id: string, folder: string | null, options?: RequestOptions): Promise<Picture>;
  /** Puts it into the trash. */
  trash(id: string, options?: RequestOptions): Promise<Picture>;
  /** Takes it out of the trash. */
  restore(id: string, options?: RequestOptions): Promise<Picture>;
  /** Deletes it for good. What it cost stays spent. */
  delete(id: string, options?: RequestOptions): Promise<void>;
}

/** A folder. */
export interface Folder {
  readonly id: string;
  readonly name: string;
  readonly parent: string | null;
  readonly private: boolean;
  readonly created: string;
  readonly updated: string;
  readonly deletedAt: string | null;
}

/** The user's folders. */
export interface Folders {
  /** All of them, by name. */
  list(query?: RequestOptions & { trashed?: boolean }): Promise<readonly Folder[]>;
  create(name: string, parent?: string | null, options?: RequestOptions): Promise<Folder>;
  /** Changes what is given. `parent: null` moves it to the top. */
  update(
    id: string,
    change: { name?: string; parent?: string | null; private?: boolean },
    options?: RequestOptions,
  ): Promise<Folder>;
  trash(id: string, options?: RequestOptions): Promise<Folder>;
  restore(id: string, options?: RequestOptions): Promise<Folder>;
  delete(id: string, options?: RequestOptions): Promise<void>;
}

/** What the user likes to use with a model. */
export interface Preferences {
  /** `null` when nothing was saved. */
  load(model: string, options?: RequestOptions): Promise<{ readonly [name: string]: JsonValue } | null>;
  /** Replaces what was saved. At most 64 KiB of JSON. */
  save(model: string, preferences: { readonly [name: string]: JsonValue }, options?: RequestOptions): Promise<void>;
}

/** What a job was charged. */
export interface LedgerEntry {
  readonly id: string;
  readonly job: string;
  readonly model: string;
  readonly images: number;
  /** What the account was charged. */
  readonly account: Amount;
  /** The same in FAL's own prices. */
  readonly fal: Amount;
  /** FAL's own count, as text; `null` when it did not say. */
  readonly billableUnits: string | null;
  readonly reportedBy: "server" | "client" | "webhook";
  readonly quoted: Money;
  readonly created: string;
}

/** Which charges, newest first. */
export interface LedgerQuery extends RequestOptions {
  /** RFC 3339, included. */
  from?: string;
  /** RFC 3339, excluded. */
  to?: string;
  model?: string;
  folder?: string;
  /** 1 to 200. Default: 50. */
  limit?: number;
  /** {@link CursorPage.next} of the part before. */
  cursor?: string;
}

/** Spending over time, ready to plot. */
export interface Series {
  readonly bucket: "day" | "week" | "month";
  /** Where each bucket begins (UTC). */
  readonly buckets: readonly string[];
  /** End of the last. */
  readonly to: string;
  readonly lines: readonly SeriesLine[];
}

/** A value for each bucket. */
export interface SeriesLine {
  /** `null` for all models together. */
  readonly model: string | null;
  readonly amount: readonly Money[];
  /** The same in FAL's own prices. */
  readonly falAmount: readonly Money[];
  readonly images: readonly number[];
}

/** Which series. */
export interface SeriesQuery extends RequestOptions {
  /** Default: `day`. */
  bucket?: "day" | "week" | "month";
  /** A line for each model instead of one for all. */
  byModel?: boolean;
  from?: string;
  to?: string;
}

/** Sums over all that was ever charged; deleted pictures count. */
export interface Stats {
  readonly totalSpent: Money;
  readonly totalImages: number;
  /** Of the last 30 days. */
  readonly recentSpending: Money;
  readonly averageCost: Money;
  readonly falSpent: Money;
  readonly falRecentSpending: Money;
  /** What this month (UTC) will come to at the pace of late. */
  readonly monthForecast: Money;
}

/** One limit and what counts against it. */
export interface BudgetLimit {
  readonly limit: Money;
  readonly spent: Money;
  /** By jobs that are not over. */
  readonly held: Money;
  readonly remaining: Money;
  readonly warning: boolean;
  /** When the next period begins; `null` for the total. */
  readonly resets: string | null;
}

/** What the user lets themselves spend. */
export interface BudgetView {
  /** In whose prices it counts. */
  readonly basis: "fal" | "account";
  /** From which part of a limit on there are warnings. */
  readonly warnPercent: number;
  readonly day: BudgetLimit | null;
  readonly month: BudgetLimit | null;
  readonly total: BudgetLimit | null;
  readonly updated: string | null;
}

/** A new budget. What is left out is unlimited. */
export interface NewBudget {
  /** Dollars as decimal text (`"5"`, `"0.25"`), or nano-dollars. */
  day?: string | bigint | null;
  month?: string | bigint | null;
  total?: string | bigint | null;
  /** Default: `fal`. */
  basis?: "fal" | "account";
  /** 1 to 100. Default: 80. */
  warnPercent?: number;
}

/** The user's budget. */
export interface Budget {
  get(options?: RequestOptions): Promise<BudgetView>;
  /** Replaces all of it. Running jobs are not disturbed. */
  set(budget: NewBudget, options?: RequestOptions): Promise<BudgetView>;
}

/** What was asked to be canceled, and what came of that. */
export interface Canceled {
  /** `null` while that is still open. */
  readonly stopped: boolean | null;
  readonly charged: Money | null;
  readonly job: Job;
}

/** The user's jobs. */
export interface Jobs {
  /** Newest first. */
  list(
    query?: RequestOptions & {
      state?: JobState;
      source?: "server" | "direct";
      /** Those that are not over. */
      open?: boolean;
      /** 1 to 200. Default: 50. */
      limit?: number;
      cursor?: string;
    },
  ): Promise<CursorPage<Job>>;
  get(id: string, options?: RequestOptions): Promise<Job>;
  /** Waits for a job, e.g. after a reload; as {@link GeneratioClient.generate} does. */
  follow(id: string, options?: Pick<JobOptions, "signal" | "onProgress">): Promise<Generated>;
  /** Stops a job that the server runs, as far as FAL still can. Takes a session. */
  cancel(id: string, options?: RequestOptions): Promise<Canceled>;
  /** Ends an `unknown` job by the user's word. */
  resolve(id: string, outcome: "charged" | "not_charged", options?: RequestOptions): Promise<Job>;
}

/** The user's sessions. */
export interface Sessions {
  /** Oldest first. */
  list(options?: RequestOptions): Promise<readonly SessionEntry[]>;
  /** Ends one of the list. */
  end(handle: string, options?: RequestOptions): Promise<void>;
}

/**
 * Codes of this client's own, beside those of the package and the server's (`validation_error`,
 * `authentication_error`, `authorization_error`, `not_found`, `budget_exceeded`, `conflict`, `rate_limit_error`,
 * `external_error`, `internal_error`; with `status`, and `details.retryAfter` in seconds where the server said so).
 *
 * | code | |
 * |---|---|
 * | `server_unreachable` | the request failed, and may have arrived |
 * | `server_timeout` | no answer in time |
 * | `server_answer` | the answer is not what this API says; `details.reason` |
 * | `redirect_refused` | the server wanted to send the request elsewhere |
 * | `not_signed_in` | log in first |
 * | `session_required` | there is no session, or none any more (they end with a restart of the server): start one |
 * | `consent_required` | see {@link GeneratioClient.moveAccount} |
 * | `password_in_clear_refused` | this account is known to use an account secret: nobody has a reason to ask for the password |
 * | `account_changed` | the server speaks of another account than the one that is signed in |
 * | `custody_refused` | the server does not allow this custody mode, or the stored token is in another; `details.custody` |
 * | `rolled_back` | not the sealed text seen last; `details.reason`: `older_version`, `other_text`, `pin_unreadable` |
 * | `trust_unavailable` | the {@link TrustStore} failed; nothing is done that relies on it |
 * | `job_failed`, `job_canceled`, `job_unknown` | what became of the job; `details.job` |
 * | `report_pending` | paid for, and not reported yet: {@link GeneratioClient.resumeDirect} does; `details.job` |
 */
export type ClientErrorCode =
  | ErrorCode
  | "server_unreachable"
  | "server_timeout"
  | "server_answer"
  | "redirect_refused"
  | "not_signed_in"
  | "session_required"
  | "consent_required"
  | "password_in_clear_refused"
  | "account_changed"
  | "custody_refused"
  | "untrusted_address"
  | "trust_unavailable"
  | "job_failed"
  | "job_canceled"
  | "job_unknown"
  | "report_pending";

/**
 * A client of one server, for one user at a time. `init` of this package comes first.
 *
 * It prints, inspects and serializes without its secrets. They leave it by {@link auth} and {@link session} alone.
 */
export class GeneratioClient {
  /** Throws `argument_type` for an address that is none. */
  constructor(options?: ClientOptions);

  /** Where the server is, without a slash at the end. */
  readonly url: string;
  readonly pictures: Pictures;
  readonly folders: Folders;
  readonly preferences: Preferences;
  readonly budget: Budget;
  readonly jobs: Jobs;
  readonly sessions: Sessions;

  /** Who is signed in: to be kept by the caller, and given back to a later client. A secret. */
  get auth(): Auth | null;
  set auth(auth: Auth | null);
  /** The session in use: likewise. */
  get session(): Session | null;
  set session(session: Session | null);

  /** What the server offers. */
  status(options?: RequestOptions): Promise<ServerStatus>;

  // ---- account

  /**
   * Makes an account and signs in. The server is given the account secret, never the password. Where it takes who was
   * invited, `invitation` is the code of that.
   * Codes: `password_too_short`, `password_too_long`, `password_common`, and the server's.
   */
  register(
    account: { email: string; password: string; name?: string; invitation?: string },
    options?: RequestOptions,
  ): Promise<LoggedIn>;

  /**
   * Signs in with the account secret. Nothing the server answers makes this client send the password: an account that
   * was made with a plain one is `authentication_error` here; see {@link moveAccount}.
   */
  login(email: string, password: string, options?: RequestOptions): Promise<LoggedIn>;

  /** Asks for a newer token. `account_changed` if the server names somebody else. */
  refresh(options?: RequestOptions): Promise<Auth>;

  /** Ends the session in use, and forgets it and the token, whether or not the server can be reached. */
  logout(options?: RequestOptions): Promise<void>;

  /** Another name to be called by. */
  rename(name: string, options?: RequestOptions): Promise<User>;

  /**
   * Another password. A token that a client sealed is sealed anew in the same request. Ends every login and session of
   * the account; this client is signed in anew.
   */
  changePassword(
    oldPassword: string,
    newPassword: string,
    options?: RequestOptions,
  ): Promise<{ readonly token: Carried }>;

  /** Another address, which takes another account secret; else as {@link changePassword}. */
  changeEmail(newEmail: string, password: string, options?: RequestOptions): Promise<{ readonly token: Carried }>;

  /** Deletes the account with everything in it, after the server has confirmed the password. */
  deleteAccount(password: string, options?: RequestOptions): Promise<void>;

  /**
   * Moves an account that was made with a plain password over to an account secret. **This is the one call that sends
   * the password itself**: to log in, and as the old one in the request that changes it at once. The server has known it
   * since the account was made, so that a `newPassword` is the better choice, above all where it also seals a FAL key.
   *
   * Explain that to the user first; `consent: true` says that they agreed, else `consent_required`. Refused with
   * `password_in_clear_refused` where this device has seen the account use an account secret: nobody honest asks for
   * the password again. Only after the user has learnt from the operator, by another way, that the password was reset,
   * {@link forgetAccount} lifts that.
   */
  moveAccount(
    email: string,
    plainPassword: string,
    options: RequestOptions & { consent: true; newPassword?: string },
  ): Promise<LoggedIn & { readonly token: Carried }>;

  /** Forgets that this account uses an account secret. See {@link moveAccount}. */
  forgetAccount(email: string): Promise<void>;

  // ---- the FAL key

  /**
   * Seals and stores a FAL key, after the server has confirmed the account's `password`. Ends every session.
   *
   * `sealed` and `direct`: sealed here, under the password and for this user; the server gets the sealed text and never
   * the password. `password`: the server gets the key and seals it under the account secret, so that the password stays
   * here all the same; refused with `custody_refused` before the key is sent where the server does not offer that.
   */
  storeToken(
    token: string | UnlockedToken,
    password: string,
    options: RequestOptions & { custody: Custody },
  ): Promise<void>;

  /**
   * Opens the stored token, if a client sealed it (else `custody_refused`). Before any key is derived it is held against
   * what this device saw last: a text of an older form, or any other text, is `rolled_back`; see
   * {@link acceptStoredToken}. Iterations below 600,000 or above 2,000,000 are `iterations_out_of_range`.
   */
  openStoredToken(password: string, options?: RequestOptions): Promise<UnlockedToken>;

  /**
   * The same where the user says that they changed it on another device: another text is taken if it is not of an older
   * form and opens with the password, and is remembered from then on.
   */
  acceptStoredToken(password: string, options?: RequestOptions): Promise<UnlockedToken>;

  tokenStatus(options?: RequestOptions): Promise<TokenStatus>;

  /** Removes the stored token, and ends every session. */
  removeToken(options?: RequestOptions): Promise<void>;

  /**
   * Starts a session, so that the server can run jobs. With a password: the account secret opens a token that the server
   * sealed; one that a client sealed is opened here and handed over. With a token: that is handed over.
   */
  createSession(by: { password: string } | { token: UnlockedToken }, options?: RequestOptions): Promise<Session>;

  /** Ends the session in use. */
  endSession(options?: RequestOptions): Promise<void>;

  // ---- generation

  /** The models of this package's own catalog: the server's word for what they cost is not asked. */
  models(): readonly Model[];

  /** What it would cost, and what the budget says. */
  estimate(request: GenerateRequest, options?: RequestOptions & { folder?: string }): Promise<ServerEstimate>;

  /**
   * Has the server make pictures, and waits for them. Takes a session. A broken connection is taken up again; the
   * request is paid for once. Aborting ends the wait and not the job: {@link Jobs.cancel} does.
   *
   * Codes: `session_required`, `budget_exceeded`, `validation_error`, `job_failed`, `job_canceled`, `job_unknown` …
   */
  generate(request: GenerateRequest, options?: JobOptions): Promise<Generated>;

  /**
   * Makes pictures at FAL itself; the server reserves budget and is told what came of it, and never sees the key.
   *
   * FAL's request id is kept on this device before anything waits, so that {@link resumeDirect} finishes what an abort,
   * a reload or a lost connection left. Whatever may have been submitted is not submitted again.
   */
  generateDirect(request: GenerateRequest, token: UnlockedToken, options?: DirectOptions): Promise<Generated>;

  /** Finishes and reports what earlier calls of {@link generateDirect} on this device left unfinished. */
  resumeDirect(
    token: UnlockedToken,
    options?: Omit<DirectOptions, "idempotencyKey" | "folder">,
  ): Promise<readonly Resumed[]>;

  /** Asks FAL to stop a direct job of this device. Who waits for it learns what came of that. */
  cancelDirect(
    job: string,
    token: UnlockedToken,
    options?: RequestOptions & { falUrl?: string },
  ): Promise<"requested" | "already_completed" | "not_found">;

  // ---- money

  ledger(query?: LedgerQuery): Promise<CursorPage<LedgerEntry>>;
  series(query?: SeriesQuery): Promise<Series>;
  stats(options?: RequestOptions): Promise<Stats>;

  /** `GeneratioClient { url, user }`, without secrets. */
  toString(): string;
  toJSON(): { readonly url: string; readonly user: string | null };
}
