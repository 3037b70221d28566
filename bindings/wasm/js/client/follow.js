// Waiting for a job: its events are heard, and taken up again where they break off.

import { GeneratioError } from "../errors.js";
import { events } from "./events.js";
import { aborted, backoff, delay, isTransient } from "./http.js";
import { STATES, getJob, hasEnded, jobOf, outcome, pathOf } from "./job.js";
import { parseJson } from "./json.js";
import { count, object, oneOf, shaped, text } from "./shape.js";

/** @import { RequestOptions, JobOptions, Generated, Job, JobProgress, JobState } from "../client.js" */
/** @import { Event } from "./events.js" */
/** @import { Connection } from "./http.js" */
/** @typedef {Partial<Omit<JobProgress, "job" | "elapsedMs">>} News What is new of a job. */
/** @typedef {{ state: JobState, job: Job | undefined }} End */

/** How often in a row a stream may fail. */
const PATIENCE = 8;

/**
 * Waits for a job.
 *
 * @param {Connection} c
 * @param {string} job
 * @param {Pick<JobOptions, "signal" | "onProgress">} [options]
 * @returns {Promise<Generated>}
 */
export async function follow(c, job, { signal, onProgress } = {}) {
  const tell = teller(job, onProgress);
  let lastEventId = "";
  let failures = 0;
  for (;;) {
    let came = false;
    try {
      const over = await listen(c, job, lastEventId, signal, (event) => {
        came = true;
        lastEventId = event.id;
        tell(event.news);
      });
      if (over) return outcome(await settled(c, job, over, { signal }));
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (!came && failures >= PATIENCE) throw error;
    }
    // Cut off, or over before the stream was opened.
    failures = came ? 0 : failures + 1;
    const now = await getJob(c, job, { signal }).catch(ignoreTransient);
    if (now && hasEnded(now.state)) return outcome(now);
    if (failures > PATIENCE) throw new GeneratioError("server_unreachable", "The job's events do not come through");
    tell({ ...(now && { state: now.state }), reconnecting: true });
    await delay(backoff(failures), signal);
  }
}

/** @param {unknown} error */
function ignoreTransient(error) {
  if (!isTransient(error)) throw error;
  return null;
}

/**
 * Hears one stream out: the state that ends the wait and the job, if it was told; `null` where it ends before.
 *
 * @param {Connection} c
 * @param {string} job
 * @param {string} lastEventId
 * @param {AbortSignal | undefined} outer
 * @param {(event: { id: string, news: News }) => void} tell
 */
async function listen(c, job, lastEventId, outer, tell) {
  const inner = new AbortController();
  const stop = () => inner.abort();
  if (outer?.aborted) throw aborted();
  outer?.addEventListener("abort", stop, { once: true });
  try {
    const body = await c.stream(pathOf(job, "/events"), { lastEventId, signal: inner.signal });
    if (!body) return null;
    for await (const event of events(body)) {
      const { news, over } = shaped((event) => read(c, event), event);
      tell({ id: event.id, news });
      if (over) return over;
    }
    return null;
  } catch (error) {
    if (outer?.aborted) throw aborted();
    if (error instanceof GeneratioError) throw error;
    throw new GeneratioError("server_unreachable", "The stream of events broke");
  } finally {
    outer?.removeEventListener("abort", stop);
    inner.abort();
  }
}

/**
 * @param {Connection} c
 * @param {Event} event
 * @returns {{ news: News, over?: End }}
 */
function read(c, { event, data }) {
  const said = object(parseJson(data ?? ""), "an event");
  if (event === "progress") {
    const { phase, queue_position } = said;
    const queuePosition = queue_position == null ? null : count(queue_position);
    return { news: { phase: oneOf(phase, /** @type {const} */ (["queued", "running"]), "a phase"), queuePosition } };
  }
  if (event === "log") return { news: { logs: [text(said.message, "a line")] } };
  if (event !== "state") return { news: {} };
  const state = oneOf(said.state, STATES, "a state");
  const job = said.job == null ? undefined : jobOf(c)(said.job);
  return { news: { state }, over: hasEnded(state) ? { state, job } : undefined };
}

/**
 * @param {Connection} c
 * @param {string} job
 * @param {End} end
 * @param {RequestOptions} options
 */
async function settled(c, job, { state, job: told }, options) {
  return told?.state === state && told.id === job ? told : getJob(c, job, options);
}

/**
 * Tells a listener of changes: each call has all that is known. What the listener throws is its own affair.
 *
 * @param {string} job
 * @param {JobOptions["onProgress"]} onProgress
 * @returns {(news: News) => void}
 */
export function teller(job, onProgress) {
  const began = Date.now();
  /** @type {Pick<JobProgress, "job" | "state" | "phase" | "queuePosition">} */
  let known = { job, state: "created", phase: null, queuePosition: null };
  return ({ logs = [], reconnecting = false, ...news }) => {
    known = { ...known, ...news };
    try {
      onProgress?.({ ...known, logs, reconnecting, elapsedMs: Date.now() - began });
    } catch {
      // Not ours.
    }
  };
}
