// Money: sums and the chart, the budget that holds requests back, every single charge.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { book, make, ready, refusal, said, view } from "./support.mjs";

test("what was spent is shown as sums, as a chart, as a table and charge by charge", async () => {
  const { page } = await ready("sums@example.com");
  await make(page, "a mill");
  await make(page, "a bridge");
  await view(page, "Spending");
  const sum = page.locator(".sum").filter({ hasText: "In all" });
  await sum.getByText("$0.006").waitFor();
  await page.getByRole("img", { name: /Spending per day, \$0\.006 in all/ }).waitFor();
  await page.getByText("As a table").click();
  const table = page.getByRole("region", { name: "Spending as a table" });
  assert.deepEqual((await table.getByRole("row").last().getByRole("cell").allInnerTexts()), ["$0.006", "$0.006", "2"]);
  await page.getByRole("radio", { name: "30 months" }).check();
  await page.getByRole("img", { name: /Spending per month, \$0\.006 in all/ }).waitFor();
  const charges = page.getByRole("table").last();
  assert.equal(await charges.getByRole("row").count(), 3);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download as CSV" }).click()]);
  const lines = (await readFile(await file.path(), "utf8")).trim().split("\r\n");
  assert.equal(lines.length, 3);
  assert.match(lines[1], /"flux\/schnell",1,0\.003,known,0\.003,known,/);
});

test("a budget is set, warns, and holds back what does not fit", async () => {
  const one = await ready("budget@example.com");
  const { page } = one;
  await view(page, "Spending");
  await page.getByText("No limit yet.").waitFor();
  await page.getByRole("button", { name: "Set a budget" }).click();
  const dialog = page.getByRole("dialog", { name: "Your budget" });
  await dialog.getByLabel("A day, in dollars").fill("some");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("An amount such as 5 or 0.25.").waitFor();
  await dialog.getByLabel("A day, in dollars").fill("0.004");
  await dialog.getByRole("button", { name: "Save" }).click();
  await said(page, "Your budget is saved.");
  await page.getByText("$0.004 left").waitFor();
  await view(page, "Create");
  await page.getByLabel("What to make").fill("a tower");
  await page.getByText("$0.004 of your budget is left.").waitFor();
  await make(page, "a tower");
  const before = (await book()).submissions;
  await page.getByText("Your budget has $0.001 left.").waitFor();
  one.allowed.push(refusal(402));
  await page.getByRole("button", { name: /^Generate · / }).click();
  await page.getByRole("article").getByText(/Your budget does not allow this/).waitFor();
  assert.equal((await book()).submissions, before, "nothing reached FAL");
  await view(page, "Spending");
  await page.getByRole("meter", { name: "Today: used" }).waitFor();
  await page.getByRole("region", { name: "Budget" }).getByRole("button", { name: "Change" }).click();
  await dialog.getByLabel("A day, in dollars").fill("");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("No limit yet.").waitFor();
});
