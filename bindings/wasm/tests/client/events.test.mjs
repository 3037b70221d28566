// A job as it goes: how streams of events are read, broken and taken up again.
import assert from "node:assert/strict";
import { after, before, beforeEach, mock, test } from "node:test";
import { GeneratioClient } from "./package.mjs";
import { ID, Server, jobRow, stream } from "./server.mjs";
import { EMAIL, device, refused } from "./support.mjs";

const JOB = ID("j");
const EVENTS = `GET /api/custom/generate/jobs/${JOB}/events`;
const VIEW = `GET /api/custom/generate/jobs/${JOB}`;
const DONE = ["state", { state: "completed", at: "", job: jobRow(JOB) }];
const REQUEST = { model: "flux/schnell", prompt: "a fox" };

let server, client;

before(async () => {
  server = await Server.start();
  server.accounts.set(EMAIL, { id: ID("a"), email: EMAIL, name: "", password: "", jwt: "jwt" });
  const auth = { token: "jwt", user: { id: ID("a"), email: EMAIL, name: "" } };
  client = new GeneratioClient({ url: server.url, trust: device(), auth, session: { id: "session-1", expiresAt: "" } });
});

after(() => server.stop());

beforeEach(() => {
  server.honest();
  server.job = jobRow(JOB);
  server.seen = [];
});

/** An answer of this text, in pieces as given. */
const raw = (...pieces) => ({
  headers: { "content-type": "text/event-stream" },
  body: (response) => {
    for (const piece of pieces) response.write(piece);
    response.end();
  },
});

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

test("a generation is followed to its end", async () => {
  const told = [];
  const { job, images } = await client.generate(REQUEST, {
    onProgress: (one) => told.push(one),
    folder: ID("f"),
    idempotencyKey: "once",
  });
  assert.deepEqual([job.id, job.state, images.length], [JOB, "completed", 1]);
  const { method, path, headers, body } = server.seen[0];
  assert.deepEqual([method, path], ["POST", "/api/custom/generate/image"]);
  assert.deepEqual(
    [headers.prefer, headers["idempotency-key"], headers["x-session-id"], headers.authorization],
    ["respond-async", "once", "session-1", "jwt"],
  );
  assert.deepEqual(JSON.parse(body), { ...REQUEST, collection_id: ID("f") });
  assert.deepEqual(
    told.map(({ state, phase, queuePosition, logs }) => [state, phase, queuePosition, logs]),
    [
      ["created", "queued", 2, []],
      ["created", "running", null, []],
      ["created", "running", null, ["step 1"]],
      ["completed", "running", null, []],
    ],
  );
  assert.ok(told.every(({ job, elapsedMs }) => job === JOB && elapsedMs >= 0));
});

test("what a listener throws is its own affair", async () => {
  await client.generate(REQUEST, {
    onProgress: () => {
      throw new Error("mine");
    },
  });
});

test("streams are read as the standard says, in whatever pieces they come", async () => {
  const data = JSON.stringify(DONE[1]);
  const half = data.indexOf(",", 40) + 1;
  const text = `\u{feff}: comment\r\nid:1\r\nevent: progress\r\ndata:{"phase":\r\ndata: "running"}\r\n\r\nretry: 5\rid: 2\rdata: {}\r\revent: nothing\n\nevent: state\ndata: ${data.slice(0, half)}\ndata: ${data.slice(half)}\n\n`;
  for (const pieces of [[text], [...text], text.match(/[\s\S]{1,7}/g)]) {
    server.lie(EVENTS, () => raw(...pieces));
    const told = [];
    const { job } = await client.jobs.follow(JOB, { onProgress: (one) => told.push(one) });
    assert.equal(job.state, "completed");
    assert.deepEqual(
      told.map(({ phase, state }) => [phase, state]),
      [
        ["running", "created"],
        ["running", "created"],
        ["running", "completed"],
      ],
    );
  }
});

test("a broken stream is taken up where it broke", async () => {
  server.job = jobRow(JOB, { state: "submitted", images: [] });
  const answers = [
    {
      headers: { "content-type": "text/event-stream" },
      body: (response) =>
        response.write('id: 41\nevent: progress\ndata: {"phase":"queued"}\n\n', () => response.destroy()),
    },
    { body: (response) => response.destroy() },
    { status: 503, body: "" },
    stream([DONE]),
  ];
  const marks = [];
  server.lie(EVENTS, ({ headers }) => (marks.push(headers["last-event-id"]), answers.shift()));
  const told = [];
  const { job } = await hurried(() => client.jobs.follow(JOB, { onProgress: (one) => told.push(one) }));
  assert.equal(job.state, "completed");
  assert.deepEqual(marks, [undefined, "41", "41", "41"]);
  assert.deepEqual(
    told.map(({ reconnecting }) => reconnecting),
    [false, true, true, true, false],
  );
});

test("a job that is over already is not waited for", async () => {
  server.lie(EVENTS, () => ({ status: 204 }));
  assert.equal((await client.jobs.follow(JOB)).job.state, "completed");
});

test("a job without pictures says why", async () => {
  for (const state of ["failed", "canceled", "unknown"]) {
    const job = jobRow(JOB, { state, images: [], failure: { code: "fal_input_refused", message: "Not that." } });
    server.job = job;
    for (const told of [job, undefined]) {
      server.lie(EVENTS, () => stream([["state", { state, at: "", job: told }]]));
      const error = await refused(client.jobs.follow(JOB), `job_${state}`);
      assert.equal(error.details.job.id, JOB);
      assert.match(error.message, /Not that\./);
    }
  }
});

test("a lost request is sent again under the same key, and a refused one is not", async () => {
  let lost = 2;
  server.lie("POST /api/custom/generate/image", ({ truth }) =>
    lost-- > 0 ? { body: (response) => response.destroy() } : truth(),
  );
  await hurried(() => client.generate(REQUEST));
  const asked = server.seen.filter(({ method }) => method === "POST").map(({ headers }) => headers["idempotency-key"]);
  assert.equal(asked.length, 3);
  assert.equal(new Set(asked).size, 1);
  assert.match(asked[0], /^[0-9a-f]{32}$/);
  server.seen = [];
  server.lie("POST /api/custom/generate/image", () => ({
    status: 402,
    body: { error: "budget_exceeded", message: "No", details: { limit: 1 } },
  }));
  const error = await refused(client.generate(REQUEST), "budget_exceeded");
  assert.deepEqual(error.details, { limit: 1 });
  server.lie("POST /api/custom/generate/image", () => ({
    status: 502,
    body: { error: "external_error", message: "FAL", details: { job: JOB } },
  }));
  await refused(client.generate(REQUEST), "external_error");
  assert.equal(server.seen.length, 2);
});

test("without a session nothing is sent", async () => {
  const guest = new GeneratioClient({ url: server.url, trust: device(), auth: client.auth });
  await refused(guest.generate(REQUEST), "session_required");
  await refused(new GeneratioClient({ url: server.url, trust: device() }).generate(REQUEST), "not_signed_in");
  assert.deepEqual(server.seen, []);
});

test("a session that has ended is told from a login that has", async () => {
  const made = () =>
    new GeneratioClient({ url: server.url, trust: device(), auth: client.auth, session: client.session });
  const no = { status: 401, body: { error: "authentication_error", message: "Valid session required" } };
  await made().generate(REQUEST);
  server.lie("POST /api/custom/generate/image", () => no);
  const one = made();
  await refused(one.generate(REQUEST), "session_required");
  assert.deepEqual([one.session, one.auth.token], [null, "jwt"]);
  server.lie("GET /api/custom/auth/token-status", () => no);
  const two = made();
  await refused(two.generate(REQUEST), "authentication_error");
  assert.notEqual(two.session, null);
});

test("aborting ends the wait", async () => {
  const quiet = { headers: { "content-type": "text/event-stream" }, body: (response) => response.flushHeaders() };
  server.job = jobRow(JOB, { state: "submitted", images: [] });
  for (const answer of [quiet, { status: 503, body: "" }, { body: () => {} }]) {
    const stop = new AbortController();
    server.lie(EVENTS, () => (setTimeout(() => stop.abort(), 20), answer));
    await refused(client.jobs.follow(JOB, { signal: stop.signal }), "aborted");
  }
  await refused(client.jobs.follow(JOB, { signal: AbortSignal.abort() }), "aborted");
  assert.ok(
    server.seen.every(({ method }) => method === "GET"),
    "something was canceled",
  );
});

test("a stream of no form is refused", async () => {
  const follow = () => client.jobs.follow(JOB);
  server.lie(EVENTS, () => stream([DONE]));
  await follow();
  const bad = [
    raw("event: state\ndata: {\n\n"),
    raw("event: state\ndata: null\n\n"),
    raw("event: state\ndata: {}\n\n"),
    raw('event: state\ndata: {"state":"completed","job":{}}\n\n'),
    raw('event: progress\ndata: {"phase":"queued","queue_position":-1}\n\n'),
    raw('event: log\ndata: {"message":7}\n\n'),
    raw(`data: ${"x".repeat(2 << 20)}`),
    raw(`data: ${"x".repeat(1 << 19)}\ndata: ${"x".repeat(1 << 19)}\ndata: x\ndata: ${"x".repeat(1 << 19)}\n`),
    { body: {} },
    { headers: { "content-type": "text/html" }, body: "<html>" },
  ];
  for (const [place, answer] of bad.entries()) {
    server.lie(EVENTS, () => answer);
    await refused(follow(), "server_answer").catch((error) => assert.fail(`${place}: ${error.message}`));
  }
  // Another job's end is not this one's.
  server.lie(EVENTS, () => stream([["state", { state: "completed", at: "", job: jobRow(ID("k")) }]]));
  assert.equal((await follow()).job.id, JOB);
});

test("a server that breaks every stream is given up", async () => {
  server.job = jobRow(JOB, { state: "submitted", images: [] });
  server.lie(EVENTS, () => ({ status: 503, body: "" }));
  await hurried(() => refused(client.jobs.follow(JOB), "internal_error"));
  assert.ok(server.seen.length < 30);
  server.lie(EVENTS, () => raw(": nothing\n\n"));
  await hurried(() => refused(client.jobs.follow(JOB), "server_unreachable"));
});
