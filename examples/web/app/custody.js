/** The three ways of using a key, each with one sentence about who can see what. */

import { fresh, h } from "./dom.js";

/** What is said about each. */
export const MODES = {
  direct: {
    title: "Direct",
    who: "Only this page ever sees your key: it calls FAL itself, and the server learns prompts, links and prices.",
    note: "Keep the tab open while pictures are made.",
  },
  sealed: {
    title: "Lent",
    who: "This page opens your key and lends it to the server while it is unlocked; the server never learns your password.",
    note: "Pictures go on when you close the tab.",
  },
  password: {
    title: "Kept by the server",
    who: "The server opens your key by itself with a secret made from your password, and sees the key while it works.",
    note: "Also works with apps that do not seal keys themselves.",
  },
};

/** The names, the safest first. */
export const NAMES = Object.keys(MODES);

/** Cards to choose from: `{ node, value() }`. `allowed` are those the server offers. */
export function custodyChoice({ value, allowed, onchange }) {
  const name = fresh("custody");
  const inputs = NAMES.map((mode) => h("input", {
    type: "radio", name, value: mode, checked: mode === value, disabled: !allowed.includes(mode), onchange: () => onchange?.(mode),
  }));
  const node = h("div.choices", { role: "radiogroup", "aria-label": "Who can see your key" }, NAMES.map((mode, at) => {
    const { title, who, note } = MODES[mode];
    return h("label", inputs[at], h("span.card",
      h("span.title", title, mode === "direct" && h("span.badge", "Most private")),
      h("span.small", who),
      h("span.small.soft", allowed.includes(mode) ? note : "Not offered by this server.")));
  }));
  return {
    node,
    value: () => NAMES[inputs.findIndex((input) => input.checked)],
    set: (mode) => inputs.forEach((input) => (input.checked = input.value === mode)),
  };
}
