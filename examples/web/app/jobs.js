/** Jobs: begun, followed, stopped, taken up again after a reload; each as the feed shows it. */

import { client, gone, held as handle, remember } from "./backend.js";
import { tell } from "./channel.js";
import { explained, isSignedOut } from "./errors.js";
import * as keep from "./keep.js";
import { custody, jobs, news } from "./state.js";
import { sorry, toast } from "./toast.js";
import { ensureUnlocked } from "./unlock.js";

/** Something about a job has changed: who shows jobs draws them anew. */
const touch = () => (jobs.value = [...jobs.value]);

/** Begins a job and follows it to its end. `shown` has what the feed shows of it: `{ folder, count, ratio, title }`. */
export async function generate(request, shown) {
  const job = { ...shown, key: randomKey(), request, mode: custody.value, open: true, phase: null, began: Date.now() };
  jobs.value = [job, ...jobs.value];
  const options = { folder: shown.folder, idempotencyKey: job.key, onProgress: (progress) => told(job, progress) };
  await settle(job, async () => {
    const held = await client();
    return job.mode === "direct" ? held.generateDirect(request, handle(), options) : held.generate(request, options);
  });
  // The session had ended, so that nothing was begun: the same again, once the key is unlocked.
  if (job.error?.code !== "session_required") return;
  dismiss(job);
  if (await ensureUnlocked()) await generate(request, shown);
}

/** A name for a request that nobody else has; `randomUUID` is there on secure pages alone. */
const randomKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Runs `work` and writes down what came of it. */
async function settle(job, work) {
  try {
    const { images, job: made } = await work();
    Object.assign(job, { open: false, images, cost: made.cost });
    jobs.value = jobs.value.filter((one) => one !== job);
    toast(images.length === 1 ? "Your picture is ready." : `Your ${images.length} pictures are ready.`);
    changed();
  } catch (error) {
    await failed(job, error);
  } finally {
    if (job.id && !job.pending) keep.keepJob(job.id, null);
    job.release?.();
    touch();
  }
}

function changed() {
  news.dispatchEvent(new Event("changed"));
  tell("pictures");
}

async function failed(job, error) {
  Object.assign(job, { open: false, error, pending: error.code === "report_pending", unknown: error.code === "job_unknown" });
  job.id ??= error.details?.job?.id ?? (typeof error.details?.job === "string" ? error.details.job : undefined);
  // A session that has ended at the server: the next attempt asks for the password. A sign-in that has: everything does.
  if (error.code === "session_required") await remember();
  if (isSignedOut(error)) {
    gone();
    sorry({ code: "not_signed_in" });
  }
}

function told(job, progress) {
  const isNew = job.id === undefined;
  Object.assign(job, {
    id: progress.job, state: progress.state, phase: progress.phase, position: progress.queuePosition, reconnecting: progress.reconnecting,
  });
  if (isNew && job.id) {
    if (job.mode === "direct") claim(job);
    keep.keepJob(job.id, { prompt: job.request?.prompt, model: job.request?.model, parameters: job.request?.parameters, count: job.count, ratio: job.ratio, title: job.title });
  }
  touch();
}

const LOCK = "generatio.job.";

/** While this tab runs a direct job, no other tab offers to finish it. */
function claim(job) {
  navigator.locks?.request(LOCK + job.id, () => new Promise((resolve) => (job.release = resolve)));
}

/** The direct jobs that some tab of this browser runs. */
async function claimed() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.filter(({ name }) => name.startsWith(LOCK)).map(({ name }) => name.slice(LOCK.length)));
}

/** What a job does at this moment, in words. */
export function phaseOf(job) {
  if (job.reconnecting) return "Connection lost, taking it up again …";
  if (job.stopping) return "Stopping …";
  if (job.phase === "running") return "Painting …";
  if (job.phase === "queued") {
    const { position } = job;
    if (position === null || position === undefined) return "Waiting at FAL …";
    return position === 0 ? "Next in FAL’s queue" : `Waiting at FAL, ${position} before you`;
  }
  return job.id ? "Sent to FAL …" : "Checking and sending …";
}

/** Asks for a job to be stopped. What came of it shows where the job is shown. */
export async function stop(job) {
  const held = await client();
  job.stopping = true;
  touch();
  try {
    if (job.mode === "direct") {
      const answer = handle() && (await held.cancelDirect(job.id, handle()));
      if (answer === "already_completed") toast("Too late: FAL has finished it.");
    } else {
      const { stopped } = await held.jobs.cancel(job.id);
      if (stopped === false) toast("Too late: FAL has finished it.");
    }
  } catch (error) {
    sorry(error);
  } finally {
    job.stopping = false;
    touch();
  }
}

/** Takes a job that is over out of the feed. */
export function dismiss(job) {
  jobs.value = jobs.value.filter((one) => one !== job);
}

/** Ends an `unknown` job by its owner's word. */
export async function resolve(job, outcome) {
  const held = await client();
  await held.jobs.resolve(job.id, outcome);
  dismiss(job);
  changed();
}

/** Finds jobs of before that are still open at the server, follows those and gives those that this page has to finish. */
export async function takeUp() {
  const held = await client();
  const known = new Set(jobs.value.map(({ id }) => id));
  const { items } = await held.jobs.list({ open: true });
  const fresh = items.filter((job) => !known.has(job.id));
  for (const found of fresh.filter(({ source }) => source === "server")) {
    if (found.state === "unknown") jobs.value = [...jobs.value, past(found, { unknown: true, open: false, error: { code: "job_unknown" } })];
    else follow(past(found, { open: true }));
  }
  const elsewhere = await claimed();
  return fresh.filter(({ source, id }) => source === "direct" && !elsewhere.has(id));
}

/** A job of before, as far as this tab remembers it. */
function past(found, more) {
  const asked = keep.jobs()[found.id] ?? {};
  return {
    key: found.id, id: found.id, mode: found.source === "direct" ? "direct" : "server", state: found.state, began: Date.parse(found.created),
    count: asked.count ?? 1, ratio: asked.ratio ?? 1, title: asked.title ?? found.model, request: asked.prompt && asked, ...more,
  };
}

async function follow(job) {
  jobs.value = [job, ...jobs.value];
  await settle(job, async () => (await client()).jobs.follow(job.id, { onProgress: (progress) => told(job, progress) }));
}

/** Finishes what direct jobs of earlier visits left, after unlocking. */
export async function finishDirect() {
  if (!(await ensureUnlocked())) return;
  const held = await client();
  const outcomes = await held.resumeDirect(handle());
  const failures = outcomes.filter(({ outcome }) => outcome.code !== undefined);
  if (failures.length) sorry(failures[0].outcome);
  else toast(outcomes.length === 0 ? "Another device has to finish that job." : "Finished.");
  changed();
}

/** Why a job ended without pictures, in words: FAL's own, where it gave some. */
export function reason(job) {
  const said = job.error.code === "job_failed" && job.error.details?.job?.failure?.message;
  return explained(said ? { message: `${said[0].toUpperCase()}${said.slice(1)}` } : job.error);
}
