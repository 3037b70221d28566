// The entry `generatio/slim`.

import { load } from "./load.js";
import * as glue from "./slim_glue.js";

/** @import { InitOptions, WasmSource } from "./slim.js" */

const KIND = { name: "slim", isFull: false, glue, url: () => new URL("./slim.wasm", import.meta.url) };

/**
 * @param {WasmSource | Promise<WasmSource>} [source]
 * @param {InitOptions} [options]
 */
export const init = (source, options = {}) => load(KIND, source, options);

export { GeneratioError } from "./errors.js";
export { accountSecret, inspectToken, isAccountSecret, openToken, pinOf, resealToken, sealToken } from "./sealing.js";
export { UnlockedToken } from "./token.js";
