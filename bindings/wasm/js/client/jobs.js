// Jobs that the server runs: what is asked for, and how one's jobs are found again.

import { aborted, backoff, codeOf, delay } from "./http.js";
import { follow } from "./follow.js";
import { checkedId, cursorPage, getJob, jobOf, pathOf } from "./job.js";
import { amount, certaintyOf, flag, id, money, oneOf, someMoney } from "./shape.js";

/** @import { RequestOptions, JobOptions, Jobs } from "../client.js" */
/** @import { GenerateRequest } from "../index.js" */
/** @import { Call, Connection } from "./http.js" */
/** @import { Json } from "./shape.js" */

/** How often in a row a request may be lost. */
const PATIENCE = 8;

/** @type {(c: Connection) => Jobs} */
export const jobs = (c) => ({
  list: ({ state, source, open, limit, cursor, ...options } = {}) => {
    const query = { state, source, open: open && "true", limit, cursor };
    return c.call("GET", "/api/custom/generate/jobs", { ...options, query, view: cursorPage(jobOf(c)) });
  },
  get: (job, options) => getJob(c, job, options),
  follow: async (job, options) => follow(c, checkedId(job), options),
  cancel: async (job, options) => {
    const view = (/** @type {Json} */ { stopped, charged, job }) => ({
      stopped: stopped === null ? null : flag(stopped),
      charged: someMoney(charged),
      job: jobOf(c)(job),
    });
    return c.call("DELETE", pathOf(job), { ...options, session: true, view });
  },
  resolve: async (job, outcome, options) =>
    c.call("POST", pathOf(job, "/resolve"), { ...options, body: { outcome }, view: jobOf(c) }),
});

/**
 * The body of a generation.
 *
 * @param {GenerateRequest} request
 * @param {string} [folder]
 */
export function asked({ model, prompt, parameters }, folder) {
  return { model, prompt, ...(parameters && { parameters }), ...(folder && { collection_id: checkedId(folder) }) };
}

/**
 * @param {Connection} c
 * @param {GenerateRequest} request
 * @param {RequestOptions & { folder?: string }} [options]
 */
export async function estimate(c, request, { folder, ...options } = {}) {
  const view = (/** @type {Json} */ { cost, certainty, quote, budget }) => ({
    cost: money(cost),
    certainty: certaintyOf(certainty),
    quote: { catalog: amount(quote.catalog), fal: amount(quote.fal) },
    budget:
      budget == null
        ? null
        : {
            basis: oneOf(budget.basis, /** @type {const} */ (["fal", "account"]), "a basis"),
            remaining: someMoney(budget.remaining),
            allowed: flag(budget.allowed),
            warning: flag(budget.warning),
          },
  });
  return c.call("POST", "/api/custom/generate/estimate", { ...options, body: asked(request, folder), view });
}

/**
 * A request that begins a job, sent until it is answered: a key makes all of them one. With `isWhole`, a request that is
 * under way is not aborted: it would not be known what it began.
 *
 * @template T
 * @param {Connection} c
 * @param {string} route
 * @param {object} body
 * @param {Call<T> & { idempotencyKey?: string, isWhole?: boolean }} options
 */
export async function begin(c, route, body, { idempotencyKey = randomKey(), signal, isWhole, ...options }) {
  const headers = { ...options.headers, "idempotency-key": idempotencyKey };
  const call = { ...options, body, headers, ...(!isWhole && signal && { signal }) };
  if (signal?.aborted) throw aborted();
  for (let failures = 0; ; failures += 1) {
    try {
      return await c.call("POST", route, call);
    } catch (error) {
      // Only where nothing is known to have come of it. What the server answered stands.
      const lost = ["server_unreachable", "server_timeout"].includes(codeOf(error));
      if (!lost || failures >= PATIENCE) throw error;
      await delay(backoff(failures), signal);
    }
  }
}

/** `crypto.randomUUID` is missing where a page is not served securely. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {Connection} c
 * @param {GenerateRequest} request
 * @param {JobOptions} [options]
 */
export async function generate(c, request, { folder, idempotencyKey, signal, onProgress } = {}) {
  const job = await begin(c, "/api/custom/generate/image", asked(request, folder), {
    idempotencyKey,
    signal,
    session: true,
    headers: { prefer: "respond-async" },
    // 202 with the job. An older server, which does not know the preference, answers with pictures and the job's id.
    view: (/** @type {Json} */ value) => id(value.job ?? value.id, "a job's id"),
  });
  return follow(c, job, { signal, onProgress });
}
