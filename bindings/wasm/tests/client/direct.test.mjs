// Direct mode: what is refused before FAL hears of it, and what becomes of money when something breaks.
import assert from "node:assert/strict";
import { after, before, beforeEach, mock, test } from "node:test";
import { GeneratioClient, UnlockedToken } from "./package.mjs";
import { Fal } from "./fal.mjs";
import { ID, Server, jobRow } from "./server.mjs";
import { EMAIL, FAL_KEY, device, refused } from "./support.mjs";

const JOB = ID("j");
const RECORD = "/api/custom/generate/record";
const REQUEST = { model: "flux/schnell", prompt: "a fox" };
const ENDPOINT = "fal-ai/flux/schnell";
const open = (more) =>
  jobRow(JOB, {
    state: "created",
    images: [],
    cost: undefined,
    held: 0.003,
    source: "direct",
    reported_by: undefined,
    direct: { endpoint: ENDPOINT, num_images: 1 },
    ...more,
  });
const done = () =>
  jobRow(JOB, {
    source: "direct",
    reported_by: "client",
    images: [{ id: ID("p"), url: "https://v3.fal.media/files/a.png" }],
  });

let server, fal, token, trust, client;

before(async () => {
  [server, fal] = [await Server.start(), await Fal.start()];
  server.accounts.set(EMAIL, { id: ID("a"), email: EMAIL, name: "", password: "", jwt: "jwt-of-ann" });
  token = UnlockedToken.from(FAL_KEY);
});

after(async () => {
  token.lock();
  await Promise.all([server.stop(), fal.stop()]);
});

beforeEach(() => {
  server.honest();
  server.seen = [];
  fal.reset();
  reserve();
  server.lie(`PUT ${RECORD}/${JOB}/submitted`, () => ({ body: open({ state: "submitted" }) }));
  server.lie(`PUT ${RECORD}/${JOB}/result`, ({ json }) => ({
    body: json.error ? open({ state: "failed", failure: { code: "x", message: "Not that." } }) : done(),
  }));
  server.lie(`DELETE ${RECORD}/${JOB}`, () => ({ body: open({ state: "canceled" }) }));
  trust = device();
  client = made();
});

/** A client of this device: a second one is the same after a reload. */
const made = () =>
  new GeneratioClient({
    url: server.url,
    trust,
    auth: { token: "jwt-of-ann", user: { id: ID("a"), email: EMAIL, name: "" } },
  });
/** How the server answers a reservation. */
const reserve = (submit = { endpoint: ENDPOINT, input: {}, fal_url: fal.url }, status = 201, job = open()) =>
  server.lie(`POST ${RECORD}`, () => ({ status, body: { job, submit } }));
const calls = () => server.seen.map(({ method, path }) => `${method} ${path.replace(RECORD, "").replace(JOB, "j")}`);
const kept = () => JSON.parse(trust.get(`generatio:direct:${server.url}:${ID("a")}`) ?? "[]");
const sent = (method, end) =>
  JSON.parse(server.seen.findLast((one) => one.method === method && one.path.endsWith(end)).body);

/** Runs `work` while waits end at once. */
async function hurried(work) {
  const real = globalThis.setTimeout;
  mock.method(globalThis, "setTimeout", (then, ms, ...rest) => real(then, ms > 10_000 ? ms : 0, ...rest));
  try {
    return await work();
  } finally {
    mock.restoreAll();
  }
}

test("a direct generation goes to FAL, and the server is told", async () => {
  const told = [];
  const { job, images } = await client.generateDirect(REQUEST, token, {
    folder: ID("f"),
    onProgress: (one) => told.push(one.state),
  });
  assert.deepEqual([job.state, images.length], ["completed", 1]);
  assert.deepEqual(calls(), ["POST ", "PUT /j/submitted", "PUT /j/result"]);
  assert.deepEqual(JSON.parse(server.seen[0].body), { ...REQUEST, collection_id: ID("f") });
  assert.equal(sent("PUT", "/submitted").request_id, "request-1");
  assert.match(server.seen[2].body, /"seed":18446744073709551615\}$/);
  const { images: reported, billable_units } = sent("PUT", "/result");
  assert.deepEqual(reported, [{ url: `${fal.url}/files/a.png`, width: 512, height: 512, content_type: "image/png" }]);
  assert.equal(billable_units, "1.0");
  assert.equal(fal.submitted, 1);
  assert.deepEqual([told[0], told.at(-1)], ["created", "completed"]);
  assert.deepEqual(kept(), []);
  assert.ok(!server.text().includes(FAL_KEY), "the server was sent the key");
});

test("an address for FAL that the server makes up is refused before anything is submitted", async (t) => {
  await client.generateDirect(REQUEST, token);
  const trap = await Fal.start();
  t.after(() => trap.stop());
  const refuses = async (fal_url, code = "fal_host_refused") => {
    server.seen = [];
    fal.reset();
    reserve({ endpoint: ENDPOINT, input: {}, fal_url });
    await refused(client.generateDirect(REQUEST, token), code);
    assert.deepEqual(calls(), ["POST ", "DELETE /j"], fal_url);
    assert.deepEqual([fal.seen, trap.seen, kept()], [[], [], []]);
  };
  for (const url of [
    "https://queue.evil.example",
    "http://192.168.0.7:80",
    "https://queue.fal.run.evil.example",
    "http://127.0.0.1.evil.example",
    "http://127.0.0.1@evil.example",
    "ftp://127.0.0.1",
    "nonsense",
  ]) {
    await refuses(url);
  }
  // A page that is not on this machine has no use for a stand-in that is.
  t.after(() => delete globalThis.location);
  globalThis.location = { origin: "https://generatio.example" };
  await refuses(trap.url);
  globalThis.location = { origin: "http://localhost:5173" };
  reserve({ endpoint: ENDPOINT, input: {}, fal_url: fal.url });
  await client.generateDirect(REQUEST, token);
});

test("another endpoint than the model's is refused", async () => {
  reserve(
    { endpoint: "fal-ai/veo3", input: { prompt: "expensive" }, fal_url: fal.url },
    201,
    open({ direct: { endpoint: "fal-ai/veo3", num_images: 1 } }),
  );
  await refused(client.generateDirect(REQUEST, token), "server_answer", "another endpoint");
  assert.deepEqual([calls(), fal.seen], [["POST ", "DELETE /j"], []]);
});

test("FAL reports to this server's webhook and to no other", async () => {
  const own = `${server.url}/api/custom/webhooks/fal/nonce`;
  reserve({ endpoint: ENDPOINT, input: {}, fal_url: fal.url, webhook: own });
  await client.generateDirect(REQUEST, token);
  assert.ok(fal.seen[0].includes(encodeURIComponent(own)), fal.seen[0]);
  for (const webhook of [
    "https://evil.example/hook",
    `${server.url}.evil.example/api/custom/webhooks/fal/x`,
    `${server.url}/other`,
  ]) {
    fal.reset();
    reserve({ endpoint: ENDPOINT, input: {}, fal_url: fal.url, webhook });
    await client.generateDirect(REQUEST, token);
    assert.ok(!fal.seen[0].includes("fal_webhook"), fal.seen[0]);
  }
});

test("nothing is submitted that the server refuses", async () => {
  server.lie(`POST ${RECORD}`, () => ({ status: 402, body: { error: "budget_exceeded", message: "No" } }));
  await refused(client.generateDirect(REQUEST, token), "budget_exceeded");
  await refused(client.generateDirect(REQUEST, token, { signal: AbortSignal.abort() }), "aborted");
  assert.deepEqual(fal.seen, []);
});

test("a repeated key is not submitted again", async () => {
  reserve(undefined, 200);
  const error = await refused(client.generateDirect(REQUEST, token, { idempotencyKey: "mine" }), "job_unknown");
  assert.equal(error.details.job.id, JOB);
  reserve(null, 200, done());
  assert.equal((await client.generateDirect(REQUEST, token, { idempotencyKey: "mine" })).job.state, "completed");
  assert.deepEqual(fal.seen, []);
  // Its own first try is no other call's.
  let lost = 1;
  reserve();
  const answer = { status: 200, body: { job: open(), submit: { endpoint: ENDPOINT, input: {}, fal_url: fal.url } } };
  server.lie(`POST ${RECORD}`, () => (lost-- > 0 ? { body: (response) => response.destroy() } : answer));
  await hurried(() => client.generateDirect(REQUEST, token));
  assert.equal(fal.submitted, 1);
});

test("a submit that FAL refuses costs nothing, and is told", async () => {
  fal.instead.submit = (response) => {
    response.writeHead(422, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ detail: [{ loc: ["body", "prompt"], msg: "Not that.", type: "content_policy_violation" }] }),
    );
  };
  await refused(client.generateDirect(REQUEST, token), "fal_input_refused");
  assert.deepEqual(calls(), ["POST ", "PUT /j/result"]);
  assert.equal(sent("PUT", "/result").error.status, 422);
  assert.deepEqual(kept(), []);
});

test("a submit whose answer was lost is not made again, and told as that", async () => {
  fal.instead.submit = (response) => response.destroy();
  const error = await client.generateDirect(REQUEST, token).catch((error) => error);
  assert.match(error.code, /^fal_/);
  assert.equal(fal.submitted, 1);
  assert.deepEqual(calls(), ["POST ", "PUT /j/result"]);
  const { error: told } = sent("PUT", "/result");
  assert.deepEqual([told.type, told.status], [undefined, undefined]);
  assert.deepEqual(await made().resumeDirect(token), []);
  assert.equal(fal.submitted, 1);
});

test("a report that does not get through is made at the next visit", async () => {
  server.lie(`PUT ${RECORD}/${JOB}/result`, () => ({ status: 503, body: "" }));
  const error = await hurried(() => refused(client.generateDirect(REQUEST, token), "report_pending"));
  assert.equal(error.details.job, JOB);
  assert.deepEqual(
    kept().map(({ job, submitted }) => [job, submitted.requestId]),
    [[JOB, "request-1"]],
  );
  assert.ok(!JSON.stringify([...trust.kept]).includes(FAL_KEY));
  // FAL has forgotten the result meanwhile, and is not asked.
  fal.reset();
  server.lie(`PUT ${RECORD}/${JOB}/result`, () => ({ body: done() }));
  const [resumed] = await made().resumeDirect(token);
  assert.deepEqual([resumed.job, resumed.outcome.job.state], [JOB, "completed"]);
  assert.deepEqual([fal.seen, kept()], [[], []]);
  assert.deepEqual(await client.resumeDirect(token), []);
});

test("a wait that was ended is taken up again", async () => {
  fal.status = "IN_PROGRESS";
  const stop = new AbortController();
  const onProgress = ({ state, phase }) => state === "submitted" && phase === "running" && stop.abort();
  await refused(client.generateDirect(REQUEST, token, { signal: stop.signal, onProgress }), "aborted");
  assert.equal(kept().length, 1);
  assert.deepEqual(
    calls().filter((call) => call.includes("result") || call.includes("DELETE")),
    [],
  );
  assert.equal(await made().cancelDirect(JOB, token), "requested");
  assert.ok(fal.seen.at(-1).startsWith("PUT ") && fal.seen.at(-1).endsWith("/cancel"), fal.seen.at(-1));
  fal.status = "COMPLETED";
  const [resumed] = await made().resumeDirect(token);
  assert.equal(resumed.outcome.job.state, "completed");
  assert.deepEqual([fal.submitted, kept()], [1, []]);
});

test("a submit that was cut off by a reload is told as one that nobody knows of", async () => {
  trust.set(`generatio:direct:${server.url}:${ID("a")}`, JSON.stringify([{ job: JOB, submitted: null }]));
  server.lie(`PUT ${RECORD}/${JOB}/result`, () => ({ body: open({ state: "unknown" }) }));
  const [resumed] = await client.resumeDirect(token);
  assert.equal(resumed.outcome.code, "job_unknown");
  assert.deepEqual([Object.keys(sent("PUT", "/result").error), fal.seen, kept()], [["message"], [], []]);
});

test("what FAL itself reported first is taken for it", async () => {
  server.lie(`PUT ${RECORD}/${JOB}/result`, () => ({
    status: 409,
    body: { error: "conflict", message: "Over", details: { state: "completed" } },
  }));
  server.job = done();
  assert.equal((await client.generateDirect(REQUEST, token)).job.state, "completed");
  assert.deepEqual(kept(), []);
});

test("a job that is gone is forgotten", async () => {
  for (const end of ["submitted", "result"]) {
    server.lie(`PUT ${RECORD}/${JOB}/${end}`, () => ({
      status: 404,
      body: { error: "not_found", message: "Job not found" },
    }));
  }
  await refused(client.generateDirect(REQUEST, token), "not_found");
  const [resumed] = await client.resumeDirect(token);
  assert.equal(resumed.outcome.code, "not_found");
  assert.deepEqual(kept(), []);
});

test("a device that is full refuses before FAL hears of it, and loses nothing after", async () => {
  const { set } = trust;
  let room = 0;
  trust.set = (key, value) => {
    if (room-- <= 0) throw new Error("full");
    set(key, value);
  };
  await refused(client.generateDirect(REQUEST, token), "trust_unavailable");
  assert.deepEqual([calls(), fal.seen], [["POST ", "DELETE /j"], []]);
  room = 1;
  assert.equal((await client.generateDirect(REQUEST, token)).job.state, "completed");
  assert.equal(fal.submitted, 1);
});

test("what is written down and cannot be read does no harm", async () => {
  for (const text of ["{", "7", "[null]", '[{"job":"../x"}]', `[{"job":"${JOB}","submitted":{"requestId":7}}]`]) {
    trust.set(`generatio:direct:${server.url}:${ID("a")}`, text);
    assert.deepEqual(await client.resumeDirect(token), []);
  }
  await client.generateDirect(REQUEST, token);
  await refused(client.cancelDirect(JOB, token), "not_found");
});
