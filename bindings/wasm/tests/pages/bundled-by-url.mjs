// The same for a bundler that does not follow `new URL("…", import.meta.url)`.
import * as G from "generatio";
import wasm from "generatio/generatio.wasm";
import { library } from "./checks.mjs";
import { readVectors, report } from "./report.mjs";

const given = { ...G, init: () => G.init(wasm) };
report(readVectors().then((file) => library(given, file)));
