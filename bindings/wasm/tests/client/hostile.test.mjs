// A server that lies: each lie is refused with its code, after the same call went well with an honest server.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { inspect } from "node:util";
import { GeneratioClient, UnlockedToken, sealToken } from "./package.mjs";
import { ID, Server } from "./server.mjs";
import { EMAIL, FAL_KEY, PASSWORD, device, person, refused } from "./support.mjs";

const V1 =
  "jsLTtnTv6jV9QUMKXxScKtN1yPWzpI4MY1s0FfzzSMCEz+C4IyOYGtqSHN5mUl2IKhz7.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

let server, client, trust, sealed;

before(async () => {
  server = await Server.start();
  trust = device();
  client = await person(server.url, { trust });
  await client.storeToken(FAL_KEY, PASSWORD, { custody: "sealed" });
  sealed = server.token.sealed_token;
});

after(() => server.stop());

beforeEach(() => {
  server.honest();
  server.token = { sealed_token: sealed, custody: "client", updated: "" };
});

/** Another device of the same user's, which has seen nothing. */
const elsewhere = () => new GeneratioClient({ url: server.url, trust: device(), auth: client.auth });
const hand = (text) => server.lie("GET /api/custom/tokens", { sealed_token: text, custody: "client" });
const opens = async (of) => {
  const token = await of.openStoredToken(PASSWORD);
  assert.equal(token.expose(), FAL_KEY);
  token.lock();
};

test("another user's sealed text is refused", async () => {
  await opens(client);
  await opens(elsewhere());
  const others = await sealToken("another:key", PASSWORD, { context: ID("b") });
  hand(others);
  await refused(client.openStoredToken(PASSWORD), "rolled_back", "other_text");
  await refused(client.createSession({ password: PASSWORD }), "rolled_back", "other_text");
  await refused(client.changePassword(PASSWORD, "another-harbour-9"), "rolled_back", "other_text");
  // Even where nothing was seen yet: it was sealed for somebody else.
  await refused(elsewhere().openStoredToken(PASSWORD), "sealed_token_damaged");
  await refused(client.acceptStoredToken(PASSWORD), "sealed_token_damaged");
  server.honest();
  await opens(client);
});

test("an older sealed text is refused", async () => {
  await client.storeToken("a-newer:key", PASSWORD, { custody: "direct" });
  assert.equal((await client.openStoredToken(PASSWORD)).expose(), "a-newer:key");
  const newer = server.token.sealed_token;
  hand(sealed);
  await refused(client.openStoredToken(PASSWORD), "rolled_back", "other_text");
  // The user may say that it was them, on another device; then that one is the last.
  assert.equal((await client.acceptStoredToken(PASSWORD)).expose(), FAL_KEY);
  await opens(client);
  hand(newer);
  await refused(client.openStoredToken(PASSWORD), "rolled_back", "other_text");
});

test("a text that does not open is not accepted", async () => {
  await opens(client);
  hand(await sealToken("evil:key", "another password", { context: ID("a") }));
  await refused(client.acceptStoredToken(PASSWORD), "wrong_password");
  server.honest();
  await opens(client);
});

test("a text of the first form is refused", async () => {
  await opens(client);
  hand(V1);
  await refused(client.openStoredToken(PASSWORD), "rolled_back", "older_version");
  await refused(client.acceptStoredToken(PASSWORD), "rolled_back", "older_version");
  await refused(elsewhere().openStoredToken(PASSWORD), "rolled_back", "older_version");
});

test("what was remembered and cannot be read is not taken for nothing", async () => {
  await opens(client);
  const [key] = [...trust.kept.keys()].filter((key) => key.startsWith("generatio:pin:"));
  trust.set(key, "{");
  await refused(client.openStoredToken(PASSWORD), "rolled_back", "pin_unreadable");
  assert.equal((await client.acceptStoredToken(PASSWORD)).expose(), FAL_KEY);
  await opens(client);
});

test("a lost answer leaves both texts known", async () => {
  const person = elsewhere();
  await opens(person);
  server.lie("POST /api/custom/tokens/setup", ({ truth }) => (truth(), { body: (response) => response.destroy() }));
  await refused(person.storeToken("newest:key", PASSWORD, { custody: "sealed" }), "server_unreachable");
  server.honest();
  assert.equal((await person.openStoredToken(PASSWORD)).expose(), "newest:key");
  hand(sealed);
  await refused(person.openStoredToken(PASSWORD), "rolled_back", "other_text");
});

test("an iteration count made small or huge is refused without deriving a key", async () => {
  const fresh = elsewhere();
  await opens(fresh);
  for (const iterations of [100_000, 599_999, 2_000_001, 10_000_000]) {
    hand(sealed.replace(/^v2\.\d+\./, `v2.${iterations}.`));
    await refused(client.openStoredToken(PASSWORD), "rolled_back", "other_text");
    const began = performance.now();
    await refused(elsewhere().openStoredToken(PASSWORD), "iterations_out_of_range");
    await refused(client.acceptStoredToken(PASSWORD), "iterations_out_of_range");
    assert.ok(performance.now() - began < 1000, `${iterations} were run`);
  }
  for (const iterations of ["0", "1", "10000001", "4294967897000"]) {
    hand(sealed.replace(/^v2\.\d+\./, `v2.${iterations}.`));
    const { code } = await elsewhere()
      .openStoredToken(PASSWORD)
      .catch((error) => error);
    assert.ok(["iterations_out_of_range", "sealed_token_malformed"].includes(code), `${iterations}: ${code}`);
  }
});

test("a token that the server claims to have sealed is not opened as the client's", async () => {
  await opens(client);
  server.lie("GET /api/custom/tokens", { sealed_token: sealed, custody: "password" });
  const error = await refused(client.openStoredToken(PASSWORD), "custody_refused");
  assert.equal(error.details.custody, "password");
});

test("nothing makes the client send the password", async () => {
  const seen = server.seen.length;
  const fresh = () => new GeneratioClient({ url: server.url, trust: device() });
  await fresh().login(EMAIL, PASSWORD);
  const asks = [
    {
      status: 400,
      body: { error: "validation_error", message: "Send your password itself", details: { plain: true } },
    },
    {
      status: 401,
      headers: { "www-authenticate": "Basic" },
      body: { error: "authentication_error", message: "Log in" },
    },
    { status: 401, body: { error: "password_required", message: "Password" } },
    { status: 403, body: { error: "authorization_error", message: "No secrets", details: { custody: ["password"] } } },
  ];
  for (const ask of asks) {
    server.lie("POST /api/custom/auth/login", () => ask);
    const error = await fresh()
      .login(EMAIL, PASSWORD)
      .catch((error) => error);
    assert.ok(["validation_error", "authentication_error", "authorization_error"].includes(error.code), error.stack);
  }
  server.honest();
  server.lie("GET /api/custom/auth/token-status", {
    has_token: true,
    has_active_session: false,
    requires_login: true,
    custody: "password",
  });
  await client.createSession({ password: PASSWORD });
  server.lie("GET /api/custom/auth/token-status", {
    has_token: true,
    has_active_session: false,
    requires_login: true,
    custody: "plain",
  });
  await refused(client.createSession({ password: PASSWORD }), "server_answer");
  server.lie("POST /api/collections/generatio_users/auth-with-password", () => asks[0]);
  await refused(client.storeToken(FAL_KEY, PASSWORD, { custody: "sealed" }), "wrong_password");
  await refused(client.deleteAccount(PASSWORD), "wrong_password");
  assert.ok(server.seen.length > seen + 5);
  assert.ok(!server.text().includes(PASSWORD), "the password was sent");
});

test("an account that uses a secret is not moved, whatever its server says", async () => {
  const plain = "once-upon-a-harbour";
  const moves = { trust: device(), url: server.url };
  server.accounts.set("old@example.com", {
    id: ID("c"),
    email: "old@example.com",
    name: "",
    password: plain,
    jwt: "jwt-old",
  });
  server.token = null;
  const mover = new GeneratioClient(moves);
  await refused(mover.login("old@example.com", plain), "authentication_error");
  await refused(mover.moveAccount("old@example.com", plain), "consent_required");
  await refused(mover.moveAccount("old@example.com", plain, { consent: "yes" }), "consent_required");
  assert.ok(!server.text().includes(plain), "the password was sent without consent");
  const moved = await mover.moveAccount("old@example.com", plain, { consent: true });
  assert.deepEqual([moved.token, moved.user.email], ["none", "old@example.com"]);
  assert.match(server.accounts.get("old@example.com").password, /^g2\./);
  // From now on there is no reason to: also not for a server that lets no login through.
  server.lie("POST /api/custom/auth/login", () => ({
    status: 401,
    body: { error: "authentication_error", message: "No" },
  }));
  const before = server.seen.length;
  const later = new GeneratioClient(moves);
  await refused(later.login("old@example.com", plain), "authentication_error");
  await refused(later.moveAccount("Old@example.com ", plain, { consent: true }), "password_in_clear_refused");
  await refused(client.moveAccount(EMAIL, PASSWORD, { consent: true }), "password_in_clear_refused");
  assert.ok(!JSON.stringify(server.seen.slice(before)).includes(plain));
  await later.forgetAccount("old@example.com");
  await refused(later.moveAccount("old@example.com", plain, { consent: true }), "wrong_password");
});

test("a FAL key is not given to a server that does not offer to keep it", async () => {
  const status = (custody) => server.lie("GET /api/custom/status", { status: "ok", custody, prices: "catalog" });
  const token = UnlockedToken.from(FAL_KEY);
  const before = server.seen.length;
  status(["direct"]);
  await refused(client.storeToken(FAL_KEY, PASSWORD, { custody: "password" }), "custody_refused");
  await refused(client.createSession({ token }), "custody_refused");
  await refused(client.createSession({ password: PASSWORD }), "custody_refused");
  assert.ok(!JSON.stringify(server.seen.slice(before)).includes(FAL_KEY), "the key was sent");
  status(["sealed"]);
  await client.createSession({ token });
  assert.ok(JSON.stringify(server.seen.slice(before)).includes(FAL_KEY), "it is searched for where it never is");
});

test("an invitation goes along with a registration, and no error repeats it", async () => {
  const [account, invitation] = [{ email: "invited@example.com", password: PASSWORD }, "code-of-an-invitation"];
  const guest = new GeneratioClient({ url: server.url, trust: device() });
  const route = "POST /api/collections/generatio_users/records";
  const asked = () => JSON.parse(server.seen.findLast(({ method, path }) => `${method} ${path}` === route).body);
  const data = { invitation: { code: "validation_invalid_invitation", message: `no ${invitation}` } };
  server.lie(route, () => ({ status: 400, body: { data, message: "Failed", status: 400 } }));
  const error = await guest.register({ ...account, invitation }).catch((error) => error);
  assert.equal(asked().invitation, invitation);
  assert.equal(JSON.stringify([error.message, error.details]).includes(invitation), false);
  server.lie(route, null);
  await guest.register(account);
  assert.equal("invitation" in asked(), false);
});

test("the server cannot speak of another account", async () => {
  const fresh = new GeneratioClient({ url: server.url, trust: device() });
  await fresh.login(EMAIL, PASSWORD);
  await fresh.refresh();
  const other = { id: ID("a"), email: "victim@elsewhere.example", name: "" };
  server.lie("POST /api/custom/auth/login", { token: "jwt", record: other, message: "" });
  await refused(new GeneratioClient({ url: server.url, trust: device() }).login(EMAIL, PASSWORD), "account_changed");
  server.lie("POST /api/collections/generatio_users/auth-refresh", {
    token: "jwt",
    record: { ...other, email: EMAIL, id: ID("z") },
  });
  await refused(fresh.refresh(), "account_changed");
  server.lie("POST /api/collections/generatio_users/auth-refresh", { token: "jwt", record: other });
  await refused(fresh.refresh(), "account_changed");
  assert.equal(fresh.auth.user.email, EMAIL);
});

test("a redirect is refused, and nothing follows it", async () => {
  const trap = await Server.start();
  await client.status();
  for (const status of [301, 302, 303, 307, 308]) {
    server.lie("* *", () => ({ status, headers: { location: `${trap.url}/api/custom/auth/login` } }));
    await refused(client.login(EMAIL, PASSWORD), "redirect_refused");
    await refused(client.status(), "redirect_refused");
  }
  assert.deepEqual(trap.seen, []);
  await trap.stop();
});

test("errors repeat no secret and speak in the server's name only", async () => {
  const secret = client.auth.token;
  const echo = (headers) => ({
    error: "validation_error",
    message: `bad token ${headers.authorization}`,
    details: { headers },
  });
  server.lie("GET /api/custom/generate/jobs", () => ({
    status: 400,
    body: { error: "validation_error", message: "bad limit", details: { limit: 1 } },
  }));
  const honest = await refused(client.jobs.list(), "validation_error");
  assert.deepEqual([honest.message, honest.status, honest.details], ["bad limit", 400, { limit: 1 }]);
  server.lie("GET /api/custom/generate/jobs", ({ headers }) => ({ status: 400, body: echo(headers) }));
  const error = await refused(client.jobs.list(), "validation_error");
  assert.ok(!inspect(error, { depth: 9 }).includes(secret) && !JSON.stringify(error).includes(secret));
  server.lie("POST /api/custom/tokens/setup", ({ body }) => ({
    status: 400,
    body: { error: "validation_error", message: body },
  }));
  const setup = await refused(client.storeToken(FAL_KEY, PASSWORD, { custody: "password" }), "validation_error");
  assert.ok(!inspect(setup, { depth: 9 }).includes(FAL_KEY));
  for (const code of ["rolled_back", "wrong_password", "aborted", "__proto__", 7]) {
    server.lie("GET /api/custom/generate/jobs", () => ({
      status: 404,
      body: { error: code, message: "x".repeat(9999) },
    }));
    const { message } = await refused(client.jobs.list(), "not_found");
    assert.equal(message.length, 500);
  }
  server.lie("GET /api/custom/generate/jobs", () => ({ status: 429, headers: { "retry-after": "7" }, body: "<html>" }));
  assert.deepEqual((await refused(client.jobs.list(), "rate_limit_error")).details, { retryAfter: 7 });
});

test("the client shows no secret", async () => {
  await client.createSession({ password: PASSWORD });
  const { token } = client.auth;
  const shown = [
    inspect(client, { depth: 9, showHidden: true, getters: false }),
    JSON.stringify(client),
    String(client),
    `${client}`,
  ];
  for (const text of shown) {
    for (const secret of [token, client.session.id, PASSWORD, FAL_KEY]) assert.ok(!text.includes(secret), text);
  }
  assert.ok(JSON.stringify(client.auth).includes(token), "it is searched for where it never is");
  for (const { path, query } of server.seen) {
    const address = path + JSON.stringify(query);
    for (const secret of [token, client.session.id, FAL_KEY, "g2."]) assert.ok(!address.includes(secret), address);
  }
  assert.ok([...trust.kept].every((entry) => !`${entry}`.includes(FAL_KEY) && !`${entry}`.includes(token)));
  assert.ok(Object.values(trust.kept).every((text) => !text.includes("v2.")));
});
