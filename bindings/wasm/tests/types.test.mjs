// The declarations: against TypeScript, against the code, and for what must not be in them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { APP } from "./support.mjs";

const PACKAGE = join(APP, "node_modules/generatio");
const COMMON = { strict: true, noEmit: true, target: "es2022", lib: ["es2023", "dom", "dom.iterable", "dom.asynciterable", "esnext.disposable"], exactOptionalPropertyTypes: true, types: [] };
const run = promisify(execFile);

/** Runs the compiler; its complaints are the failure. */
async function tsc(name, project) {
  const path = join(APP, `tsconfig.${name}.json`);
  await writeFile(path, JSON.stringify(project));
  await run(process.execPath, [join(APP, "../node_modules/typescript/bin/tsc"), "-p", path]).catch(({ stdout, stderr }) => assert.fail(stdout + stderr));
}

test("a program in TypeScript compiles, as modules are resolved by Node and by bundlers", async () => {
  for (const [module, moduleResolution] of [["nodenext", "nodenext"], ["esnext", "bundler"]]) {
    await tsc(moduleResolution, { compilerOptions: { ...COMMON, module, moduleResolution }, files: ["consumer.ts"] });
  }
});

test("the JavaScript keeps to its types", async () => {
  const sources = (await readdir(join(APP, "checked"), { recursive: true })).filter((file) => file.endsWith(".js"));
  assert.ok(sources.length > 15);
  const compilerOptions = { ...COMMON, exactOptionalPropertyTypes: false, allowJs: true, checkJs: true, skipLibCheck: false, module: "esnext", moduleResolution: "bundler", types: [] };
  await tsc("checked", { compilerOptions, files: sources.map((file) => `checked/${file}`) });
});

test("what is declared is exported, and the other way round", async () => {
  for (const entry of ["slim", "index"]) {
    const own = await readFile(join(PACKAGE, `${entry}.d.ts`), "utf8");
    const texts = [own, ...(entry === "index" ? [await readFile(join(PACKAGE, "slim.d.ts"), "utf8")] : [])];
    for (const [, other] of own.matchAll(/^export \* from "\.\/(\w+)\.js";/gm)) {
      if (other !== "slim") texts.push(await readFile(join(PACKAGE, `${other}.d.ts`), "utf8"));
    }
    const declared = texts.flatMap((text) => [...text.matchAll(/^export (?:declare )?(?:class|function|const) (\w+)/gm)].map(([, name]) => name));
    const exported = Object.keys(await import(`generatio${entry === "slim" ? "/slim" : ""}`));
    assert.deepEqual([...new Set(declared)].sort(), exported.sort());
  }
});

test("nothing is any, and all of it is documented", async () => {
  for (const file of (await readdir(PACKAGE)).filter((name) => name.endsWith(".d.ts"))) {
    const text = await readFile(join(PACKAGE, file), "utf8");
    assert.doesNotMatch(text.replace(/\/\*\*[\s\S]*?\*\//g, ""), /\bany\b/, file);
    const bare = [...text.matchAll(/([^\n]*)\n(export (?!\*)[^\n]*)/g)].filter(([, before]) => !before.endsWith("*/"));
    assert.deepEqual(bare.map(([, , line]) => line), [], file);
  }
});
