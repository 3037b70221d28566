// A server that takes who was invited: the page asks for the code, once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PASSWORD, refusal, somebody } from "./support.mjs";

const CODE = process.env.GENERATIO_CODE;

async function register(page, email, code) {
  await page.getByRole("radio", { name: "Create account" }).check();
  await page.getByLabel("Invitation").fill(code);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
}

test("a code makes one account, and a wrong or used one is told at its field", async () => {
  const ann = await somebody();
  ann.allowed.push(refusal(400));
  const page = await ann.open();
  await register(page, "ann@example.com", "a wrong code");
  await page.getByText("This code is wrong, used, expired").waitFor();
  await register(page, "ann@example.com", ` ${CODE} `);
  await page.getByRole("heading", { name: "Add your FAL key" }).waitFor();
  const bob = await somebody();
  bob.allowed.push(refusal(400));
  const other = await bob.open();
  await register(other, "bob@example.com", CODE);
  await other.getByText("This code is wrong, used, expired").waitFor();
  const stored = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
  assert.equal(stored.includes(CODE), false);
});
