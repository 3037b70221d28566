/** Dialogs over the page: the browser's own `<dialog>`, which keeps the focus inside and gives it back. */

import { fresh, h, put } from "./dom.js";
import { icon } from "./icons.js";

/**
 * Opens a dialog and gives what `close(value)` was called with, `undefined` when it was dismissed.
 *
 * `build(close)` makes the body. `wide` makes it wider, `className` styles it.
 */
export function open(title, build, { wide = false, className = "" } = {}) {
  return new Promise((resolve) => {
    let answer;
    const id = fresh("dialog");
    const dialog = h("dialog", { "aria-labelledby": id, class: `${wide ? "wide" : ""} ${className}` });
    const close = (value) => {
      answer = value;
      dialog.close();
    };
    const dismiss = h("button.button.quiet.icon", { type: "button", "aria-label": "Close", onclick: () => close() }, icon("close"));
    put(dialog, h("header.dialog-head", h("h2", { id }, title), dismiss), h("div.dialog-body", build(close, dialog)), h("div.toasts", { role: "status" }));
    dialog.addEventListener("click", (event) => event.target === dialog && close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = dialog.querySelector("[autofocus]") ?? dialog.querySelector(".dialog-body :is(input, select, textarea, button):not([disabled])");
    first?.focus();
  });
}

/** Asks before something that cannot be taken back. Gives whether it was agreed to. */
export async function confirmed(title, text, action, { danger = true } = {}) {
  const answer = await open(title, (close) => [
    h("p.soft", text),
    h("div.row.end",
      h("button.button", { type: "button", onclick: () => close(false) }, "Cancel"),
      h("button.button.primary", { type: "button", class: danger ? "danger" : "", onclick: () => close(true) }, action)),
  ]);
  return answer === true;
}

/** Asks for one line of text. */
export function asked(title, { label, value = "", action = "Save", maxLength = 200 }) {
  return open(title, (close) => {
    const input = h("input.input", { value, maxLength, required: true, autofocus: true, "aria-label": label });
    const submit = (event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (text) close(text);
    };
    return h("form.stack", { onsubmit: submit }, h("label.field", h("span.label", label), input),
      h("div.row.end", h("button.button.primary", action)));
  });
}
