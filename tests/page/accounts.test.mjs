// Accounts: registering, signing in, moving over, sessions, another password, the end; and that no password goes out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FAL_KEY, PASSWORD, URL_OF_PAGE, leaks, make, ready, refusal, register, said, seal, somebody, until, view } from "./support.mjs";

const NEW = "velvet-anchor-91";
const post = (path, body) => fetch(`${URL_OF_PAGE}${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

async function signIn(page, email, password) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("weak passwords are refused on the page, before anything is sent", async () => {
  const { open, sent } = await somebody();
  const page = await open();
  await page.getByRole("radio", { name: "Create account" }).check();
  await page.getByLabel("E-mail").fill("weak@example.com");
  for (const [password, text] of [["short", /at least 8/], ["password123", /common passwords/]]) {
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText(text).and(page.locator(".error")).waitFor();
  }
  assert.deepEqual(sent.filter(({ method }) => method === "POST"), []);
});

test("an address is registered once", async () => {
  const { open, allowed } = await somebody();
  const page = await open();
  await register(page, "once@example.com");
  const other = await somebody();
  other.allowed.push(refusal(400));
  const second = await other.open();
  await second.getByRole("radio", { name: "Create account" }).check();
  await second.getByLabel("E-mail").fill("once@example.com");
  await second.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await second.getByRole("button", { name: "Create account" }).click();
  await second.getByText("There is an account with this e-mail already.").waitFor();
  assert.deepEqual(allowed, []);
});

test("who signs in can make pictures at once; the wrong password does not", async () => {
  const first = await ready("in@example.com");
  await make(first.page, "a heron");
  const other = await somebody();
  other.allowed.push(refusal(401));
  const page = await other.open();
  await signIn(page, "in@example.com", "not the password");
  await page.getByText("That is not right. Check the e-mail and the password.").waitFor();
  await signIn(page, "in@example.com", PASSWORD);
  await page.getByRole("button", { name: "Unlocked: lock your key" }).waitFor();
  await make(page, "a second heron");
  assert.equal(leaks(other.sent, PASSWORD).length, 0);
});

test("who asked to stay signed in comes back in a new window, and nobody else", async () => {
  for (const stays of [true, false]) {
    const one = await somebody();
    const page = await one.open();
    await page.getByRole("radio", { name: "Create account" }).check();
    if (stays) await page.getByRole("switch", { name: "Stay signed in on this device" }).check();
    await page.getByLabel("E-mail").fill(`stays-${stays}@example.com`);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("heading", { name: "Add your FAL key" }).waitFor();
    await page.close();
    const again = await one.open();
    await again.getByRole(stays ? "navigation" : "button", { name: stays ? "Views" : "Sign in" }).waitFor();
  }
});

test("an account with a plain password is moved over, once it was explained and agreed to", async () => {
  const email = "older@example.com";
  const account = { email, password: PASSWORD, passwordConfirm: PASSWORD };
  assert.equal((await post("/api/collections/generatio_users/records", account)).status, 200);
  const one = await somebody();
  // The sign-in that is refused, and the key that is looked for and not there.
  one.allowed.push(refusal(401), refusal(404));
  const page = await one.open();
  await signIn(page, email, PASSWORD);
  await page.getByRole("button", { name: "Move it over" }).click();
  assert.equal(leaks(one.sent, PASSWORD).length, 0, "nothing is sent before it was agreed to");
  const dialog = page.getByRole("dialog", { name: "Move your account over" });
  await dialog.getByText("one last time").waitFor();
  await dialog.getByLabel("New password", { exact: true }).fill(NEW);
  await dialog.getByRole("button", { name: "Move it over" }).click();
  assert.equal(leaks(one.sent, PASSWORD).length, 0, "the box was not ticked");
  await dialog.getByRole("checkbox").check();
  await dialog.getByRole("button", { name: "Move it over" }).click();
  await page.getByRole("navigation", { name: "Views" }).waitFor();
  assert.equal(leaks(one.sent, NEW).length, 0);
  const showing = leaks(one.sent, PASSWORD).length;
  assert.ok(showing > 0);
  await view(page, "Account");
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, email, NEW);
  await page.getByRole("navigation", { name: "Views" }).waitFor();
  assert.equal(leaks(one.sent, PASSWORD).length, showing, "never again");
  assert.equal((await post("/api/custom/auth/login", { email, password: NEW })).status, 401, "the server does not know it");
});

test("a new password seals the key anew and ends other sign-ins", async () => {
  const email = "changes@example.com";
  const one = await ready(email);
  const elsewhere = await somebody();
  const other = await elsewhere.open();
  await signIn(other, email, PASSWORD);
  await other.getByRole("navigation", { name: "Views" }).waitFor();
  elsewhere.allowed.push(refusal(401));
  const { page } = one;
  one.allowed.push(refusal("40[01]"));
  await view(page, "Account");
  await page.getByLabel("Present password", { exact: true }).fill("wrong password");
  await page.getByLabel("New password", { exact: true }).fill(NEW);
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText("That is not your present password.").waitFor();
  await page.getByLabel("Present password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Change password" }).click();
  await said(page, "Your password is changed, and you are signed out elsewhere.");
  await page.getByRole("button", { name: "Locked: unlock your key" }).click();
  const dialog = page.getByRole("dialog", { name: "Unlock your key" });
  await dialog.getByLabel("Password", { exact: true }).fill(NEW);
  await dialog.getByRole("button", { name: "Unlock", exact: true }).click();
  await view(page, "Create");
  await make(page, "a new morning");
  await other.reload();
  await other.getByRole("button", { name: "Sign in" }).waitFor();
  assert.equal(leaks(one.sent, PASSWORD).length + leaks(one.sent, NEW).length, 0);
});

test("sessions are listed and can be ended", async () => {
  const { page } = await ready("sessions@example.com");
  await view(page, "Account");
  const sessions = page.getByRole("region", { name: "Sessions" });
  await sessions.getByRole("listitem").filter({ hasText: "Begun" }).getByText("this one").waitFor();
  await sessions.getByRole("button", { name: /^End the session/ }).click();
  await sessions.getByText("None. The server cannot use your key now.").waitFor();
  await page.getByRole("button", { name: "Locked: unlock your key" }).waitFor();
});

test("a sealed key that is not the one seen last is not opened without asking", async () => {
  const { page, context } = await ready("rolled@example.com");
  const answers = [];
  await context.route("**/api/custom/tokens", async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    const answer = await route.fetch();
    answers.push(await answer.body());
    // The oldest there was, whatever was stored since.
    return route.fulfill({ response: answer, body: answers[0] });
  });
  const unlock = async () => {
    await page.getByRole("button", { name: "Locked: unlock your key" }).click();
    const dialog = page.getByRole("dialog", { name: "Unlock your key" });
    await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await dialog.getByRole("button", { name: "Unlock", exact: true }).click();
  };
  await page.getByRole("button", { name: "Unlocked: lock your key" }).click();
  await unlock();
  await page.getByRole("button", { name: "Unlocked: lock your key" }).waitFor();
  await context.unroute("**/api/custom/tokens");
  await view(page, "Account");
  await page.getByRole("link", { name: "Replace key" }).click();
  await page.getByLabel("FAL key", { exact: true }).fill("another-key-id:another0secret");
  await page.getByLabel("Your password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Replace my key" }).click();
  await page.getByRole("button", { name: /^Generate · \$/ }).waitFor();
  await context.route("**/api/custom/tokens", async (route) => route.fulfill({ response: await route.fetch(), body: answers[0] }));
  await page.getByRole("button", { name: "Unlocked: lock your key" }).click();
  await unlock();
  await page.getByRole("dialog", { name: "Your sealed key has changed" }).getByRole("button", { name: "I did not change it" }).click();
  await page.getByRole("button", { name: "Locked: unlock your key" }).waitFor();
});

test("after a quarter of an hour without a touch the key is locked", async () => {
  const { context, open } = await somebody();
  await context.clock.install();
  const page = await open();
  await register(page, "idle@example.com");
  await seal(page, "direct");
  await page.getByRole("button", { name: "Unlocked: lock your key" }).waitFor();
  await context.clock.fastForward("14:00");
  await page.getByRole("button", { name: "Unlocked: lock your key" }).waitFor();
  await context.clock.fastForward("02:00");
  await page.getByRole("button", { name: "Locked: unlock your key" }).waitFor();
  await said(page, "Your key was locked, as nobody was here.");
});

test("the key is removed, and the account with everything in it", async () => {
  const one = await ready("end@example.com");
  const { page } = one;
  await view(page, "Account");
  await page.getByRole("button", { name: "Remove key" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove key" }).click();
  await page.getByText("You have not added a FAL key yet.").waitFor();
  one.allowed.push(refusal("40[01]"));
  await page.getByRole("button", { name: "Delete my account" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete your account?" });
  await dialog.getByLabel("Your password", { exact: true }).fill("not the password");
  await dialog.getByRole("button", { name: "Delete everything" }).click();
  await dialog.getByText("That is not your password.").waitFor();
  await dialog.getByLabel("Your password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Delete everything" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await signIn(page, "end@example.com", PASSWORD);
  await page.getByText("That is not right.").waitFor();
  assert.equal(leaks(one.sent, PASSWORD).length, 0);
});

test("neither the password nor the key is ever stored in the browser", async () => {
  for (const mode of ["direct", "sealed", "password"]) {
    const { page } = await ready(`stored-${mode}@example.com`, mode);
    await make(page, "a fox");
    const stored = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
    assert.ok(stored.includes("eyJ"), "the sign-in is there");
    for (const secret of [PASSWORD, FAL_KEY, "planted0secret"]) assert.equal(stored.includes(secret), false, mode);
    await until("done", () => true);
  }
});
