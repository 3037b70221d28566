import * as G from "./node_modules/generatio/index.js";
import { current } from "./node_modules/generatio/load.js";
import { memory } from "./checks.mjs";
import { report } from "./report.mjs";

report(G.init().then(() => memory(G, current)));
