// One way of loading, in a process of its own: prints how many vectors held.
import { readFile } from "node:fs/promises";
import { slim, vectors } from "./checks.mjs";
import { readVectors } from "./support.mjs";

const url = new URL("./node_modules/generatio/generatio.wasm", import.meta.url);
const bytes = () => readFile(url);
const sources = {
  wasm: () => undefined,
  bytes: async () => new Uint8Array(await bytes()).buffer,
  module: async () => new WebAssembly.Module(await bytes()),
  response: async () => new Response(await bytes(), { headers: { "content-type": "application/wasm" } }),
  url: () => url.href,
};
const way = process.argv[2];
const file = await readVectors();
if (way === "slim") {
  console.log(JSON.stringify(await slim(await import("generatio/slim"), file)));
} else {
  const G = await import("generatio");
  await G.init(sources[way](), way === "wasm" ? { keyDerivation: "wasm" } : {});
  console.log(JSON.stringify(await vectors(G, file, way === "wasm" ? 1 : 12)));
}
