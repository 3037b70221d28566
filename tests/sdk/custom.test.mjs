// Our own routes, called by the SDK's `send`: generating, jobs, money, preferences, folders.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FAL_KEY, PASSWORD, generate, guest, person, ready, refused, seesNothing, until } from "./support.mjs";

const ann = await ready("ann@example.com");
const bob = await ready("bob@example.com");
const get = (pb, path, query = {}) => pb.send(`/api/custom/${path}`, { query, requestKey: null });
const call = (pb, method, path, body) => pb.send(`/api/custom/${path}`, { method, body, requestKey: null });
const post = (pb, path, body) => call(pb, "POST", path, body);
/// The code of a refusal of our own routes, whose shape is another than PocketBase's.
const told = async (promise, status, expected) => {
  const error = await refused(promise, status);
  assert.equal(error.response.error, expected, JSON.stringify(error.response));
  return error;
};

test("the server says what it offers, to anybody", async () => {
  const status = await get(guest(), "status");
  assert.equal(status.status, "ok");
  assert.ok(status.available_models["flux/schnell"]);
});

test("a token is set up, checked, and opened for a session", async () => {
  const pb = await person("token@example.com");
  const status = () => get(pb, "auth/token-status");
  assert.deepEqual([(await status()).has_token, (await status()).requires_login], [false, false]);
  await told(generate(pb, "a fox"), 401, "authentication_error");
  await post(pb, "tokens/setup", { fal_token: FAL_KEY, password: PASSWORD });
  assert.deepEqual([(await status()).has_token, (await status()).requires_login], [true, true]);
  assert.equal((await post(pb, "tokens/verify", { password: PASSWORD })).can_decrypt, true);
  await told(post(pb, "auth/create-session", { password: "wrong" }), 401, "authentication_error");
  const { session_id } = await post(pb, "auth/create-session", { password: PASSWORD });
  const headers = { "X-Session-ID": session_id };
  const body = { model: "flux/schnell", prompt: "a fox" };
  const made = await pb.send("/api/custom/generate/image", { method: "POST", headers, body });
  assert.equal(made.images.length, 1);
  await pb.send("/api/custom/auth/session", { method: "DELETE", headers, body: { session_id } });
  await told(pb.send("/api/custom/generate/image", { method: "POST", headers, body }), 401, "authentication_error");
  const sealed = await get(pb, "tokens");
  assert.ok(sealed.sealed_token.startsWith("v2.") && !sealed.sealed_token.includes(FAL_KEY));
  await call(pb, "DELETE", "tokens");
  assert.equal((await status()).has_token, false);
});

test("our login gives what the SDK's store takes", async () => {
  const pb = guest();
  const login = await post(pb, "auth/login", { email: "ann@example.com", password: PASSWORD });
  pb.authStore.save(login.token, login.record ?? login.user ?? null);
  assert.equal(pb.authStore.isValid, true);
  await pb.collection("generatio_users").authRefresh();
  assert.equal(pb.authStore.record.email, "ann@example.com");
  await told(post(guest(), "auth/login", { email: "ann@example.com", password: "wrong" }), 401, "authentication_error");
});

test("an estimate spends nothing, a picture what was estimated", async () => {
  const asked = { model: "flux/schnell", prompt: "a heron", parameters: { num_images: 2 } };
  const before = await get(ann, "financial/stats");
  const estimate = await post(ann, "generate/estimate", asked);
  assert.equal(estimate.cost, 0.006);
  // All but the forecast, which moves with time.
  const spent = ({ total_spent, total_images, fal_spent }) => [total_spent, total_images, fal_spent];
  assert.deepEqual(spent(await get(ann, "financial/stats")), spent(before));
  const made = await post(ann, "generate/image", asked);
  assert.deepEqual([made.images.length, made.cost, made.model], [2, 0.006, "flux/schnell"]);
  const after = await get(ann, "financial/stats");
  assert.equal(after.total_images, before.total_images + 2);
  const record = await ann.collection("images").getOne(made.images[0].id);
  assert.deepEqual([record.prompt, record.url], ["a heron", made.images[0].url]);
});

test("refusals are the SDK's errors, with our own codes", async () => {
  await told(generate(guest(), "a fox"), 401, "authentication_error");
  await told(post(ann, "generate/image", { model: "no/such", prompt: "x" }), 400, "validation_error");
  await told(generate(ann, ""), 400, "validation_error");
  await told(generate(ann, "x", { parameters: { num_images: 1000 } }), 400, "validation_error");
  const error = await told(generate(ann, "x", { collection_id: "zzzzzzzzzzzzzzz" }), 404, "not_found");
  assert.deepEqual([error.response.message, error.isAbort], ["Folder not found", false]);
  await told(generate(ann, 'x [[sim: {"fault": "job_failed_422"}]]'), 502, "external_error");
});

test("a job is handed over, followed, listed and read as a record", async () => {
  const body = { model: "flux/schnell", prompt: "a slow heron" };
  const handed = await ann.send("/api/custom/generate/image", { method: "POST", body, headers: { Prefer: "respond-async" } });
  await until("the job is done", async () => (await get(ann, `generate/jobs/${handed.id}`)).state === "completed");
  const job = await get(ann, `generate/jobs/${handed.id}`);
  assert.equal(job.images.length, 1);
  const listed = await get(ann, "generate/jobs", { state: "completed", limit: 1 });
  assert.equal(listed.items[0].id, handed.id);
  const record = await ann.collection("jobs").getOne(handed.id);
  assert.deepEqual([record.state, record.prompt, record.cost], ["completed", "a slow heron", job.cost]);
  await told(get(bob, `generate/jobs/${handed.id}`), 404, "not_found");
});

test("a job is stopped", async () => {
  const body = { model: "flux/schnell", prompt: 'slow [[sim: {"latency_ms": 60000}]]' };
  const handed = await ann.send("/api/custom/generate/image", { method: "POST", body, headers: { Prefer: "respond-async" } });
  await until("FAL has it", async () => (await get(ann, `generate/jobs/${handed.id}`)).state === "submitted");
  await refused(call(bob, "DELETE", `generate/jobs/${handed.id}`), 404);
  await call(ann, "DELETE", `generate/jobs/${handed.id}`);
  await until("it is canceled", async () => (await get(ann, `generate/jobs/${handed.id}`)).state === "canceled");
});

test("the same key twice is one picture", async () => {
  const options = () => ({
    method: "POST", body: { model: "flux/schnell", prompt: "only once" }, headers: { "Idempotency-Key": "k-1" }, requestKey: null,
  });
  const twice = await Promise.all([1, 2].map(() => ann.send("/api/custom/generate/image", options())));
  assert.equal(twice[0].job, twice[1].job);
  assert.equal((await ann.collection("images").getFullList({ filter: "prompt = 'only once'" })).length, 1);
});

test("ledger, series and budget", async () => {
  await generate(ann, "for the ledger");
  const ledger = await get(ann, "financial/ledger", { model: "flux/schnell" });
  assert.ok(ledger.items.length > 0 && ledger.items.every((row) => row.model === "flux/schnell"));
  const records = await ann.collection("ledger").getFullList();
  const stats = await get(ann, "financial/stats");
  const nano = (usd) => Math.round(usd * 1e9);
  assert.equal(records.reduce((sum, row) => sum + nano(row.amount), 0), nano(stats.total_spent));
  const series = await get(ann, "financial/series", { bucket: "day" });
  assert.equal(series.buckets.length, series.series[0].images.length);

  const budget = await call(ann, "PUT", "financial/budget", { basis: "account", total: stats.total_spent });
  assert.equal(budget.basis, "account");
  await told(generate(ann, "too dear"), 402, "budget_exceeded");
  await call(ann, "PUT", "financial/budget", {});
  await generate(ann, "affordable again");
  assert.equal((await get(bob, "financial/budget")).total, null);
});

test("preferences and folders", async () => {
  const model_name = "flux/schnell";
  await post(ann, "preferences/save", { model_name, preferences: { num_images: 2 } });
  assert.deepEqual((await post(ann, "preferences/get", { model_name })).preferences, { num_images: 2 });
  assert.equal((await post(bob, "preferences/get", { model_name })).has_preferences, false);
  const record = await ann.collection("model_preferences").getFirstListItem("model_name = 'flux/schnell'");
  assert.deepEqual(record.preferences, { num_images: 2 });
  const made = await post(ann, "collections/create", { name: "Herons" });
  assert.deepEqual((await get(ann, "collections")).collections.map((row) => row.id), [made.id]);
  await told(post(ann, "collections/create", { name: "" }), 400, "validation_error");
});

test("the other one sees nothing of all this", async () => {
  await generate(bob, "bob's own");
  assert.equal((await get(bob, "financial/stats")).total_images, 1);
  assert.deepEqual((await get(bob, "collections")).collections, []);
  assert.equal((await get(bob, "generate/jobs")).items.length, 1);
  assert.equal((await get(bob, "financial/ledger")).items.length, 1);
  await seesNothing(bob, ann);
});
