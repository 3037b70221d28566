// The entry `generatio`.

import * as glue from "./generatio_glue.js";
import { load } from "./load.js";

/** @import { InitOptions, WasmSource } from "./slim.js" */

const KIND = { name: "generatio", isFull: true, glue, url: () => new URL("./generatio.wasm", import.meta.url) };

/**
 * @param {WasmSource | Promise<WasmSource>} [source]
 * @param {InitOptions} [options]
 */
export const init = (source, options = {}) => load(KIND, source, options);

export { Catalog } from "./catalog.js";
export { GeneratioClient } from "./client.js";
export { GeneratioError } from "./errors.js";
export { FalClient } from "./fal.js";
export { formatUsd, parseUsd } from "./money.js";
export { passwordProblem } from "./password.js";
export { accountSecret, inspectToken, isAccountSecret, openToken, pinOf, resealToken, sealToken } from "./sealing.js";
export { UnlockedToken } from "./token.js";
