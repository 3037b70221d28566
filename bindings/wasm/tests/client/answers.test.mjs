// Answers of no form, without end, or that do not come: each is refused, and none is a TypeError.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { GeneratioClient, UnlockedToken, accountSecret, sealToken } from "./package.mjs";
import { ID, Server, imageRow } from "./server.mjs";
import { EMAIL, FAL_KEY, PASSWORD, bigints, device, refused } from "./support.mjs";

let server, client;

before(async () => {
  server = await Server.start();
  const password = await accountSecret(EMAIL, PASSWORD);
  server.accounts.set(EMAIL, { id: ID("a"), email: EMAIL, name: "", password, jwt: "jwt-of-ann" });
  const sealed_token = await sealToken(FAL_KEY, PASSWORD, { context: ID("a") });
  server.token = { sealed_token, custody: "client", updated: "" };
  client = made();
});

after(() => server.stop());

beforeEach(() => server.honest());

/** Somebody who is signed in, and has a session. */
const made = (options) => {
  const auth = { token: "jwt-of-ann", user: { id: ID("a"), email: EMAIL, name: "" } };
  const session = { id: "session-1", expiresAt: "" };
  return new GeneratioClient({ url: server.url, trust: device(), auth, session, ...options });
};

const CALLS = {
  "GET /api/custom/status": (c) => c.status(),
  "POST /api/custom/auth/login": (c) => c.login(EMAIL, PASSWORD),
  "POST /api/collections/generatio_users/auth-refresh": (c) => c.refresh(),
  [`PATCH /api/collections/generatio_users/records/${ID("a")}`]: (c) => c.rename("Ann"),
  "GET /api/custom/tokens": (c) => c.openStoredToken(PASSWORD),
  "GET /api/custom/auth/token-status": (c) => c.tokenStatus(),
  "POST /api/custom/auth/create-session": (c) => c.createSession({ token: UnlockedToken.from(FAL_KEY) }),
  "GET /api/custom/auth/sessions": (c) => c.sessions.list(),
  "POST /api/custom/generate/estimate": (c) => c.estimate({ model: "m", prompt: "p" }),
  "POST /api/custom/generate/image": (c) => c.generate({ model: "m", prompt: "p" }),
  "GET /api/custom/generate/jobs": (c) => c.jobs.list(),
  [`GET /api/custom/generate/jobs/${ID("j")}`]: (c) => c.jobs.get(ID("j")),
  [`DELETE /api/custom/generate/jobs/${ID("j")}`]: (c) => c.jobs.cancel(ID("j")),
  [`POST /api/custom/generate/jobs/${ID("j")}/resolve`]: (c) => c.jobs.resolve(ID("j"), "charged"),
  "GET /api/collections/images/records": (c) => c.pictures.list(),
  [`GET /api/collections/images/records/${ID("p")}`]: (c) => c.pictures.get(ID("p")),
  [`PATCH /api/collections/images/records/${ID("p")}`]: (c) => c.pictures.trash(ID("p")),
  "GET /api/collections/folders/records": (c) => c.folders.list(),
  "POST /api/collections/folders/records": (c) => c.folders.create("Foxes"),
  [`PATCH /api/collections/folders/records/${ID("f")}`]: (c) => c.folders.restore(ID("f")),
  "POST /api/custom/preferences/get": (c) => c.preferences.load("m"),
  "GET /api/custom/financial/ledger": (c) => c.ledger(),
  "GET /api/custom/financial/series": (c) => c.series(),
  "GET /api/custom/financial/stats": (c) => c.stats(),
  "GET /api/custom/financial/budget": (c) => c.budget.get(),
  "PUT /api/custom/financial/budget": (c) => c.budget.set({ day: "5" }),
};
const JUNK = [
  "",
  "null",
  "[]",
  "{}",
  "7",
  '"text"',
  "[null]",
  '{"items":null}',
  '{"items":[null]}',
  '{"items":[{}]}',
  "<html>",
  '{"a":',
  "1e999",
  '{"id":7,"items":{"length":9}}',
  `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
];

for (const [route, call] of Object.entries(CALLS)) {
  test(`${route}: answers of no form are refused`, async () => {
    const person = made();
    await call(person);
    // A login derives a key each time: fewer will do.
    const few = route.endsWith("/login");
    for (const junk of few ? JUNK.slice(0, 4) : JUNK) {
      server.lie(route, () => ({ body: junk === "" ? " " : junk }));
      // A server that offers nothing is one that offers nothing.
      await refused(call(person), "server_answer").catch((error) =>
        assert.fail(`${junk.slice(0, 40)}: ${error.message}`),
      );
    }
    // Each field of the true answer, missing or of another type.
    for (const wrong of few
      ? [undefined, 17.5]
      : [undefined, 17.5, "\u0000", [], {}, true, null, "x".repeat(200_000)]) {
      for (const field of await fieldsOf(route, call, person)) {
        server.lie(route, ({ truth }) => ({ body: swap(truth().body, field, wrong) }));
        const error = await call(person).then(
          () => null,
          (error) => error,
        );
        // What is a text and no more is refused for what it is.
        const fits = ["server_answer", "account_changed", "sealed_token_malformed"].includes(error?.code);
        if (error !== null && !fits) await refused(Promise.reject(error), "server_answer");
      }
    }
  });
}

async function fieldsOf(route, call, person) {
  let fields = [];
  server.lie(route, ({ truth }) => {
    const answer = truth();
    const body = typeof answer.body === "string" ? JSON.parse(answer.body) : answer.body;
    fields = Object.keys(body.items?.[0] ?? body.series?.[0] ?? body.sessions?.[0] ?? body);
    return answer;
  });
  await call(person);
  return fields;
}

function swap(truth, field, wrong) {
  const body = structuredClone(typeof truth === "string" ? JSON.parse(truth) : truth);
  (body.items?.[0] ?? body.series?.[0] ?? body.sessions?.[0] ?? body)[field] = wrong;
  return body;
}

test("an answer without end is cut off", async () => {
  const endless = (response) => {
    const chunk = Buffer.alloc(1 << 16, " ");
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", more);
    more();
  };
  server.lie("GET /api/custom/financial/stats", () => ({ body: endless }));
  await refused(client.stats(), "server_answer", "too large");
  server.lie("GET /api/custom/financial/stats", () => ({ status: 500, body: endless }));
  await refused(client.stats(), "internal_error");
});

test("an answer that does not come is not waited for", async () => {
  const patient = made({ timeoutMs: 50 });
  server.lie("GET /api/custom/financial/stats", () => ({ body: () => {} }));
  await refused(patient.stats(), "server_timeout");
  await refused(client.stats({ signal: AbortSignal.timeout(50) }), "aborted");
  await refused(client.stats({ signal: AbortSignal.abort() }), "aborted");
});

test("amounts lose no digit", async () => {
  const stats = await client.stats();
  assert.deepEqual(stats.totalSpent, { amount: "0.000000001", nanoUsd: 1n });
  assert.deepEqual(stats.recentSpending, {
    amount: "12345678901234567.123456789",
    nanoUsd: 12345678901234567123456789n,
  });
  assert.deepEqual(stats.monthForecast, { amount: "-0.5", nanoUsd: -500000000n });
  assert.equal(JSON.stringify((await client.ledger()).items[0].fal, bigints).includes('"amount":"0.004"'), true);
  server.lie("GET /api/collections/images/records", {});
  const info =
    '{"cost_usd":0.1,"seed":18446744073709551615,"parameters":{"seed":18446744073709551614,"scale":7.50,"note":"#1\\" \'2"}}';
  const row = JSON.stringify(imageRow({ other_info: 0 })).replace('"other_info":0', `"other_info":${info}`);
  server.lie("GET /api/collections/images/records", () => ({
    body: `{"items":[${row}],"page":1,"perPage":30,"totalItems":1,"totalPages":1}`,
  }));
  const [picture] = (await client.pictures.list({ totals: true })).items;
  assert.equal(picture.seed, "18446744073709551615");
  assert.deepEqual(picture.parameters, { seed: "18446744073709551614", scale: 7.5, note: "#1\" '2" });
  assert.deepEqual(picture.cost, { amount: "0.1", nanoUsd: 100000000n });
});
