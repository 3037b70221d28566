// Direct mode: this client calls FAL itself; the server reserves budget and is told what came of it.
//
// Money decides the order. What FAL has or may have is written down on this device before anything else happens, is
// never submitted again, and stays written down until the server has taken the report.

import { GeneratioError } from "../errors.js";
import { FalClient } from "../fal.js";
import { isWebhook, suggestedFalUrl } from "./address.js";
import { backoff, delay, isTransient } from "./http.js";
import { asked, begin, checkedId, cursorPage, getJob, jobOf, outcome, teller } from "./jobs.js";
import { object, optional, text } from "./shape.js";

const RECORD = "/api/custom/generate/record";
const path = (job, end = "") => `${RECORD}/${checkedId(job)}${end}`;
/** How often a report is tried before it is left for the next visit. */
const PATIENCE = 6;
/** What FAL says of the request itself; anything else leaves open what becomes of it. */
const VERDICTS = ["fal_input_refused", "fal_no_pictures", "fal_canceled", "fal_result_expired"];

export async function generateDirect(c, request, token, options = {}) {
  const { folder, idempotencyKey, signal, onProgress } = options;
  const user = c.user().id;
  const view = (value, status) => ({ job: jobOf(c)(value.job), status, endpoint: value.job.direct?.endpoint, ...submitOf(value) });
  const reserved = await begin(c, RECORD, asked(request, folder), { idempotencyKey, signal, view });
  const { job } = reserved;
  const tell = teller(job.id, onProgress);
  // An earlier call with this key, perhaps of another device's, may have submitted it.
  const repeated = idempotencyKey !== undefined && reserved.status !== 201;
  if (repeated || job.state !== "created") return repeatedJob(c, user, job, token, { ...options, tell });
  tell({ state: "created" });
  const { fal, falUrl } = await ready(c, job.id, reserved, request, options);
  await c.trust.keepJob(user, { job: job.id, falUrl, submitted: null });
  const entry = { job: job.id, falUrl, submitted: await submit(c, fal, user, job.id, token, request, reserved.webhook) };
  await c.trust.keepJob(user, entry);
  return finish(c, fal, user, entry, token, { signal, tell });
}

/** What the server says of submitting. What FAL is sent is made here, from this package's catalog. */
function submitOf({ submit }) {
  if (submit == null) return {};
  const { webhook, fal_url } = object(submit);
  return { webhook: optional(webhook), suggested: optional(fal_url) };
}

/** Everything that can be refused is, before FAL hears of it; then the reservation is given back. */
async function ready(c, job, { endpoint, suggested }, request, { falUrl, signal }) {
  try {
    const ours = c.catalog().model(request.model)?.endpoint;
    if (endpoint !== ours) {
      throw new GeneratioError("server_answer", "The server has another model in mind than this client", {
        details: { reason: "another endpoint" },
      });
    }
    const url = falUrl ?? (suggested === null || suggested === undefined ? undefined : suggestedFalUrl(c.url, suggested));
    if (signal?.aborted) throw new GeneratioError("aborted", "The wait was ended");
    return { fal: new FalClient({ fetch: c.fetch, url }), falUrl: url };
  } catch (error) {
    await report(c, "DELETE", path(job)).catch(() => {});
    throw error;
  }
}

/** FAL's answer to the request. Not to be aborted: it would not be known whether FAL took it. */
async function submit(c, fal, user, job, token, request, webhook) {
  try {
    return await fal.submit(token, request, isWebhook(c.url, webhook) ? { webhook } : {});
  } catch (error) {
    const { status, details } = error;
    const refused = status >= 400 && status < 500 && status !== 408;
    const neverLeft = !details?.mayHaveBeenTaken && status === undefined;
    const [method, end, body] = neverLeft
      ? ["DELETE", ""]
      : ["PUT", "/result", failure(refused ? error : { message: error.message })];
    try {
      await report(c, method, path(job, end), body);
      await c.trust.dropJob(user, job);
    } catch {
      // It stays written down as one that may have been submitted.
    }
    throw error;
  }
}

/** Waits for FAL, and reports. What is written down is forgotten when the server has taken the report. */
async function finish(c, fal, user, entry, token, { signal, tell }) {
  const { job, submitted } = entry;
  c.active.add(job);
  try {
    const told = tellRequest(c, job, submitted);
    // Looked at below, after the wait.
    told.catch(() => {});
    if (!entry.report) {
      entry.report = await awaited(fal, job, submitted, token, { signal, tell });
      await c.trust.keepJob(user, entry);
    }
    const ended = await reported(c, job, async () => {
      if (submitted) await told;
      return report(c, "PUT", path(job, "/result"), entry.report);
    });
    await c.trust.dropJob(user, job);
    tell({ state: ended.state });
    return outcome(ended);
  } finally {
    c.active.delete(job);
  }
}

/** Tells the server which of FAL's requests it is. */
async function tellRequest(c, job, submitted) {
  if (!submitted) return;
  const { requestId, statusUrl, responseUrl, cancelUrl } = submitted;
  const body = { request_id: requestId, status_url: statusUrl, response_url: responseUrl, cancel_url: cancelUrl };
  await report(c, "PUT", path(job, "/submitted"), body);
}

/** The report of what FAL made, or of why it made nothing. */
async function awaited(fal, job, submitted, token, { signal, tell }) {
  if (!submitted) return failure({ message: "The client was interrupted while it submitted the request" });
  const onProgress = ({ state, queuePosition = null, logs = [] }) => {
    const phase = state === "queued" || state === "running" ? state : null;
    tell({ state: "submitted", phase, queuePosition, logs: logs.map(({ message }) => String(message)) });
  };
  tell({ state: "submitted" });
  try {
    await fal.wait(token, submitted, { signal, onProgress });
    return result(await fal.result(token, submitted, { signal }));
  } catch (error) {
    if (VERDICTS.includes(error.code)) return failure(error);
    const { code = "internal", message, status, details } = error;
    throw new GeneratioError(code, message, { status, details: { ...details, job } });
  }
}

/** Seeds may be larger than numbers are exact, so that the digits are put in as they are. */
function result({ images, seed, billableUnits }) {
  const body = {
    images: images.map(({ url, width, height, contentType }) => ({ url, width, height, content_type: contentType })),
    ...(billableUnits != null && { billable_units: String(billableUnits) }),
  };
  const digits = /^\d{1,20}$/.exec(String(seed ?? ""))?.[0];
  return digits ? JSON.stringify(body).replace(/\}$/, `,"seed":${digits}}`) : JSON.stringify(body);
}

function failure({ code, message, status, details }) {
  const gone = code === "fal_result_expired" || code === "fal_no_pictures";
  const type = details?.type ?? (code === "fal_canceled" ? "client_cancelled" : undefined);
  const http = !gone && status >= 400 && status < 600 ? status : undefined;
  return JSON.stringify({ error: { type, message: String(message).slice(0, 1000), status: http } });
}

/** A report that is tried again while the server cannot be reached. */
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

/** The job as the server has it, by our report or by FAL's own (a webhook may have come first). */
async function reported(c, job, send) {
  try {
    return await send();
  } catch (error) {
    if (error.code === "conflict") {
      const now = await getJob(c, job);
      if (["completed", "failed", "canceled"].includes(now.state)) return now;
    }
    throw new GeneratioError("report_pending", "FAL has done its part; the server could not be told yet", {
      status: error.status,
      details: { job, cause: error.code },
    });
  }
}

/** A job that an earlier call reserved: finished if this device knows what it submitted, else shown as it is. */
async function repeatedJob(c, user, job, token, { falUrl, signal, tell }) {
  const entry = (await c.trust.jobs(user)).find((one) => one.job === job.id);
  if (!entry) return outcome(job);
  const fal = new FalClient({ fetch: c.fetch, url: falUrl ?? entry.falUrl });
  return finish(c, fal, user, entry, token, { signal, tell });
}

/** Finishes what this device left, and what another device of the user's did. */
export async function resumeDirect(c, token, { falUrl, signal, onProgress } = {}) {
  const user = c.user().id;
  const kept = await c.trust.jobs(user);
  const others = (await elsewhere(c, signal)).filter(({ job }) => !kept.some((one) => one.job === job));
  const open = [...kept, ...others].filter(({ job }) => !c.active.has(job));
  return Promise.all(
    open.map(async (entry) => {
      const tell = teller(entry.job, onProgress);
      try {
        const fal = new FalClient({ fetch: c.fetch, url: falUrl ?? entry.falUrl });
        return { job: entry.job, outcome: await finish(c, fal, user, entry, token, { signal, tell }) };
      } catch ({ code = "internal", message }) {
        // The server knows no such job: there is nobody to tell.
        if (code === "not_found") await c.trust.dropJob(user, entry.job);
        return { job: entry.job, outcome: { code, message } };
      }
    }),
  );
}

/** Direct jobs that the server knows to be submitted. FAL's addresses are made here, not taken from it. */
async function elsewhere(c, signal) {
  const view = ({ id, state, model, direct }) => {
    const endpoint = c.catalog().model(text(model))?.endpoint;
    const requestId = direct?.request_id;
    const good = state === "submitted" && endpoint && /^[A-Za-z0-9_-]{1,128}$/.test(requestId);
    return good ? { job: checkedId(id), submitted: { requestId, endpoint } } : null;
  };
  const query = { source: "direct", open: "true", limit: 50 };
  try {
    const page = await c.call("GET", "/api/custom/generate/jobs", { query, signal, view: cursorPage(view) });
    return page.items.filter(Boolean);
  } catch (error) {
    if (error.code === "aborted") throw error;
    return [];
  }
}

export async function cancelDirect(c, job, token, { falUrl, signal } = {}) {
  const entry = (await c.trust.jobs(c.user().id)).find((one) => one.job === job);
  if (!entry?.submitted) throw new GeneratioError("not_found", "This device knows no such job at FAL");
  const fal = new FalClient({ fetch: c.fetch, url: falUrl ?? entry.falUrl });
  return fal.cancel(token, entry.submitted, { signal });
}
