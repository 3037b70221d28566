// A static server, a real Chromium, and the vectors.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** The folder that this project lies in. */
export const APP = fileURLToPath(new URL(".", import.meta.url));
/** What a careful page allows: no inline script, no `eval`, WebAssembly. */
export const CSP = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' http://127.0.0.1:*";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json", ".wasm": "application/wasm" };

export const readVectors = async () => JSON.parse(await readFile(join(APP, "sealed_tokens.json"), "utf8"));

/** Serves a folder under the policy, on a free port; `types` changes content types. */
export async function serve(folder, types = {}) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    const type = { ...TYPES, ...types }[extname(path)] ?? "application/octet-stream";
    try {
      const body = await readFile(join(folder, path));
      response.writeHead(200, { "content-type": type, "content-security-policy": CSP }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, end: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) };
}

/** Debian's Chromium. */
export const launch = () => chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

/** Opens a page and waits for what its script reports in `window.outcome`; fails with all that the page complained of. */
export async function outcomeOf(browser, url) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error.stack)));
  page.on("requestfailed", (request) => complaints.push(`${request.url()} failed`));
  try {
    await page.goto(url);
    const outcome = await page.waitForFunction(() => globalThis.outcome, undefined, { timeout: 150_000 }).catch((error) => {
      throw new Error(`${url}: ${error.message}\n${complaints.join("\n")}`);
    });
    const { value, error } = await outcome.jsonValue();
    if (error !== undefined) throw new Error(`${url}: ${error}\n${complaints.join("\n")}`);
    return value;
  } finally {
    await page.close();
  }
}
