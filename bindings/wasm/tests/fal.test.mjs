// FAL's stand-in, called by the package in Node. FAL_URL says where it listens.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as G from "generatio";
import { codeOf } from "./checks.mjs";

const url = process.env.FAL_URL;
const KEY = "planted-key-id:planted0secret0of0the0fal0key";
const engine = (await import(new URL("./node_modules/generatio/load.js", import.meta.url).href)).current;
const order = (prompt, more = {}) => ({ model: "flux/schnell", prompt, parameters: { num_images: 1, image_size: { width: 64, height: 64 }, ...more } });
const wish = (text, sim) => `${text} [[sim: ${JSON.stringify(sim)}]]`;
const book = async () => (await fetch(`${url}/sim/book`)).json();
let fal;
let token;

before(async () => {
  await G.init();
  fal = new G.FalClient({ url });
  token = G.UnlockedToken.from(KEY);
});

async function errorOf(work) {
  const error = await work.then(() => assert.fail("it went well"), (error) => error);
  assert.ok(error instanceof G.GeneratioError, error.stack);
  return error;
}

test("a picture is made, followed and priced", async () => {
  const [seen, submitted] = [[], []];
  const output = await fal.generate(token, order("a fox", { num_images: 2, seed: 7 }), {
    onProgress: (progress) => seen.push(progress),
    onSubmitted: (taken) => void submitted.push(JSON.parse(JSON.stringify(taken))),
  });
  assert.equal(output.images.length, 2);
  assert.ok(output.images.every(({ url: link, width }) => link.startsWith(url) && width === 64));
  assert.equal(output.seed, "7");
  assert.deepEqual([output.cost.catalog.amount, output.cost.catalog.nanoUsd, output.cost.fal.amount], ["0.006", 6_000_000n, "0.006"]);
  assert.equal(seen.at(-1).state, "completed");
  assert.ok(seen.flatMap(({ logs }) => logs).some(({ message }) => message.includes("a fox")));
  // What was kept finds it again.
  const again = await fal.result(token, submitted[0]);
  assert.deepEqual(again.images, output.images);
  assert.equal(await fal.cancel(token, submitted[0]), "already_completed");
});

test("a key is checked without cost", async () => {
  await fal.checkKey(token);
  assert.equal((await errorOf(fal.checkKey(G.UnlockedToken.from("bad-key:secret")))).code, "fal_key_refused");
  const poor = await errorOf(fal.submit(G.UnlockedToken.from("poor-key:secret"), order("a fox")));
  assert.deepEqual([poor.code, poor.status, poor.details.mayHaveBeenTaken], ["fal_access_denied", 403, false]);
  assert.equal(await codeOf(() => fal.checkKey(G.UnlockedToken.from("not a key"))), "fal_key_malformed");
});

test("nothing is sent that can be refused before", async () => {
  const { submissions } = await book();
  const error = await errorOf(fal.submit(token, order("a fox", { num_images: 99 })));
  assert.deepEqual([error.code, error.details.problems[0].path], ["parameter_range", "parameters.num_images"]);
  for (const wrong of [{}, { model: 7, prompt: "a" }, { model: "flux/schnell", prompt: "\ud800" }]) {
    assert.equal((await errorOf(fal.submit(token, wrong))).code, "argument_type");
  }
  assert.equal((await errorOf(fal.submit(KEY, order("a fox")))).code, "argument_type");
  assert.equal((await errorOf(fal.wait(token, {}))).code, "argument_type");
  assert.equal((await book()).submissions, submissions);
});

test("a failed request says why", async () => {
  const error = await errorOf(fal.generate(token, order(wish("a fox", { fault: "content_policy" }))));
  assert.equal(error.code, "fal_input_refused");
  assert.equal(error.details.errorType, "content_policy_violation");
});

test("keys go to FAL, or to this machine, and nowhere else", async () => {
  for (const other of ["https://fal.example", "http://10.0.0.1", "https://queue.fal.run.example", "file:///x", ""]) {
    assert.equal(await codeOf(() => new G.FalClient({ url: other })), "fal_host_refused", other);
  }
  const asked = [];
  const spy = new G.FalClient({
    fetch: async (link, init) => {
      asked.push([link, init]);
      throw new TypeError("no network");
    },
  });
  const lost = await errorOf(spy.submit(token, order("a fox")));
  assert.deepEqual([lost.code, lost.details.mayHaveBeenTaken, asked.length], ["fal_interrupted", true, 1]);
  const [link, init] = asked[0];
  assert.equal(link, "https://queue.fal.run/fal-ai/flux/schnell");
  assert.equal(init.headers.authorization, `Key ${KEY}`);
  assert.deepEqual([init.redirect, init.credentials, init.cache, init.referrerPolicy], ["error", "omit", "no-store", "no-referrer"]);
  // Addresses from elsewhere are replaced by FAL's own.
  const stolen = { endpoint: "fal-ai/flux/schnell", requestId: "x", statusUrl: "https://evil.example/s", responseUrl: "https://evil.example/r", cancelUrl: "https://evil.example/c" };
  await errorOf(spy.cancel(token, stolen, { timeoutMs: 50 }));
  assert.ok(asked.length > 1 && asked.every(([address]) => address.startsWith("https://queue.fal.run/")), JSON.stringify(asked));
});

test("an aborted submit is honest, an aborted wait cancels", async () => {
  const before = AbortSignal.abort();
  const never = await errorOf(fal.submit(token, order("a fox"), { signal: before }));
  assert.deepEqual([never.code, never.details.mayHaveBeenTaken], ["aborted", false]);
  const controller = new AbortController();
  const hanging = new G.FalClient({ url, fetch: (link, init) => (controller.abort(), fetch(link, init)) });
  const maybe = await errorOf(hanging.submit(token, order("a fox"), { signal: controller.signal }));
  assert.deepEqual([maybe.code, maybe.details.mayHaveBeenTaken], ["aborted", true]);
  const later = new AbortController();
  const slow = fal.generate(token, order(wish("a fox", { latency_ms: 60_000 })), { signal: later.signal, onSubmitted: () => setTimeout(() => later.abort("enough"), 50) });
  const error = await errorOf(slow);
  assert.deepEqual([error.code, error.cause, error.details.cancel], ["aborted", "enough", "requested"]);
});

test("an answer that is too large is not read on", async () => {
  const endless = () => new ReadableStream({ pull: (sink) => sink.enqueue(new Uint8Array(1 << 20)) });
  const flood = new G.FalClient({ url, fetch: async () => new Response(endless(), { headers: { "content-type": "application/json" } }) });
  assert.equal((await errorOf(flood.submit(token, order("a fox")))).code, "fal_answer_too_large");
});

test("locking ends calls that use the token, and leaves nothing of it", async () => {
  const own = G.UnlockedToken.from(KEY.replace("planted", "plonked"));
  const holds = () => Buffer.from(engine().memory.buffer).includes("plonked-key-id");
  const slow = fal.generate(own, order(wish("a fox", { latency_ms: 60_000 })), { onSubmitted: () => setTimeout(() => own.lock(), 50) });
  assert.ok(holds(), "the control is not found");
  assert.equal((await errorOf(slow)).code, "locked");
  assert.ok(!holds(), "the key is still there");
  assert.equal((await errorOf(fal.checkKey(own))).code, "locked");
});

test("a trap ends calls under way, and others go on after it", async () => {
  const slow = fal.wait(token, { endpoint: "fal-ai/flux", requestId: "x", statusUrl: "", responseUrl: "", cancelUrl: "" });
  new Uint8Array(engine().memory.buffer).fill(0xff);
  assert.equal(await codeOf(() => G.UnlockedToken.from("another")), "internal");
  assert.equal((await errorOf(slow)).code, "internal");
  await fal.checkKey(G.UnlockedToken.from(KEY));
});
