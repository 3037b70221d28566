// Server-sent events (WHATWG HTML §9.2), as they come in a body that is being read.

import { badAnswer } from "./shape.js";

/** Longest event, in characters. */
const LONGEST = 1 << 20;
/** How long a stream may be silent: several of the server's heartbeats. */
const SILENCE_MS = 90_000;

/** @typedef {{ id: string, event: string, data: string | null }} Event */

/**
 * The events of a body. Ends with the body, throws where that breaks or falls silent.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<Event, void>}
 */
export async function* events(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let event = fresh();
  try {
    for (;;) {
      const { done, value } = await spoken(reader);
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      // A CR at the end may be half of a CR LF.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line !== "") take(event, line);
        else if (event.data !== null) yield event;
        if (line === "") event = fresh(event.id);
      }
      if (rest.length + (event.data?.length ?? 0) > LONGEST) throw badAnswer("too large");
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** @returns {Event} */
function fresh(id = "") {
  return { id, event: "message", data: null };
}

/**
 * @param {Event} event
 * @param {string} line
 */
function take(event, line) {
  const [, name, value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
  if (name === "data") event.data = event.data === null ? value : `${event.data}\n${value}`;
  else if (name === "event") event.event = value;
  // Sent back in a header, where nothing else has a place.
  else if (name === "id" && /^[\x21-\x7e]{0,100}$/.test(value)) event.id = value;
}

/** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
async function spoken(reader) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("silent")), SILENCE_MS);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}
