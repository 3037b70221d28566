// Which addresses are shown and used. FAL's hosts are written here, whatever a server says.

import { GeneratioError } from "../errors.js";

/** @import { Json } from "./shape.js" */

/** Longest address, in characters. */
const LONGEST = 2048;

/**
 * A picture's address, if it may be shown: at FAL's picture hosts over `https`, or a file of the server's own. Where
 * server and page are both on this machine, so may the stand-in's pictures be. Else `null`.
 *
 * @param {string} base
 * @param {Json} value
 */
export function pictureUrl(base, value) {
  if (typeof value !== "string" || value.length > LONGEST) return null;
  const url = parsed(value);
  if (!url || url.username || url.password) return null;
  return ofFal(url) || ofServer(base, url) || (isLocal(base) && isLoopback(url)) ? shown(base, url) : null;
}

/** @param {URL} url */
function ofFal({ protocol, hostname, port, pathname }) {
  const cdn = hostname === "fal.media" || hostname.endsWith(".fal.media");
  const older = hostname === "storage.googleapis.com" && pathname.startsWith("/falserverless/");
  return protocol === "https:" && port === "" && (cdn || older);
}

/**
 * Compared by host: behind a proxy that speaks TLS, a server may believe that it is reached by plain `http`.
 *
 * @param {string} base
 * @param {URL} url
 */
function ofServer(base, url) {
  const own = new URL(base);
  const files = `${own.pathname.replace(/\/$/, "")}/api/files/`;
  return /^https?:$/.test(url.protocol) && url.host === own.host && url.pathname.startsWith(files);
}

/**
 * A file of the server's is fetched as the server itself is.
 *
 * @param {string} base
 * @param {URL} url
 */
function shown(base, url) {
  return ofServer(base, url) ? new URL(base).origin + url.pathname : url.href;
}

/**
 * The base address of a stand-in for FAL that a server suggests, if that may be followed; else `fal_host_refused`.
 *
 * @param {string} base
 * @param {string} value
 */
export function suggestedFalUrl(base, value) {
  const url = parsed(value);
  if (url && isLoopback(url) && isLocal(base)) return url.href.replace(/\/+$/, "");
  throw new GeneratioError("fal_host_refused", "The server suggests another address than FAL's; it is not used");
}

/**
 * Whether an address leads to this server's own webhooks: FAL is asked to report to nobody else.
 *
 * @param {string} base
 * @param {Json} value
 * @returns {value is string}
 */
export function isWebhook(base, value) {
  return typeof value === "string" && value.length <= LONGEST && value.startsWith(`${base}/api/custom/webhooks/fal/`);
}

/**
 * Whether server and page, where there is one, are both on this machine.
 *
 * @param {string} base
 */
function isLocal(base) {
  const page = globalThis.location?.origin;
  return isLoopback(parsed(base)) && (page === undefined || isLoopback(parsed(page)));
}

/** @param {URL | null} url */
function isLoopback(url) {
  return url !== null && /^https?:$/.test(url.protocol) && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
}

/** @param {string} value */
function parsed(value) {
  try {
    return new URL(value);
  } catch {
    return null;
  }
}
