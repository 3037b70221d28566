// The package in Node, installed from its tarball.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify, inspect } from "node:util";
import * as G from "generatio";
import { codeOf, memory, slim, vectors } from "./checks.mjs";
import { readVectors } from "./support.mjs";

const inside = (name) => import(new URL(`./node_modules/generatio/${name}`, import.meta.url).href);
const engine = (await inside("load.js")).current;
const file = await readVectors();
const CONTEXT = "u1a2b3c4d5e6f7g";

test("before init, every call says what to call", async () => {
  const early = [
    () => G.sealToken("t", "p"),
    () => G.openToken("t", "p"),
    () => G.resealToken("t", "p", "q"),
    () => G.accountSecret("e", "p"),
    () => G.isAccountSecret("t"),
    () => G.inspectToken("t"),
    () => G.pinOf("t"),
    () => G.UnlockedToken.from("t"),
    () => new G.Catalog(),
    () => G.formatUsd(1n),
    () => G.passwordProblem("p"),
  ];
  for (const call of early) assert.equal(await codeOf(call), "not_initialized", String(call));
  assert.throws(() => G.pinOf("t"), /call `await init\(\)` once/);
});

test("a failed init may be repeated, a second one does no more", async () => {
  assert.equal(await codeOf(() => G.init("file:///no/such/file.wasm")), "wasm_unavailable");
  assert.equal(await codeOf(() => G.init(new Uint8Array([0, 97, 115, 109]))), "wasm_unavailable");
  assert.equal(await codeOf(() => G.init(7)), "argument_type");
  assert.equal(await codeOf(() => G.init(undefined, { keyDerivation: "fast" })), "argument_type");
  const bytes = await readFile(new URL("./node_modules/generatio/generatio.wasm", import.meta.url));
  await G.init(Promise.resolve(bytes));
  const first = engine();
  await G.init(7);
  assert.equal(engine(), first);
});

test("every vector opens or is refused for its reason", async () => {
  assert.deepEqual(await vectors(G, file), { valid: 36, invalid: 52, secrets: 7 });
  assert.equal(file.sealed_tokens.length, 88);
});

test("the same without WebCrypto, and whatever init is given", async () => {
  const run = promisify(execFile);
  const ways = ["wasm", "bytes", "module", "response", "url", "slim"].map((way) =>
    run(process.execPath, [new URL("./ways.mjs", import.meta.url).pathname, way]),
  );
  const printed = (await Promise.all(ways)).map(({ stdout }) => JSON.parse(stdout));
  assert.deepEqual(printed[0], { valid: 36, invalid: 52, secrets: 7 });
  for (const some of printed.slice(1)) assert.ok(some.valid > 0 && some.invalid > 0 && some.secrets > 0);
});

test("after lock nothing of the token is in WebAssembly's memory", () => memory(G, engine));

test("a token shows itself to nobody", () => {
  const token = G.UnlockedToken.from("planted-key");
  const shown = [String(token), JSON.stringify({ token }), inspect(token), inspect({ token }, { depth: 9, showHidden: true })];
  for (const text of shown) assert.ok(!text.includes("planted"), text);
  assert.equal(String(token), "UnlockedToken { .. }");
  token[Symbol.dispose]();
  assert.ok(token.locked);
  assert.throws(() => new G.UnlockedToken(), { code: "argument_type" });
});

test("texts are sealed as v2 with the work asked for, and older ones are refused when asked", async () => {
  const sealed = await G.sealToken("fal-key", "quartz-harbour-27", { context: CONTEXT });
  assert.deepEqual(G.inspectToken(sealed), { version: 2, iterations: 600_000 });
  const pin = JSON.parse(JSON.stringify(G.pinOf(sealed)));
  const again = await G.resealToken(sealed, "quartz-harbour-27", "another password", { context: CONTEXT, iterations: 600_001, pin });
  assert.deepEqual(G.inspectToken(again), { version: 2, iterations: 600_001 });
  assert.equal((await G.openToken(again, "another password", { context: CONTEXT, minVersion: 2 })).expose(), "fal-key");
  const v1 = file.sealed_tokens.find(({ version, result }) => version === 1 && result === "valid");
  const refusals = {
    rolled_back: [
      () => G.openToken(again, "another password", { context: CONTEXT, pin }),
      () => G.openToken(v1.sealed, v1.password, { minVersion: 2 }),
    ],
    sealed_token_damaged: [() => G.openToken(again, "another password", { context: "another" })],
    wrong_password: [() => G.openToken(again, "quartz-harbour-27", { context: CONTEXT })],
    iterations_out_of_range: [
      () => G.openToken(again, "another password", { context: CONTEXT, maxIterations: 600_000 }),
      () => G.sealToken("t", "p", { iterations: 599_999 }),
      () => G.sealToken("t", "p", { iterations: 2_000_001 }),
      () => G.sealToken("t", "p", { iterations: 2 ** 32 + 600_000 }),
      () => G.sealToken("t", "p", { iterations: -1 }),
    ],
  };
  for (const [code, calls] of Object.entries(refusals)) {
    for (const call of calls) assert.equal(await codeOf(call), code, String(call));
  }
});

test("arguments are checked, and long ones are no trouble", async () => {
  const refusals = {
    argument_type: [
      () => G.sealToken(7, "p"),
      () => G.sealToken("t", 7),
      () => G.sealToken("t\ud800", "p"),
      () => G.sealToken("t", "\udc00p"),
      () => G.sealToken("t", "p", { context: 7 }),
      () => G.sealToken("t", "p", { iterations: 600_000.5 }),
      () => G.openToken("t", "p", { minVersion: 3 }),
      () => G.openToken("t", "p", { pin: {} }),
      () => G.accountSecret("e", "p", { realm: 7 }),
      () => G.formatUsd(1),
    ],
    token_empty: [() => G.sealToken("", "p")],
    token_too_long: [() => G.sealToken("t".repeat(65_537), "p"), () => G.UnlockedToken.from("t".repeat(5_000_000))],
    password_empty: [() => G.sealToken("t", ""), () => G.accountSecret("e", "")],
    password_too_long: [() => G.sealToken("t", "p".repeat(1025)), () => G.sealToken("t", "p".repeat(5_000_000))],
    context_too_long: [() => G.sealToken("t", "p", { context: "c".repeat(257) })],
    sealed_token_malformed: [() => G.openToken("A".repeat(5_000_000), "p"), () => G.pinOf("")],
    amount_malformed: [() => G.parseUsd("1e3"), () => G.parseUsd("")],
    amount_overflow: [() => G.parseUsd("99999999999"), () => G.formatUsd(2n ** 63n)],
  };
  for (const [code, calls] of Object.entries(refusals)) {
    for (const call of calls) assert.equal(await codeOf(call), code, String(call));
  }
});

test("a trap is an error, and the module works on", async () => {
  const token = G.UnlockedToken.from("planted-key");
  const catalog = new G.Catalog();
  new Uint8Array(engine().memory.buffer).fill(0xff);
  assert.equal(await codeOf(() => G.UnlockedToken.from("another")), "internal");
  assert.ok(token.locked);
  assert.equal(await codeOf(() => token.expose()), "locked");
  token.lock();
  assert.equal(G.UnlockedToken.from("another").expose(), "another");
  assert.deepEqual(catalog.validate("flux/schnell", "a fox"), []);
  await memory(G, engine);
});

test("the entries share their tokens", async () => {
  const other = await import("generatio/slim");
  assert.equal(other.UnlockedToken, G.UnlockedToken);
  assert.equal(other.GeneratioError, G.GeneratioError);
  await other.init();
  assert.ok(engine().kind.isFull);
});

test("the catalog refuses and prices as the server does", async () => {
  const catalog = new G.Catalog();
  const problems = catalog.validate("flux/schnell", " ", { num_images: 99, bogus: 1, image_size: { width: 0, height: 5 } });
  assert.deepEqual(problems.map(({ code, path }) => [code, path]), [
    ["prompt_missing", "prompt"],
    ["parameter_size", "parameters.image_size.width"],
    ["parameter_range", "parameters.num_images"],
    ["parameter_unknown", "parameters.bogus"],
  ]);
  const quote = catalog.quote("flux/schnell", "a fox", { num_images: 3 });
  assert.deepEqual([quote.images, quote.catalog.amount, quote.catalog.nanoUsd], [3, "0.009", 9_000_000n]);
  assert.equal(G.formatUsd(quote.catalog.nanoUsd), "0.009");
  assert.equal(G.parseUsd("0.009"), 9_000_000n);
  assert.equal(catalog.charge({ model: "flux/schnell", prompt: "a fox" }, 2).catalog.amount, "0.006");
  assert.equal(await codeOf(() => catalog.quote("flux/none", "a fox")), "model_unknown");
  assert.equal(await codeOf(() => catalog.validate("flux/schnell", "a fox", { num_images: NaN })), "argument_type");
  assert.equal(await codeOf(() => catalog.validate("flux/schnell", "a fox", { num_images: 1n })), "argument_type");
  assert.equal(await codeOf(() => new G.Catalog("{")), "catalog_malformed");
  // What stands at a wrong place is named: printing it is a matter of the module's builder.
  for (const [file, said] of [
    ['{"hide": "a\\"b\\n"}', 'line 1, column 17: hide: invalid type: string "a\\"b\\n", expected a sequence'],
    ['{"hide": [1.5]}', "line 1, column 13: hide.0: invalid type: floating point `1.5`, expected a string"],
    ['{"hide": -1e300}', "line 1, column 15: hide: invalid type: floating point `-1e+300`, expected a sequence"],
    ['{"hide": 1e400}', "line 1, column 14: hide: number out of range"],
    ['{"hide": null}', "line 1, column 13: hide: invalid type: null, expected a sequence"],
  ]) {
    assert.throws(() => new G.Catalog(file), { code: "catalog_malformed", message: said });
  }
  const hidden = new G.Catalog('{"hide": ["fast-sdxl"]}');
  assert.equal(hidden.models.length, catalog.models.length - 1);
  assert.ok(Object.isFrozen(hidden.models[0].parameters[0]));
});

test("floats come through as they are", () => {
  // Reading and printing them is lent to the module.
  const file = (value) => `{"models": {"a/b": {
    "endpoint": "a/b", "display_name": "B", "description": "",
    "billing": {"unit": "image", "unit_price": "0", "confidence": "high"},
    "parameters": {"x": {"type": "float", "default": ${value}, "description": ""}}
  }}}`;
  for (const value of ["0.1", "-0.0", "3.7", "1e-5", "1.2e-7", "123456.789", "1e15", "1e16", "1e22", "5e-324", "-1.5e-310", "0e999"]) {
    const { parameters } = new G.Catalog(file(value)).models.find(({ name }) => name === "a/b");
    assert.ok(Object.is(parameters[0].default, Number(value)), value);
  }
});

test("passwords are judged as the server judges them", () => {
  const cases = { "q7!zWm4": "password_too_short", ["é".repeat(72)]: "password_too_long", PassWord: "password_common", "quartz-harbour-27": null };
  for (const [password, problem] of Object.entries(cases)) assert.equal(G.passwordProblem(password), problem, password);
});
