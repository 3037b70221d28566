/** Short messages that come and go, read out by screen readers. */

import { h } from "./dom.js";
import { explained } from "./errors.js";

const LIFE = 6000;

/** Shows `text`; with an `action` (`{ label, run }`) it stays longer. */
export function toast(text, action) {
  const node = h("div.toast", h("span", text));
  const gone = () => node.remove();
  if (action) node.append(h("button", { type: "button", onclick: () => (gone(), action.run()) }, action.label));
  // A dialog covers the rest of the page, also for screen readers: what is said while one is open is said in it.
  const [dialog] = [...document.querySelectorAll("dialog[open]")].slice(-1);
  const place = dialog?.querySelector(".toasts") ?? document.getElementById("toasts");
  // News replaces older news; what can still be undone stays.
  for (const old of [...place.children]) if (!old.querySelector("button")) old.remove();
  place.append(node);
  while (place.childElementCount > 3) place.firstElementChild.remove();
  setTimeout(gone, action ? LIFE * 2 : LIFE);
}

/** What went wrong, in words a person can act on. */
export const sorry = (error) => {
  if (error?.code === "aborted" || error?.name === "AbortError") return;
  toast(explained(error));
};
