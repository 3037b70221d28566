// The client against the real server, which calls a stand-in for FAL: GENERATIO_URL says where.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GeneratioClient, sealToken } from "./package.mjs";
import { FAL_KEY, PASSWORD, device, refused } from "./support.mjs";

const url = process.env.GENERATIO_URL;
const REQUEST = {
  model: "flux/schnell",
  prompt: "a paper boat",
  parameters: { num_images: 2, image_size: "landscape_4_3" },
};
const NEW_PASSWORD = "violet-anchor-3141";

const guest = (trust = device()) => new GeneratioClient({ url, trust });

/** Somebody new, signed in. */
async function person(name, trust) {
  const client = guest(trust);
  await client.register({ email: `${name}@example.com`, password: PASSWORD, name });
  return client;
}

/** Somebody with a key and a session. */
async function ready(name, custody = "sealed") {
  const client = await person(name);
  await client.storeToken(FAL_KEY, PASSWORD, { custody });
  await client.createSession({ password: PASSWORD });
  return client;
}

/** A call past the client. */
async function raw(method, path, body, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: token }) };
  const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

test("the server says what it offers, to anybody", async () => {
  assert.deepEqual(await guest().status(), { custody: ["password", "sealed", "direct"], prices: "catalog", registration: "open" });
});

test("an account is made, entered and left; its password is known to nobody", async () => {
  await refused(guest().register({ email: "weak@example.com", password: "short" }), "password_too_short");
  const client = await person("ann");
  assert.deepEqual([client.auth.user.email, client.auth.user.name], ["ann@example.com", "ann"]);
  await refused(person("ann"), "validation_error");
  const plain = await raw("POST", "/api/custom/auth/login", { email: "ann@example.com", password: PASSWORD });
  assert.equal(plain.status, 401);
  const other = guest();
  const { user, session, custody } = await other.login("Ann@example.com", PASSWORD);
  assert.deepEqual([user.id, session, custody], [client.auth.user.id, null, null]);
  const elsewhere = new GeneratioClient({ url, trust: device(), realm: "elsewhere" });
  await refused(elsewhere.login("ann@example.com", PASSWORD), "authentication_error");
  const restored = new GeneratioClient({ url, trust: device(), auth: JSON.parse(JSON.stringify(client.auth)) });
  assert.equal((await restored.refresh()).user.id, user.id);
  assert.equal((await restored.rename("Annette")).name, "Annette");
  assert.equal((await restored.tokenStatus()).hasToken, false);
  await restored.logout();
  assert.equal(restored.auth, null);
  await refused(restored.jobs.list(), "not_signed_in");
  const late = new GeneratioClient({ url, trust: device(), auth: { ...client.auth, token: "stale" } });
  await refused(late.refresh(), "authentication_error");
});

test("custody password: the server keeps the key under the account secret", async () => {
  const client = await person("bob");
  await client.storeToken(FAL_KEY, PASSWORD, { custody: "password" });
  await refused(client.openStoredToken(PASSWORD), "custody_refused");
  await client.createSession({ password: PASSWORD });
  assert.equal((await client.generate(REQUEST)).images.length, 2);
  const other = guest();
  const { session, custody } = await other.login("bob@example.com", PASSWORD);
  assert.equal(custody, "password");
  assert.equal((await other.generate(REQUEST)).images.length, 2);
  assert.notEqual(session.id, client.session.id);
  await other.logout();
  assert.deepEqual(await client.changePassword(PASSWORD, NEW_PASSWORD), { token: "server" });
  await refused(client.createSession({ password: PASSWORD }), "authentication_error");
  await client.createSession({ password: NEW_PASSWORD });
  assert.deepEqual(await client.changeEmail("robert@example.com", NEW_PASSWORD), { token: "server" });
  assert.ok((await guest().login("robert@example.com", NEW_PASSWORD)).session);
  await client.removeToken();
  assert.equal((await client.tokenStatus()).hasToken, false);
});

test("custody sealed: the server never has the password, and the key for its jobs alone", async () => {
  const trust = device();
  const client = await person("cleo", trust);
  await refused(client.storeToken(FAL_KEY, "not my password", { custody: "sealed" }), "wrong_password");
  await client.storeToken(FAL_KEY, PASSWORD, { custody: "sealed" });
  assert.deepEqual(
    [(await client.tokenStatus()).custody, (await client.tokenStatus()).requiresLogin],
    ["client", true],
  );
  await client.createSession({ password: PASSWORD });
  const told = [];
  const { job, images } = await client.generate(REQUEST, { onProgress: (one) => told.push(one) });
  assert.deepEqual([job.state, job.cost.amount, images.length], ["completed", "0.006", 2]);
  assert.ok(
    images.every(({ url, refused }) => url.startsWith("http://127.0.0.1:") && !refused.length),
    "the stand-in's pictures",
  );
  assert.ok(told.some(({ phase }) => phase === "running") && told.at(-1).state === "completed", JSON.stringify(told));
  // A device that has seen nothing opens it, and from then on knows it.
  const second = guest();
  await second.login("cleo@example.com", PASSWORD);
  assert.equal((await second.openStoredToken(PASSWORD)).expose(), FAL_KEY);
  assert.deepEqual(await client.changePassword(PASSWORD, NEW_PASSWORD), { token: "resealed" });
  await refused(second.tokenStatus(), "authentication_error");
  await second.login("cleo@example.com", NEW_PASSWORD);
  await refused(second.openStoredToken(NEW_PASSWORD), "rolled_back", "other_text");
  await refused(second.acceptStoredToken(PASSWORD), "wrong_password");
  assert.equal((await second.acceptStoredToken(NEW_PASSWORD)).expose(), FAL_KEY);
  assert.equal((await client.openStoredToken(NEW_PASSWORD)).expose(), FAL_KEY);
  assert.deepEqual(await client.changeEmail("cleopatra@example.com", NEW_PASSWORD), { token: "unchanged" });
  await client.createSession({ token: await client.openStoredToken(NEW_PASSWORD) });
  await client.generate(REQUEST);
  const { id } = client.session;
  await client.createSession({ password: NEW_PASSWORD });
  const [older, own] = await client.sessions.list();
  assert.deepEqual([older.isCurrent, own.isCurrent, own.handle === id], [false, true, false]);
  await client.sessions.end(older.handle);
  assert.deepEqual(
    (await client.sessions.list()).map(({ handle }) => handle),
    [own.handle],
  );
  await refused(client.sessions.end(older.handle), "not_found");
  await client.endSession();
  await refused(client.generate(REQUEST), "session_required");
  client.session = { id, expiresAt: "" };
  await refused(client.generate(REQUEST), "session_required");
});

test("custody direct: this client calls FAL, and the server keeps the books", async () => {
  const client = await person("dina");
  await client.storeToken(FAL_KEY, PASSWORD, { custody: "direct" });
  const token = await client.openStoredToken(PASSWORD);
  const told = [];
  const folder = await client.folders.create("Mine");
  const options = { folder: folder.id, onProgress: (one) => told.push(one) };
  const { job, images } = await client.generateDirect(REQUEST, token, options);
  assert.deepEqual(
    [job.state, job.source, job.reportedBy, job.cost.amount],
    ["completed", "direct", "client", "0.006"],
  );
  assert.ok(images.length === 2 && images.every(({ url, refused }) => url && !refused.length));
  assert.ok(told.some(({ state }) => state === "submitted") && told.at(-1).state === "completed", JSON.stringify(told));
  const { items } = await client.pictures.list({ folder: folder.id });
  assert.equal(items.length, 2);
  assert.match(items[0].seed, /^\d+$/);
  const [entry] = (await client.ledger()).items;
  assert.deepEqual([entry.job, entry.reportedBy, entry.account.amount], [job.id, "client", "0.006"]);
  assert.deepEqual((await client.jobs.list({ source: "direct", open: true })).items, []);
  assert.deepEqual(await client.resumeDirect(token), []);
  // Whoever stops waiting goes on later, be it as another page.
  const stop = new AbortController();
  const onProgress = ({ state }) => state === "submitted" && stop.abort();
  await refused(client.generateDirect(REQUEST, token, { signal: stop.signal, onProgress }), "aborted");
  assert.equal((await client.jobs.list({ source: "direct", open: true })).items.length, 1);
  const [resumed] = await client.resumeDirect(token);
  assert.equal(resumed.outcome.job.state, "completed");
  await client.budget.set({ total: "0.01", basis: "account" });
  await refused(client.generateDirect(REQUEST, token), "budget_exceeded");
  assert.equal((await client.stats()).totalSpent.amount, "0.012");
  await refused(client.createSession({ token: { expose: () => "not a key" } }), "validation_error");
  token.lock();
  await refused(client.createSession({ token }), "locked");
});

test("an account with a plain password is moved over, with its key", async () => {
  const plain = "once-upon-a-harbour";
  const made = async (name) => {
    const email = `${name}@example.com`;
    await raw("POST", "/api/collections/generatio_users/records", { email, password: plain, passwordConfirm: plain });
    const { token, record } = (await raw("POST", "/api/custom/auth/login", { email, password: plain })).body;
    return { email, token, id: record.id };
  };
  const first = await made("old1");
  await raw("POST", "/api/custom/tokens/setup", { fal_token: FAL_KEY, password: plain }, first.token);
  const client = guest();
  await refused(client.login(first.email, plain), "authentication_error");
  const moved = await client.moveAccount(first.email, plain, { consent: true, newPassword: NEW_PASSWORD });
  assert.deepEqual([moved.token, moved.custody, moved.session !== null], ["server", "password", true]);
  await client.generate(REQUEST);
  assert.equal(
    (await raw("POST", "/api/custom/auth/login", { email: first.email, password: NEW_PASSWORD })).status,
    401,
  );
  await refused(client.moveAccount(first.email, plain, { consent: true }), "password_in_clear_refused");
  // A key that a client sealed goes along, sealed anew.
  const second = await made("old2");
  const seal = async (password) => {
    const sealed_token = await sealToken(FAL_KEY, password, { context: second.id });
    assert.equal((await raw("POST", "/api/custom/tokens/setup", { sealed_token }, second.token)).status, 200);
  };
  await seal(plain);
  const mover = guest();
  const { token } = await mover.moveAccount(second.email, plain, { consent: true, newPassword: NEW_PASSWORD });
  assert.equal(token, "resealed");
  assert.equal((await mover.openStoredToken(NEW_PASSWORD)).expose(), FAL_KEY);
  // One under a password of its own stays under that.
  second.token = mover.auth.token;
  await seal("a password of its own");
  const other = guest();
  await other.login(second.email, NEW_PASSWORD);
  assert.deepEqual(await other.changePassword(NEW_PASSWORD, PASSWORD), { token: "unchanged" });
  assert.equal((await other.openStoredToken("a password of its own")).expose(), FAL_KEY);
});

test("money: estimate, budget, ledger, series, stats", async () => {
  const client = await ready("dora");
  const estimate = await client.estimate(REQUEST);
  assert.deepEqual(
    [estimate.cost.amount, estimate.cost.nanoUsd, estimate.certainty, estimate.budget],
    ["0.006", 6_000_000n, "known", null],
  );
  await client.generate(REQUEST);
  const { items, next } = await client.ledger({ limit: 1 });
  assert.deepEqual(
    [items.length, next, items[0].account.amount, items[0].account.units, items[0].quoted.amount],
    [1, null, "0.006", "2", "0.006"],
  );
  const stats = await client.stats();
  assert.deepEqual([stats.totalSpent.amount, stats.totalImages, stats.averageCost.amount], ["0.006", 2, "0.003"]);
  const { buckets, lines } = await client.series({ byModel: true });
  assert.deepEqual(
    [buckets.length, lines.length, lines[0].model, lines[0].amount.at(-1).amount],
    [30, 1, REQUEST.model, "0.006"],
  );
  const budget = await client.budget.set({ total: "0.01", basis: "account", warnPercent: 50 });
  assert.deepEqual([budget.total.remaining.amount, budget.total.warning, budget.day], ["0.004", true, null]);
  assert.deepEqual((await client.estimate(REQUEST)).budget, {
    basis: "account",
    remaining: budget.total.remaining,
    allowed: false,
    warning: true,
  });
  const error = await refused(client.generate(REQUEST), "budget_exceeded");
  assert.deepEqual([error.status, error.details.period], [402, "total"]);
  assert.equal((await client.budget.set({ month: 5_000_000_000n })).month.limit.amount, "5");
  assert.equal((await client.budget.get()).total, null);
});

test("pictures, folders and preferences", async () => {
  const client = await ready("emil");
  const folder = await client.folders.create("Boats");
  await client.generate(REQUEST, { folder: folder.id });
  await client.generate({ model: "flux/schnell", prompt: "a red fox's den" });
  const { items, totalItems } = await client.pictures.list({ totals: true, perPage: 2 });
  assert.deepEqual([items.length, totalItems, items[0].prompt], [2, 3, "a red fox's den"]);
  const [boat, other] = (await client.pictures.list({ folder: folder.id })).items;
  assert.deepEqual(
    [boat.parameters, boat.model, boat.cost.amount, boat.folder],
    [REQUEST.parameters, REQUEST.model, "0.003", folder.id],
  );
  assert.match(boat.seed, /^\d+$/);
  assert.ok(boat.width > boat.height && boat.url && boat.refused.length === 0);
  assert.equal((await client.pictures.list({ search: "fox" })).items.length, 1);
  assert.equal((await client.pictures.list({ model: "it's none" })).items.length, 0);
  assert.equal((await client.pictures.list({ folder: null })).items.length, 1);
  assert.equal((await client.pictures.update(boat.id, { title: "Boat", folder: null })).folder, null);
  assert.equal((await client.pictures.get(boat.id)).title, "Boat");
  assert.ok((await client.pictures.trash(boat.id)).deletedAt);
  assert.deepEqual(
    (await client.pictures.list({ trashed: true })).items.map(({ id }) => id),
    [boat.id],
  );
  assert.equal((await client.pictures.restore(boat.id)).deletedAt, null);
  await client.pictures.delete(other.id);
  await refused(client.pictures.get(other.id), "not_found");
  assert.equal((await client.pictures.list({ totals: true })).totalItems, 2);
  const inner = await client.folders.create("Paper", folder.id);
  assert.equal((await client.folders.update(inner.id, { name: "Ships", parent: null, private: true })).private, true);
  assert.ok((await client.folders.trash(inner.id)).deletedAt);
  assert.deepEqual(
    (await client.folders.list()).map(({ name }) => name),
    ["Boats"],
  );
  assert.deepEqual(
    (await client.folders.list({ trashed: true })).map(({ name }) => name),
    ["Ships"],
  );
  assert.equal((await client.folders.restore(inner.id)).parent, null);
  await client.folders.delete(inner.id);
  assert.equal(await client.preferences.load("flux/schnell"), null);
  await client.preferences.save("flux/schnell", { num_images: 2, note: "#1" });
  assert.deepEqual(await client.preferences.load("flux/schnell"), { num_images: 2, note: "#1" });
  await refused(client.pictures.get("../../batch"), "argument_type");
});

test("jobs: one is found again, one is stopped, another's is nobody's", async () => {
  const client = await ready("faye");
  const stop = new AbortController();
  let id;
  const waiting = client.generate(REQUEST, {
    signal: stop.signal,
    onProgress: ({ job }) => ((id = job), stop.abort()),
  });
  await refused(waiting, "aborted");
  assert.equal((await client.jobs.follow(id)).job.state, "completed");
  assert.deepEqual(
    (await client.jobs.list({ state: "completed" })).items.map((job) => job.id),
    [id],
  );
  const canceled = await client.jobs.cancel(id);
  assert.deepEqual([canceled.stopped, canceled.charged.amount], [false, "0.006"]);
  await refused(client.jobs.resolve(id, "charged"), "conflict");
  await refused((await ready("gale")).jobs.get(id), "not_found");
  const key = "the-same-key";
  const [one, two] = [
    await client.generate(REQUEST, { idempotencyKey: key }),
    await client.generate(REQUEST, { idempotencyKey: key }),
  ];
  assert.equal(one.job.id, two.job.id);
  await refused(client.generate({ ...REQUEST, prompt: "another" }, { idempotencyKey: key }), "conflict");
  const error = await refused(client.generate({ ...REQUEST, parameters: { num_images: 99 } }), "validation_error");
  assert.equal(error.details.problems[0].path, "parameters.num_images");
});

test("an account is deleted by who knows its password", async () => {
  const client = await ready("hans");
  await refused(client.deleteAccount("not my password"), "wrong_password");
  const { auth } = client;
  await client.deleteAccount(PASSWORD);
  assert.deepEqual([client.auth, client.session], [null, null]);
  await refused(new GeneratioClient({ url, trust: device(), auth }).refresh(), "authentication_error");
});
