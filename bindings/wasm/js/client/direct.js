// Direct mode: this client calls FAL itself; the server reserves budget and is told what came of it.
//
// Money decides the order. What FAL has or may have is written down on this device before anything else happens, is
// never submitted again, and stays written down until the server has taken the report.

import { GeneratioError } from "../errors.js";
import { FalClient } from "../fal.js";
import { isWebhook, suggestedFalUrl } from "./address.js";
import { aborted, backoff, codeOf, delay, isTransient } from "./http.js";
import { teller } from "./follow.js";
import { checkedId, getJob, jobOf, outcome } from "./job.js";
import { asked, begin } from "./jobs.js";
import { notSubmitted, openEnd, result, verdict } from "./report.js";
import { object, optional } from "./shape.js";

/** @import { RequestOptions, DirectOptions, Generated, Job, Resumed } from "../client.js" */
/** @import { Completion, GenerateRequest, Submitted } from "../index.js" */
/** @import { UnlockedToken } from "../token.js" */
/** @import { Connection } from "./http.js" */
/** @import { News } from "./follow.js" */
/** @import { Json } from "./shape.js" */
/** @import { Entry } from "./trust.js" */
/** @typedef {{ signal?: AbortSignal, tell: (news: News) => void }} Wait */
/** @typedef {{ job: Job, status: number, endpoint: Json, webhook: string | null, suggested: string | null }} Reserved */

const RECORD = "/api/custom/generate/record";
const path = (/** @type {string} */ job, end = "") => `${RECORD}/${checkedId(job)}${end}`;
/** How often a report is tried before it is left for the next visit. */
const PATIENCE = 6;
/** How long FAL is waited for before that is left for the next visit, in milliseconds. */
const WAIT_MS = 3_600_000;

/**
 * @param {Connection} c
 * @param {GenerateRequest} request
 * @param {UnlockedToken} token
 * @param {DirectOptions} [options]
 * @returns {Promise<Generated>}
 */
export async function generateDirect(c, request, token, options = {}) {
  const { folder, idempotencyKey, signal, onProgress } = options;
  const user = c.user().id;
  /** @type {(value: Json, status: number) => Reserved} */
  const view = ({ job, submit }, status) => {
    const { webhook, fal_url } = object(submit ?? {});
    const endpoint = job.direct?.endpoint;
    return { job: jobOf(c)(job), status, endpoint, webhook: optional(webhook), suggested: optional(fal_url) };
  };
  const call = { idempotencyKey, signal, isWhole: true, view };
  const reserved = await begin(c, RECORD, asked(request, folder), call);
  const { job } = reserved;
  const wait = { signal, tell: teller(job.id, onProgress) };
  // An earlier call with this key, perhaps of another device's, may have submitted it.
  const isRepeated = idempotencyKey !== undefined && reserved.status !== 201;
  if (isRepeated || job.state !== "created") return finishRepeated(c, user, job, token, options.falUrl, wait);
  wait.tell({ state: "created" });
  c.active.add(job.id);
  try {
    const { fal, entry } = await ready(c, user, reserved, request, options);
    const submitted = await submit(c, fal, user, reserved, token, request);
    const taken = { ...entry, submitted };
    // FAL has it now. A device that is full is no reason to lose it.
    await c.trust.keepJob(user, taken).catch(() => {});
    return await finish(c, fal, user, taken, token, wait);
  } finally {
    c.active.delete(job.id);
  }
}

/**
 * Everything that can be refused is, before FAL hears of it; then the reservation is given back. What is well is written
 * down as one that FAL may have from now on.
 *
 * @param {Connection} c
 * @param {string} user
 * @param {Reserved} reserved
 * @param {GenerateRequest} request
 * @param {DirectOptions} options
 */
async function ready(c, user, { job, endpoint, suggested }, request, { falUrl, signal }) {
  try {
    // What FAL is sent is made here, from this package's catalog; the server has to mean the same.
    if (endpoint !== c.catalog().model(request.model)?.endpoint) {
      throw new GeneratioError("server_answer", "The server has another model in mind than this client", {
        details: { reason: "another endpoint" },
      });
    }
    const url = falUrl ?? (suggested === null ? undefined : suggestedFalUrl(c.url, suggested));
    if (signal?.aborted) throw aborted();
    const fal = falAt(c, url);
    /** @type {Entry} */
    const entry = { job: job.id, ...(url !== undefined && { falUrl: url }), submitted: null, at: Date.now() };
    await c.trust.keepJob(user, entry);
    return { fal, entry };
  } catch (error) {
    await report(c, "DELETE", path(job.id)).catch(() => {});
    throw error;
  }
}

/**
 * @param {Connection} c
 * @param {string | undefined} url
 */
function falAt(c, url) {
  return new FalClient({ fetch: c.fetch, catalog: c.catalog(), ...(url !== undefined && { url }) });
}

/**
 * FAL's answer to the request. Not to be aborted: it would not be known whether FAL took it.
 *
 * @param {Connection} c
 * @param {FalClient} fal
 * @param {string} user
 * @param {Reserved} reserved
 * @param {UnlockedToken} token
 * @param {GenerateRequest} request
 */
async function submit(c, fal, user, { job, webhook }, token, request) {
  try {
    return await fal.submit(token, request, isWebhook(c.url, webhook) ? { webhook } : {});
  } catch (error) {
    await reportNotSubmitted(c, user, job.id, error);
    throw error;
  }
}

/**
 * @param {Connection} c
 * @param {string} user
 * @param {string} job
 * @param {unknown} error
 */
async function reportNotSubmitted(c, user, job, error) {
  const [method, end, body] = notSubmitted(error);
  try {
    await report(c, method, path(job, end), body);
    await c.trust.dropJob(user, job);
  } catch {
    // It stays written down as one that may have been submitted.
  }
}

/**
 * Waits for FAL, and reports. What is written down is forgotten when the server has taken the report.
 *
 * @param {Connection} c
 * @param {FalClient} fal
 * @param {string} user
 * @param {Entry} entry
 * @param {UnlockedToken} token
 * @param {Wait} wait
 * @returns {Promise<Generated>}
 */
async function finish(c, fal, user, entry, token, wait) {
  const { job, submitted } = entry;
  c.active.add(job);
  try {
    const told = tellRequest(c, job, submitted);
    // Looked at below, after the wait.
    told.catch(() => {});
    if (!entry.report) {
      entry.report = await awaited(fal, entry, token, wait);
      await c.trust.keepJob(user, entry).catch(() => {});
    }
    const ended = await reported(c, job, async () => {
      await told;
      return report(c, "PUT", path(job, "/result"), entry.report);
    });
    // Told twice is told once.
    await c.trust.dropJob(user, job).catch(() => {});
    wait.tell({ state: ended.state });
    return outcome(ended);
  } finally {
    c.active.delete(job);
  }
}

/**
 * Tells the server which of FAL's requests it is.
 *
 * @param {Connection} c
 * @param {string} job
 * @param {Submitted | null} submitted
 */
async function tellRequest(c, job, submitted) {
  if (!submitted) return;
  const { requestId, statusUrl, responseUrl, cancelUrl } = submitted;
  const body = { request_id: requestId, status_url: statusUrl, response_url: responseUrl, cancel_url: cancelUrl };
  await report(c, "PUT", path(job, "/submitted"), body);
}

/**
 * The report of what FAL made, or of why it made nothing.
 *
 * @param {FalClient} fal
 * @param {Entry} entry
 * @param {UnlockedToken} token
 * @param {Wait} wait
 */
async function awaited(fal, { job, submitted, at = 0 }, token, { signal, tell }) {
  if (!submitted) return openEnd("The client was interrupted while it submitted the request");
  tell({ state: "submitted" });
  /** @type {Completion | null} */
  let completion = null;
  try {
    completion = await fal.wait(token, submitted, {
      ...(signal && { signal }),
      timeoutMs: WAIT_MS,
      onProgress: ({ state, queuePosition = null, logs = [] }) => {
        const phase = state === "completed" ? {} : { phase: state };
        tell({ state: "submitted", ...phase, queuePosition, logs: logs.map(({ message }) => message) });
      },
    });
    return result(await fal.result(token, submitted, signal && { signal }));
  } catch (error) {
    const said = verdict(error, completion, Date.now() - at);
    if (said) return said;
    const { message, status, details } = error instanceof GeneratioError ? error : new GeneratioError("internal", "");
    throw new GeneratioError(codeOf(error), message, { status, details: { .../** @type {object} */ (details), job } });
  }
}

/**
 * A report that is tried again while the server cannot be reached.
 *
 * @param {Connection} c
 * @param {string} method
 * @param {string} route
 * @param {object | string} [body]
 */
async function report(c, method, route, body) {
  for (let failures = 0; ; failures += 1) {
    try {
      return await c.call(method, route, { body, view: jobOf(c) });
    } catch (error) {
      if (!isTransient(error) || failures >= PATIENCE) throw error;
      await delay(backoff(failures));
    }
  }
}

/**
 * The job as the server has it, by our report or by FAL's own (a webhook may have come first).
 *
 * @param {Connection} c
 * @param {string} job
 * @param {() => Promise<Job>} send
 */
async function reported(c, job, send) {
  try {
    return await send();
  } catch (error) {
    const code = codeOf(error);
    if (code === "conflict") {
      const now = await getJob(c, job);
      if (["completed", "failed", "canceled"].includes(now.state)) return now;
    }
    // There is nobody to tell.
    if (code === "not_found") throw error;
    throw new GeneratioError("report_pending", "FAL has done its part; the server could not be told yet", {
      details: { job, cause: code },
    });
  }
}

/**
 * A job that an earlier call reserved: finished if this device knows what it submitted, else shown as it is.
 *
 * @param {Connection} c
 * @param {string} user
 * @param {Job} job
 * @param {UnlockedToken} token
 * @param {string | undefined} falUrl
 * @param {Wait} wait
 */
async function finishRepeated(c, user, job, token, falUrl, wait) {
  const entry = (await c.trust.jobs(user)).find((one) => one.job === job.id);
  return entry ? finish(c, falAt(c, falUrl ?? entry.falUrl), user, entry, token, wait) : outcome(job);
}

/**
 * Finishes what this device left unfinished.
 *
 * @param {Connection} c
 * @param {UnlockedToken} token
 * @param {Omit<DirectOptions, "idempotencyKey" | "folder">} [options]
 * @returns {Promise<Resumed[]>}
 */
export async function resumeDirect(c, token, { falUrl, signal, onProgress } = {}) {
  const user = c.user().id;
  const open = (await c.trust.jobs(user)).filter(({ job }) => !c.active.has(job));
  return Promise.all(
    open.map(async (entry) => {
      const { job } = entry;
      try {
        const wait = { signal, tell: teller(job, onProgress) };
        return { job, outcome: await finish(c, falAt(c, falUrl ?? entry.falUrl), user, entry, token, wait) };
      } catch (error) {
        if (codeOf(error) === "not_found") await c.trust.dropJob(user, job);
        return { job, outcome: { code: codeOf(error), message: error instanceof Error ? error.message : "" } };
      }
    }),
  );
}

/**
 * @param {Connection} c
 * @param {string} job
 * @param {UnlockedToken} token
 * @param {RequestOptions & { falUrl?: string }} [options]
 */
export async function cancelDirect(c, job, token, { falUrl, signal } = {}) {
  const entry = (await c.trust.jobs(c.user().id)).find((one) => one.job === job);
  if (!entry?.submitted) throw new GeneratioError("not_found", "This device knows no such job at FAL");
  return falAt(c, falUrl ?? entry.falUrl).cancel(token, entry.submitted, signal && { signal });
}
