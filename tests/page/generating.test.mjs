// Making pictures in all three custody modes: who sees the key, what it costs, how far it is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FAL, FAL_KEY, PASSWORD, URL_OF_PAGE, WAYS, book, leaks, make, ready, refusal, said, until, view } from "./support.mjs";

const toServer = (sent) => sent.filter(({ origin }) => origin === new URL(URL_OF_PAGE).origin);
const toFal = (sent) => sent.filter(({ origin }) => origin === new URL(FAL).origin);
const settings = (page) => page.getByRole("complementary", { name: "Settings" });

test("kept by the server: it gets the key once, and never the password", async () => {
  const { page, sent } = await ready("password@example.com", "password");
  await make(page, "a heron at dawn");
  assert.equal(leaks(sent, PASSWORD).length, 0);
  const withKey = leaks(sent, FAL_KEY);
  assert.deepEqual(withKey.map(({ url }) => new URL(url).pathname), ["/api/custom/tokens/setup"]);
  assert.equal(toFal(sent).filter(({ method }) => method === "POST").length, 0);
});

test("lent: the server gets the key for a session, and never the password", async () => {
  const { page, sent } = await ready("sealed@example.com", "sealed");
  await make(page, "a heron at noon");
  assert.equal(leaks(sent, PASSWORD).length, 0);
  const withKey = leaks(sent, FAL_KEY);
  assert.deepEqual(withKey.map(({ url }) => new URL(url).pathname), ["/api/custom/auth/create-session"]);
});

test("direct: the server gets neither, FAL gets the key from the page", async () => {
  const { page, sent } = await ready("direct@example.com", "direct");
  await make(page, "a heron at dusk");
  assert.equal(leaks(sent, PASSWORD).length, 0);
  assert.equal(leaks(toServer(sent), FAL_KEY).length, 0);
  assert.equal(leaks(toServer(sent), "planted0secret").length, 0);
  assert.ok(leaks(toFal(sent), FAL_KEY).length > 0, "the page calls FAL itself");
  // After a reload the key is gone from memory; the first press asks for the password, and goes on.
  await page.reload();
  await page.getByRole("button", { name: "Locked: unlock your key" }).waitFor();
  await page.getByLabel("What to make").fill("a heron at night");
  await page.getByRole("button", { name: /^Generate · \$/ }).click();
  const dialog = page.getByRole("dialog", { name: "Unlock your key" });
  await dialog.getByLabel("Password", { exact: true }).fill("not the password");
  await dialog.getByRole("button", { name: "Unlock", exact: true }).click();
  await dialog.getByText("That is not the password.").waitFor();
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Unlock", exact: true }).click();
  await page.getByRole("button", { name: "a heron at night", exact: true }).first().waitFor();
  assert.equal(leaks(toServer(sent), PASSWORD).length, 0);
});

test("direct: what a reload cut off is offered to be finished, once the key is unlocked", async () => {
  const { page, sent, open } = await ready("lost@example.com", "direct");
  await page.getByLabel("What to make").fill('a lost fox [[sim: {"queue_ms": 4000}]]');
  await page.getByRole("button", { name: /^Generate · / }).click();
  await page.getByRole("article").getByText(/Waiting at FAL|Next in FAL/).waitFor();
  const second = await open();
  await second.getByRole("heading", { name: "Latest" }).waitFor();
  await second.getByText("Nothing here yet").waitFor();
  assert.equal(await second.getByText("A job of an earlier visit is not finished.").count(), 0, "the first tab runs it");
  await second.close();
  await page.reload();
  await page.getByText("A job of an earlier visit is not finished.").waitFor();
  await page.getByRole("button", { name: "Unlock and finish" }).click();
  const dialog = page.getByRole("dialog", { name: "Unlock your key" });
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Unlock", exact: true }).click();
  await page.getByRole("button", { name: /^a lost fox/ }).first().waitFor();
  await page.getByText("A job of an earlier visit is not finished.").waitFor({ state: "detached" });
  assert.equal(toFal(sent).filter(({ method }) => method === "POST").length, 1, "it was sent once");
});

test("the three ways can be changed into each other, and each is said in words", async () => {
  const { page, sent } = await ready("switch@example.com", "password");
  for (const mode of ["sealed", "direct", "password", "direct", "sealed"]) {
    await view(page, "Account");
    await page.getByRole("button", { name: "Change who can see it" }).click();
    const dialog = page.getByRole("dialog", { name: "Who can see your key" });
    await dialog.getByRole("radio", { name: WAYS[mode] }).check();
    await dialog.getByLabel("Your password", { exact: true }).fill(PASSWORD);
    await dialog.getByRole("button", { name: "Change", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("region", { name: "Your FAL key" }).getByText(WAYS[mode]).first().waitFor();
    await view(page, "Create");
    await make(page, `a fox, ${mode}`);
  }
  assert.equal(leaks(sent, PASSWORD).length, 0);
});

test("the price stands on the button before anything is spent, and follows the settings", async () => {
  const { page } = await ready("price@example.com");
  const before = (await book()).submissions;
  await page.getByLabel("What to make").fill("a harbour");
  await page.getByRole("button", { name: "Generate · $0.003" }).waitFor();
  await settings(page).getByRole("radiogroup", { name: "Pictures" }).getByRole("radio", { name: "4" }).check();
  await page.getByRole("button", { name: "Generate · $0.012" }).waitFor();
  await settings(page).getByRole("radio", { name: "Custom" }).check();
  await page.getByLabel("Width in pixels").fill("2048");
  await page.getByText("4 pictures · FAL bills $0.024").waitFor();
  await page.getByLabel("Width in pixels").fill("14000");
  await page.getByLabel("Height in pixels").fill("14000");
  await page.getByText(/megapixels/).first().waitFor();
  await page.getByRole("button", { name: "Generate", exact: true }).waitFor();
  await page.getByRole("button", { name: "Reset settings" }).click();
  await page.getByRole("button", { name: /Flux Schnell/ }).click();
  const dialog = page.getByRole("dialog", { name: "Choose a model" });
  await dialog.getByRole("searchbox").fill("hidream i1 dev");
  await dialog.getByRole("radio", { name: /HiDream I1 Dev/ }).check();
  await dialog.getByRole("button", { name: "Use this model" }).click();
  await page.getByRole("button", { name: "Generate · $0.004" }).waitFor();
  assert.equal((await book()).submissions, before);
});

test("a job shows its place in the queue and its time, can be stopped, and survives a reload", async () => {
  const { page } = await ready("progress@example.com");
  const slow = (more) => `a slow fox [[sim: ${JSON.stringify(more)}]]`;
  await page.getByLabel("What to make").fill(slow({ queue_ms: 20_000, position: 3 }));
  await page.keyboard.press("Control+Enter");
  const job = page.getByRole("article");
  await job.getByText("Waiting at FAL, 3 before you").waitFor();
  await until("a second has passed", async () => /0:0[1-9]/.test(await job.innerText()));
  await page.reload();
  await job.getByText(/Waiting at FAL/).waitFor();
  await job.getByText(/a slow fox/).waitFor();
  await job.getByRole("button", { name: "Stop" }).click();
  await job.getByText("Stopped. Nothing was charged.").waitFor();
  await job.getByRole("button", { name: "Use again" }).click();
  assert.match(await page.getByLabel("What to make").inputValue(), /^a slow fox/);
});

test("what FAL refuses is said, and nothing was charged", async () => {
  const watched = await ready("refused@example.com");
  const { page } = watched;
  watched.allowed.push(/status of (4|5)\d\d/);
  await page.getByLabel("What to make").fill('a fox [[sim: {"fault": "content_policy"}]]');
  await page.getByRole("button", { name: /^Generate · / }).click();
  const job = page.getByRole("article");
  await job.getByRole("button", { name: "Dismiss" }).waitFor();
  await job.getByRole("button", { name: "Dismiss" }).click();
  await job.waitFor({ state: "detached" });
  await view(page, "Spending");
  await page.getByText("Nothing was charged yet.").waitFor();
});

test("when nobody knows whether FAL took a job, its owner says so; also after a reload", async () => {
  const one = await ready("unknown@example.com");
  const { page } = one;
  one.allowed.push(/status of (4|5)\d\d/);
  const job = page.getByRole("article");
  for (const [reloads, answer] of [[false, "It was not"], [true, "It was charged"]]) {
    await page.getByLabel("What to make").fill(`a lost boat ${reloads} [[sim: {"fault": "submit_reset_after"}]]`);
    await page.getByRole("button", { name: /^Generate · \$/ }).click();
    await job.getByText(/nobody knows whether this was made/).waitFor();
    if (reloads) await page.reload();
    await job.getByRole("button", { name: answer }).click();
    await job.waitFor({ state: "detached" });
  }
  await view(page, "Spending");
  await page.locator(".sum").filter({ hasText: "In all" }).getByText("$0.003").waitFor();
});

test("a session that was ended elsewhere is asked for, and the press is not lost", async () => {
  const one = await ready("ended@example.com");
  const { page } = one;
  const authorization = await page.evaluate(() => JSON.parse(sessionStorage.getItem("generatio.auth")).token);
  const call = (method, path) => fetch(`${URL_OF_PAGE}/api/custom/auth/sessions${path}`, { method, headers: { authorization } });
  const { sessions } = await (await call("GET", "")).json();
  for (const { handle } of sessions) assert.equal((await call("DELETE", `/${handle}`)).status, 200);
  one.allowed.push(refusal(401));
  await page.getByLabel("What to make").fill("a patient fox");
  await page.getByRole("button", { name: /^Generate · \$/ }).click();
  const dialog = page.getByRole("dialog", { name: "Unlock your key" });
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "a patient fox", exact: true }).waitFor();
});

test("the key can be locked at any time", async () => {
  const { page } = await ready("lock@example.com");
  await page.getByRole("button", { name: "Unlocked: lock your key" }).click();
  await said(page, "Your key is locked.");
  await page.getByRole("button", { name: "Locked: unlock your key" }).click();
  const dialog = page.getByRole("dialog", { name: "Unlock your key" });
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Unlocked: lock your key" }).waitFor();
});
