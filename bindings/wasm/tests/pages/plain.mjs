import * as G from "./node_modules/generatio/index.js";
import { vectors } from "./checks.mjs";
import { readVectors, report } from "./report.mjs";

const run = async () => {
  await G.init(undefined, { keyDerivation: "webcrypto" });
  return vectors(G, await readVectors());
};
report(run());
