// What an application writes.
import * as G from "generatio";
import { library } from "./checks.mjs";
import { readVectors, report } from "./report.mjs";

report(readVectors().then((file) => library(G, file)));
