/**
 * The whole library: the entry `generatio`.
 *
 * @packageDocumentation
 */

export * from "./slim.js";
