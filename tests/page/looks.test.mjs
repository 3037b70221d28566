// How it looks and weighs: screenshots for people to look at, axe over every view, both schemes and widths, the bytes of
// the first view. Lines that begin with "kept" are shown to whoever runs the tests.
import assert from "node:assert/strict";
import { readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { DESKTOP, PHONE, make, noticed, ready, register, somebody, until, view } from "./support.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = process.env.GENERATIO_SHOTS;
/// The narrowest phone that is looked after.
const NARROW = { width: 360, height: 740 };
/// What the first view may weigh, compressed, in all.
const FIRST_VIEW = 150_000;
/// The same for everything that making pictures takes, the package with its catalog among it.
const WORKING_VIEW = 300_000;

mkdirSync(SHOTS, { recursive: true });

/// Looks at what is shown now: both widths, both schemes. No serious finding of axe, nothing beyond the right edge.
async function look(page, name) {
  for (const [device, size] of [["desktop", DESKTOP], ["phone", PHONE]]) {
    for (const scheme of ["light", "dark"]) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await until(`the page is ${scheme}`, () => page.evaluate((name) => document.documentElement.dataset.theme === name, scheme));
      await page.evaluate(() => Promise.all([...document.images].filter((image) => image.loading !== "lazy").map((image) => image.decode().catch(() => {}))));
      await page.screenshot({ path: `${SHOTS}/${name}-${device}-${scheme}.png` });
      assert.deepEqual(await findings(page), [], `${name}, ${device}, ${scheme}`);
    }
  }
  await page.setViewportSize(NARROW);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(beyond <= 0, `${name}: ${beyond} pixels beyond the right edge of a narrow phone`);
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}

/// Serious and critical findings of axe. It is run from the debugger's side, where the page's policy does not bind it.
async function findings(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const bad = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  return bad.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join("; ")}`);
}

test("what the policy forbids, errors and requests to others are noticed", async () => {
  const { open } = await somebody();
  const page = await open();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  assert.deepEqual(noticed(), []);
  for (const [wrong, noticedAs] of [
    [() => document.body.append(Object.assign(document.createElement("script"), { textContent: "1" })), /Content Security Policy/],
    [() => document.body.setAttribute("style", "color: red"), /Content Security Policy/],
    [() => document.body.append(Object.assign(document.createElement("img"), { src: "http://127.0.0.1:9/x.png" })), /Content Security Policy|request to/],
    [() => void fetch("https://example.com/").catch(() => {}), /Content Security Policy|request to/],
    [() => console.error("planted"), /console: planted/],
    [() => void setTimeout(() => { throw new Error("planted"); }), /exception: Error: planted/],
  ]) {
    await page.evaluate(wrong);
    const found = [];
    await until(`${noticedAs} is noticed`, () => found.push(...noticed()) > 0 && found.some((line) => noticedAs.test(line)));
  }
  await page.close();
  noticed();
});

test("axe finds what is wrong", async () => {
  const { open } = await somebody();
  const page = await open();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await page.evaluate(() => document.querySelector(".field > label").remove());
  assert.match((await findings(page)).join(), /label/);
});

test("the first view weighs less than 150 kB", async () => {
  const { open, context } = await somebody();
  let [bytes, files] = [0, 0];
  const bodies = [];
  context.on("response", (response) => bodies.push(response.body().then((body) => {
    files += 1;
    bytes += brotliCompressSync(body).length;
  })));
  const page = await open();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await page.waitForLoadState("networkidle");
  await Promise.all(bodies);
  console.log(`kept: first view, signed out: ${files} files, ${bytes} bytes of brotli`);
  assert.ok(files > 10, "the files were counted");
  assert.ok(bytes < FIRST_VIEW, `${bytes} bytes`);
});

test("everything that making pictures takes has a bound too", async () => {
  const { page, context } = await ready("weight@example.com");
  const debug = await context.newCDPSession(page);
  await debug.send("Network.setCacheDisabled", { cacheDisabled: true });
  const bodies = new Map();
  context.on("response", (response) => response.status() === 200 && !new URL(response.url()).pathname.startsWith("/api/") && bodies.set(response.url(), response.body()));
  await page.reload({ waitUntil: "networkidle" });
  await page.getByRole("button", { name: /^Generate · \$/ }).waitFor();
  let bytes = 0;
  for (const body of bodies.values()) bytes += brotliCompressSync(await body).length;
  console.log(`kept: view that makes pictures: ${bodies.size} files, ${bytes} bytes of brotli`);
  assert.ok([...bodies.keys()].some((url) => url.endsWith(".wasm")), "the package is among them");
  assert.ok(bytes < WORKING_VIEW, `${bytes} bytes`);
});

test("signing in", async () => {
  const { open } = await somebody();
  const page = await open();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await look(page, "01-sign-in");
  await page.getByRole("radio", { name: "Create account" }).check();
  await page.getByLabel("E-mail").fill("looks@example.com");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.locator(".error").and(page.getByText("8 characters")).waitFor();
  await look(page, "02-register");
});

test("adding the key", async () => {
  const { open } = await somebody();
  const page = await open();
  await register(page, "key@example.com");
  await look(page, "03-key");
  await page.getByRole("button", { name: "Not now" }).click();
  await page.getByText("No pictures yet").waitFor();
  await look(page, "04-empty-gallery");
  await view(page, "Create");
  await page.getByText("Nothing here yet").waitFor();
  await look(page, "05-empty-create");
});

test("making, looking through, spending, the account", async () => {
  const { page } = await ready("tour@example.com");
  const settings = page.getByRole("complementary", { name: "Settings" });
  const scenes = [
    ["A lighthouse at dusk, long exposure, gentle fog over the rocks", "Portrait 4:3", "2"],
    ["An old harbour in the rain, oil on canvas", "Landscape 16:9", "3"],
    ["Foxes in a birch forest, early morning, soft light", "Square HD", "1"],
    ["A quiet street in Lisbon, tiles and shadows", "Portrait 16:9", "2"],
    ["Snow on the roofs of a small town", "Landscape 4:3", "2"],
  ];
  for (const [prompt, size, pictures] of scenes) {
    await settings.getByRole("radio", { name: size, exact: true }).check();
    await settings.getByRole("radiogroup", { name: "Pictures" }).getByRole("radio", { name: pictures }).check();
    await make(page, prompt);
  }
  await page.getByLabel("What to make").fill('A slow river in autumn [[sim: {"queue_ms": 120000, "position": 2}]]');
  await page.getByRole("button", { name: /^Generate · / }).click();
  await page.getByRole("article").getByText("2 before you").waitFor();
  await look(page, "06-create");
  await page.getByRole("article").getByRole("button", { name: "Stop" }).click();
  await page.getByRole("article").getByText("Stopped.").waitFor();
  await settings.getByText("More settings").click();
  await look(page, "07-create-stopped");
  await page.getByRole("article").getByRole("button", { name: "Dismiss" }).click();
  await page.getByRole("button", { name: /Flux Schnell/ }).click();
  await page.getByRole("dialog").getByRole("radio").first().waitFor();
  await look(page, "08-models");
  await page.getByRole("dialog").getByRole("radio", { name: /Recraft V3/ }).check();
  await page.getByRole("button", { name: "Use this model" }).click();
  await page.getByRole("button", { name: /^Generate · \$/ }).waitFor();
  await look(page, "09-another-model");
  await view(page, "Gallery");
  await page.getByRole("region", { name: "Pictures" }).getByRole("button", { name: /^Snow/ }).first().waitFor();
  await look(page, "10-gallery");
  await page.getByRole("button", { name: "Select" }).click();
  await page.getByRole("region", { name: "Pictures" }).getByRole("button", { name: /^Snow/ }).first().click();
  await look(page, "11-gallery-selecting");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("region", { name: "Pictures" }).getByRole("button", { name: /^An old/ }).first().click();
  await page.getByRole("dialog", { name: "Picture" }).waitFor();
  await look(page, "12-picture");
  await page.keyboard.press("Escape");
  await view(page, "Spending");
  await page.getByRole("button", { name: "Set a budget" }).click();
  await page.getByLabel("A day, in dollars").fill("0.1");
  await page.getByLabel("A month, in dollars").fill("0.032");
  await page.getByLabel("In all, in dollars").fill("5");
  await look(page, "13-budget");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("meter").first().waitFor();
  await page.getByText("As a table").click();
  await look(page, "14-spending");
  await view(page, "Account");
  await page.getByRole("button", { name: "Change who can see it" }).click();
  await page.getByRole("dialog").getByRole("radio").first().waitFor();
  await look(page, "15-custody");
  await page.keyboard.press("Escape");
  await page.getByRole("region", { name: "Sessions" }).getByRole("listitem").first().waitFor();
  await look(page, "16-account");
  await page.getByRole("button", { name: "Unlocked: lock your key" }).click();
  await page.getByRole("button", { name: "Locked: unlock your key" }).click();
  await page.getByRole("dialog", { name: "Unlock your key" }).waitFor();
  await look(page, "17-unlock");
  console.log(`kept: screenshots in ${SHOTS}`);
});
