// The package in Chromium: as it is, in a worker, and as four bundlers make it; under a policy that allows no `eval`.
import assert from "node:assert/strict";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import { build as vite } from "vite";
import webpack from "webpack";
import { APP, launch, outcomeOf, serve } from "./support.mjs";

const ALL = { valid: 36, invalid: 52, secrets: 7 };
const SOME = { valid: 4, invalid: 4, secrets: 1 };
let browser;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Loads a page of a folder and gives what it reports. */
async function shown(folder, page, types) {
  const site = await serve(folder, types);
  try {
    return await outcomeOf(browser, `${site.url}/${page}`);
  } finally {
    await site.end();
  }
}

test("without a bundler, by WebCrypto", async () => {
  assert.deepEqual(await shown(APP, "plain.html?auto"), ALL);
});

test("in a worker, without WebCrypto", async () => {
  assert.deepEqual(await shown(APP, "worker.html"), ALL);
});

test("from a server that does not know WebAssembly's type, and the slim entry", async () => {
  assert.deepEqual(await shown(APP, "slim.html", { ".wasm": "text/plain" }), SOME);
});

test("after lock nothing of the token is in WebAssembly's memory", async () => {
  assert.equal(await shown(APP, "memory.html"), true);
});

test("FAL is called from a page", async () => {
  assert.equal(await shown(APP, `fal.html?${process.env.FAL_URL}`), 2);
});

/** A folder for what a bundler makes, with a page that loads it. */
async function folderFor(name) {
  const folder = join(APP, `built-${name}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "index.html"), '<!doctype html><meta charset="utf-8"><script type="module" src="main.js"></script>');
  await cp(join(APP, "sealed_tokens.json"), join(folder, "sealed_tokens.json"));
  return folder;
}

const entry = join(APP, "bundled.mjs");

test("bundled by Vite", async () => {
  const folder = await folderFor("vite");
  const output = { entryFileNames: "main.js" };
  const options = { input: entry, output };
  await vite({ root: APP, base: "./", logLevel: "error", build: { outDir: folder, emptyOutDir: false, target: "es2022", rollupOptions: options } });
  assert.deepEqual(await shown(folder, "index.html"), SOME);
});

test("bundled by webpack", async () => {
  const folder = await folderFor("webpack");
  const settings = { mode: "production", entry, output: { path: folder, filename: "main.js" }, performance: { hints: false } };
  const stats = await new Promise((resolve, reject) => webpack(settings, (error, done) => (error ? reject(error) : resolve(done))));
  assert.ok(!stats.hasErrors() && !stats.hasWarnings(), stats.toString());
  assert.deepEqual(await shown(folder, "index.html"), SOME);
});

test("bundled by esbuild, which is told what to do with the module", async () => {
  const folder = await folderFor("esbuild");
  const source = join(APP, "bundled-by-url.mjs");
  const loader = { ".wasm": "file" };
  const made = await esbuild.build({ entryPoints: [source], bundle: true, minify: true, format: "esm", outfile: join(folder, "main.js"), loader, logLevel: "silent" });
  assert.deepEqual([made.errors, made.warnings], [[], []]);
  assert.deepEqual(await shown(folder, "index.html"), SOME);
});

test("bundled by Rollup, the module copied beside", async () => {
  const folder = await folderFor("rollup");
  const warnings = [];
  const bundle = await rollup({ input: entry, plugins: [nodeResolve()], onwarn: ({ message }) => warnings.push(message) });
  await bundle.write({ file: join(folder, "main.js"), format: "es" });
  await cp(join(APP, "node_modules/generatio/generatio.wasm"), join(folder, "generatio.wasm"));
  assert.deepEqual(warnings, []);
  assert.deepEqual(await shown(folder, "index.html"), SOME);
});
