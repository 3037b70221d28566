import * as G from "./node_modules/generatio/slim.js";
import { slim } from "./checks.mjs";
import { readVectors, report } from "./report.mjs";

report(readVectors().then((file) => slim(G, file)));
