// What the topics share: a browser that forgives nothing, and people in it.
import assert from "node:assert/strict";
import { after, afterEach } from "node:test";
import { chromium } from "playwright-core";

export const URL_OF_PAGE = process.env.GENERATIO_URL;
export const FAL = process.env.GENERATIO_FAL;
export const PASSWORD = "quartz-harbour-27";
export const FAL_KEY = "planted-key-id:planted0secret0of0the0fal0key";
export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

const arguments_ = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const browser = await chromium.launch({ executablePath: process.env.GENERATIO_CHROMIUM ?? "/usr/bin/chromium", args: arguments_ });
after(() => browser.close());

/// Everything wrong that pages did since the last test.
const wrongs = [];
afterEach(() => assert.deepEqual(noticed(), []));

/// What was noticed, which is forgiven with this.
export const noticed = () => wrongs.splice(0);

/// A browser of somebody's own. Each of its pages is watched: an error in the console (a breach of the content security
/// policy is one), an exception, and a request to anybody but the server and FAL fail the test.
export async function somebody(options = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: "reduce", colorScheme: "light", ...options });
  context.setDefaultTimeout(30_000);
  const sent = [];
  const watched = { context, sent, allowed: [] };
  context.on("page", (page) => watch(page, watched));
  watched.open = async (place = "") => {
    const page = await context.newPage();
    await page.goto(`${URL_OF_PAGE}/${place}`);
    return page;
  };
  return watched;
}

function watch(page, { sent, allowed }) {
  page.on("pageerror", (error) => wrongs.push(`exception: ${error.stack}`));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !allowed.some((pattern) => pattern.test(text))) wrongs.push(`console: ${text} ${message.location().url}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol === "blob:" || url.protocol === "data:") return;
    if (url.origin !== new URL(URL_OF_PAGE).origin && url.origin !== new URL(FAL).origin) wrongs.push(`request to ${url.origin}`);
    sent.push({ url: request.url(), origin: url.origin, method: request.method(), headers: request.headers(), body: request.postData() ?? "" });
  });
}

/// What went out that has this text in it: in an address, a header or a body.
export const leaks = (sent, text) => sent.filter(({ url, headers, body }) => [url, body, ...Object.values(headers)].some((place) => place.includes(text)));

/// Chromium reports every refused request as an error of the console; a test that has one coming says so.
export const refusal = (status) => new RegExp(`the server responded with a status of ${status}`);

/// Registers somebody on an open page.
export async function register(page, email) {
  await page.getByRole("radio", { name: "Create account" }).check();
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { name: "Add your FAL key" }).waitFor();
}

/// The three ways of keeping a key, by the titles on their cards.
export const WAYS = { direct: /^Direct/, sealed: /^Lent/, password: /^Kept by the server/ };

/// Adds the FAL key in one of the three ways.
export async function seal(page, mode) {
  await page.getByLabel("FAL key", { exact: true }).fill(FAL_KEY);
  await page.getByRole("radio", { name: WAYS[mode] }).check();
  await page.getByRole("button", { name: "Seal my key" }).click();
  await page.getByRole("button", { name: /^Generate · \$/ }).waitFor();
}

/// Somebody registered, with a sealed key, on the view that makes pictures: `{ page, … }`.
export async function ready(email, mode = "sealed", options = {}) {
  const watched = await somebody(options);
  const page = await watched.open();
  await register(page, email);
  await seal(page, mode);
  return { ...watched, page };
}

/// Makes pictures and waits until they are there.
export async function make(page, prompt) {
  const pictures = page.getByRole("region", { name: "Latest" }).getByRole("button", { name: prompt, exact: true });
  const before = await pictures.count();
  await page.getByLabel("What to make").fill(prompt);
  await page.getByRole("button", { name: /^Generate · / }).click();
  await until(`pictures of ${prompt}`, async () => (await pictures.count()) > before);
}

/// Waits until `holds`; the conditions of a page that its own locators cannot say.
export async function until(what, holds, patience = 30_000) {
  const end = Date.now() + patience;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `it never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/// What the stand-in was asked for and billed.
export const book = async () => (await fetch(`${FAL}/sim/book`)).json();

/// Goes to a view by the navigation.
export const view = (page, name) => page.getByRole("navigation", { name: "Views" }).getByRole("link", { name }).click();

/// The message of the moment.
export const said = (page, text) => page.getByRole("status").getByText(text).first().waitFor();
