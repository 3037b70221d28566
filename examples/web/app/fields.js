/** Form fields with their labels, hints and errors tied together. */

import { fresh, h } from "./dom.js";

/**
 * A field: `{ node, input, value(), fault(text) }`. `fault` shows an error at the field and focuses it; typing clears it.
 */
export function field({ label, hint, type = "text", ...props }) {
  const id = fresh("field");
  const [hintId, errorId] = [`${id}-hint`, `${id}-error`];
  const input = h("input.input", { id, type, ...props });
  if (hint) input.setAttribute("aria-describedby", hintId);
  const error = h("p.error", { id: errorId, hidden: true });
  const node = h("div.field", h("label", { htmlFor: id }, label), input,
    hint && h("p.hint", { id: hintId }, hint), error);
  const clear = () => {
    error.hidden = true;
    input.removeAttribute("aria-invalid");
    if (hint) input.setAttribute("aria-describedby", hintId);
    else input.removeAttribute("aria-describedby");
  };
  input.addEventListener("input", clear);
  const fault = (text) => {
    error.textContent = text;
    error.hidden = false;
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", errorId);
    input.focus();
  };
  return { node, input, value: () => input.value, fault, clear };
}

/** A password field, which can be shown. */
export function passwordField(props) {
  const made = field({ type: "password", spellcheck: false, autocapitalize: "off", required: true, maxLength: 1024, ...props });
  const toggle = h("button.button", { type: "button", "aria-pressed": "false", "aria-label": `Show ${props.label.toLowerCase()}` }, "Show");
  toggle.addEventListener("click", () => {
    const shown = made.input.type === "text";
    made.input.type = shown ? "password" : "text";
    toggle.textContent = shown ? "Show" : "Hide";
    toggle.setAttribute("aria-pressed", String(!shown));
  });
  const line = h("div.with-button");
  made.input.replaceWith(line);
  line.append(made.input, toggle);
  return made;
}

/** A choice among a few, side by side. `options` are `{ value, label }`; gives `{ node, value(), set(value) }`. */
export function segments({ label, options, value, onchange }) {
  const name = fresh("choice");
  const inputs = options.map((option) => h("input", {
    type: "radio", name, value: String(option.value), checked: option.value === value, onchange: () => onchange?.(option.value),
  }));
  const node = h("div.segments", { role: "radiogroup", "aria-label": label },
    options.map((option, at) => h("label", inputs[at], h("span", option.label))));
  return {
    node,
    value: () => options[inputs.findIndex((input) => input.checked)]?.value,
    set: (chosen) => inputs.forEach((input, at) => (input.checked = options[at].value === chosen)),
  };
}

/** A switch. */
export function toggle({ label, hint, checked, onchange }) {
  const input = h("input", { type: "checkbox", role: "switch", checked, onchange: () => onchange?.(input.checked) });
  const node = h("label.switch", input, h("span.text", h("span", label), hint && h("span.hint", hint)), h("span.knob", { "aria-hidden": "true" }));
  return { node, value: () => input.checked, set: (on) => (input.checked = on) };
}

/** A list to choose from. */
export function select({ label, options, value, onchange, hideLabel = false }) {
  const id = fresh("select");
  const input = h("select.select", { id, onchange: () => onchange?.(input.value) },
    options.map((option) => h("option", { value: option.value, selected: option.value === value }, option.label)));
  const node = h("div.field", h("label", { htmlFor: id, class: hideLabel ? "unseen" : "" }, label), input);
  return { node, input, value: () => input.value };
}
