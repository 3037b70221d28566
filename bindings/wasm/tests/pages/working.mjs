// A worker: derives in WebAssembly, which blocks nobody here.
import * as G from "./node_modules/generatio/index.js";
import { vectors } from "./checks.mjs";
import { readVectors } from "./report.mjs";

const run = async () => {
  await G.init(undefined, { keyDerivation: "wasm" });
  return vectors(G, await readVectors());
};
run().then((value) => postMessage({ value }), (error) => postMessage({ error: String(error.stack) }));
