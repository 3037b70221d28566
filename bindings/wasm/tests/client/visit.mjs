// A visit: an account, a sealed key, a picture, another password. Every assertion is of what the visitor sees.

import assert from "node:assert/strict";
import { GeneratioClient, UnlockedToken } from "./package.mjs";
import { device } from "./support.mjs";

const { GENERATIO_URL: url, CUSTODY: custody, FAL_KEY: key, PASSWORD, NEW_PASSWORD, PROMPT: prompt } = process.env;
const email = "ann@example.com";
const request = { model: "flux/schnell", prompt, parameters: {} };

const trust = device();
const client = new GeneratioClient({ url, trust });
await client.register({ email, password: PASSWORD, name: "Ann" });
await client.storeToken(UnlockedToken.from(key), PASSWORD, { custody });

if (custody === "direct") {
  const token = await client.openStoredToken(PASSWORD);
  assert.equal(token.expose(), key);
  const made = await client.generateDirect(request, token);
  assert.equal(made.job.state, "completed");
  assert.equal(made.job.reportedBy, "client");
  token.lock();
} else {
  await client.createSession({ password: PASSWORD });
  const made = await client.generate(request);
  assert.equal(made.job.state, "completed");
}
const { items } = await client.pictures.list();
assert.deepEqual(items.map((picture) => picture.prompt), [prompt]);
const charges = await client.ledger();
assert.equal(charges.items.length, 1);

await client.changePassword(PASSWORD, NEW_PASSWORD);
await client.logout();
const again = new GeneratioClient({ url, trust });
await again.login(email, NEW_PASSWORD);
if (custody === "direct") {
  const token = await again.openStoredToken(NEW_PASSWORD);
  assert.equal(token.expose(), key);
  token.lock();
}
await again.logout();
console.log("the visit is over");
