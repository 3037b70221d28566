// Sizes of the package and of two others, and what deriving and sealing take in Chromium. Prints JSON.
// `node bench.mjs PACKAGE ROUNDS`, beside the installed pins.
import { createServer } from "node:http";
import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const [folder, rounds] = [process.argv[2], Number(process.argv[3])];
const here = fileURLToPath(new URL(".", import.meta.url));

const brotli = (bytes) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
const fileSize = async (path) => brotli(await readFile(path));

/** What a page loads of an entry: the module, wasm-bindgen's glue, and all JavaScript with that glue. */
async function entry(name, main) {
  const bundled = async (source, external = []) => {
    const made = await build({ stdin: { contents: source, resolveDir: folder }, bundle: true, minify: true, format: "esm", write: false, external });
    return brotli(made.outputFiles[0].contents);
  };
  const wasm = await fileSize(join(folder, `${name}.wasm`));
  const glue = await bundled(`export * from "./${name}_glue.js"`, ["./host.js"]);
  return { wasm, glue, javascript: await bundled(`export * from "./${main}.js"`) };
}

/** The largest WebAssembly module of an installed package. */
async function modulesOf(name) {
  const root = join(here, "node_modules", name);
  const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith(".wasm"));
  const sizes = await Promise.all(files.map(async (file) => (await readFile(join(root, file))).length));
  return fileSize(join(root, files[sizes.indexOf(Math.max(...sizes))]));
}

async function times() {
  const out = join(here, "page");
  await rm(out, { recursive: true, force: true });
  await mkdir(out);
  await build({ entryPoints: [join(here, "page.mjs")], bundle: true, minify: true, format: "esm", outfile: join(out, "page.js"), alias: { "generatio-slim": join(folder, "slim.js") } });
  const files = { "/page.html": '<!doctype html><script type="module" src="page.js"></script>', "/slim.wasm": await readFile(join(folder, "slim.wasm")), "/page.js": await readFile(join(out, "page.js")) };
  const types = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
  const server = createServer(({ url }, response) => response.writeHead(200, { "content-type": types[extname(url)] ?? "text/plain" }).end(files[url] ?? ""));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const rows = [];
    for (let round = 0; round < rounds; round += 1) {
      // A new page each, so that the first call in WebAssembly is a first one.
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${server.address().port}/page.html`);
      await page.waitForFunction(() => globalThis.measure !== undefined);
      const first = await page.evaluate(() => globalThis.measure("first"));
      await page.reload();
      await page.waitForFunction(() => globalThis.measure !== undefined);
      rows.push({ ...first, ...(await page.evaluate(() => globalThis.measure("rest"))) });
      await page.close();
    }
    return { rows, browser: browser.version() };
  } finally {
    await browser.close();
    server.close();
  }
}

const sizes = {
  slim: await entry("slim", "slim"),
  full: await entry("generatio", "index"),
  bitwarden: await modulesOf("@bitwarden/sdk-internal"),
  matrix: await modulesOf("@matrix-org/matrix-sdk-crypto-wasm"),
};
console.log(JSON.stringify({ sizes, ...(await times()) }));
