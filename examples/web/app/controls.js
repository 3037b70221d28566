/** One control for each kind of parameter. Each gives `{ node, value(), set(value) }`; `undefined` is "as FAL has it". */

import { fresh, h } from "./dom.js";
import { segments, select, toggle } from "./fields.js";
import { label, option } from "./format.js";
import { icon } from "./icons.js";
import { sizeControl } from "./size.js";
import { listControl } from "./lists.js";

/** Up to so many options stand side by side. */
const FEW = 4;

/** The control for a parameter of a model. `onchange()` is called after each change. */
export function control(model, name, parameter, onchange) {
  const { type } = parameter;
  if (type === "boolean") return boolean(name, parameter, onchange);
  if (type === "object") return sizeControl(model, name, parameter, onchange);
  if (type === "array") return listControl(name, parameter, onchange);
  if (type === "string") return text(name, parameter, onchange);
  if (name === "seed") return seed(parameter, onchange);
  return number(name, parameter, onchange);
}

function titled(name, parameter, ...inside) {
  return h("div.field", h("div.head", h("span", label(name))), ...inside,
    parameter.description && h("p.hint", parameter.description));
}

function boolean(name, parameter, onchange) {
  const made = toggle({ label: label(name), hint: parameter.description, checked: parameter.default === true, onchange });
  return { ...made, set: (value) => made.set(value ?? parameter.default === true) };
}

function number(name, parameter, onchange) {
  const { min, max, default: usual, type } = parameter;
  const isWhole = type === "integer";
  if (isWhole && min !== undefined && max !== undefined && max - min < 8) return counter(name, parameter, onchange);
  const id = fresh("number");
  const step = isWhole ? 1 : max - min <= 2 ? 0.05 : 0.1;
  const input = h("input.input", {
    id, type: "number", min: min ?? "", max: max ?? "", step: isWhole ? 1 : "any", value: usual ?? "",
    inputMode: isWhole ? "numeric" : "decimal", placeholder: usual === null ? "auto" : "",
  });
  const bounded = min !== undefined && max !== undefined && max - min <= 1000;
  const slider = bounded && h("input", { type: "range", min, max, step, value: usual ?? min, "aria-label": `${label(name)}, slider` });
  const value = () => (input.value === "" ? undefined : Number(input.value));
  input.addEventListener("input", () => {
    if (slider && input.value !== "") slider.value = input.value;
    onchange();
  });
  slider && slider.addEventListener("input", () => {
    input.value = isWhole ? slider.value : String(Math.round(slider.value * 100) / 100);
    onchange();
  });
  const node = h("div.field", h("label", { htmlFor: id }, label(name)), slider ? h("div.slider", slider, input) : input,
    h("p.hint", parameter.description));
  const set = (given) => {
    input.value = given ?? usual ?? "";
    if (slider) slider.value = input.value || min;
  };
  return { node, value, set };
}

/** A small whole number: all of them side by side. */
function counter(name, parameter, onchange) {
  const { min, max, default: usual } = parameter;
  const options = Array.from({ length: max - min + 1 }, (_, at) => ({ value: min + at, label: String(min + at) }));
  const made = segments({ label: label(name), options, value: usual ?? undefined, onchange });
  return { node: titled(name, parameter, made.node), value: made.value, set: (value) => made.set(value ?? usual) };
}

function seed(parameter, onchange) {
  const id = fresh("seed");
  const input = h("input.input", { id, inputMode: "numeric", pattern: "[0-9]*", maxLength: 20, placeholder: "A new one each time", oninput: onchange });
  const roll = h("button.button.icon", {
    type: "button", "aria-label": "Roll a seed", title: "Roll a seed",
    onclick: () => {
      input.value = String(crypto.getRandomValues(new Uint32Array(1))[0]);
      onchange();
    },
  }, icon("dice"));
  const clear = h("button.button.icon", { type: "button", "aria-label": "No seed", title: "No seed", onclick: () => (input.value = "", onchange()) }, icon("close"));
  const node = h("div.field", h("label", { htmlFor: id }, "Seed"), h("div.with-button", input, roll, clear), h("p.hint", parameter.description));
  // Larger seeds than a number holds exactly are not to be rounded; they are left to the check, which refuses them.
  const value = () => {
    if (input.value.trim() === "") return undefined;
    const given = Number(input.value);
    return Number.isSafeInteger(given) ? given : input.value.trim();
  };
  return { node, value, set: (given) => (input.value = given ?? "") };
}

function text(name, parameter, onchange) {
  const { options, openOptions: open, default: usual } = parameter;
  if (!options) return words(name, parameter, onchange);
  if (open) return suggested(name, parameter, onchange);
  const short = options.length <= FEW && options.join("").length <= 34;
  const shown = [...(usual === null ? [{ value: "", label: "None" }] : []), ...options.map((value) => ({ value, label: option(value) }))];
  if (short && usual !== null) {
    const made = segments({ label: label(name), options: shown, value: usual, onchange });
    return { node: titled(name, parameter, made.node), value: made.value, set: (value) => made.set(value ?? usual) };
  }
  const made = select({ label: label(name), options: shown, value: usual ?? "", onchange });
  made.node.append(h("p.hint", parameter.description));
  return { node: made.node, value: () => made.value() || undefined, set: (value) => (made.input.value = value ?? usual ?? "") };
}

/** Known options and anything else beside them. */
function suggested(name, parameter, onchange) {
  const id = fresh("text");
  const list = h("datalist", { id: `${id}-list` }, parameter.options.map((value) => h("option", { value })));
  const input = h("input.input", { id, list: `${id}-list`, value: parameter.default ?? "", oninput: onchange });
  const node = h("div.field", h("label", { htmlFor: id }, label(name)), input, list, h("p.hint", parameter.description));
  return { node, value: () => input.value.trim() || undefined, set: (value) => (input.value = value ?? parameter.default ?? "") };
}

/** Free text; a place of several lines where it may be long. */
function words(name, parameter, onchange) {
  const id = fresh("words");
  const props = { id, value: parameter.default ?? "", maxLength: parameter.maxLength ?? 5000, oninput: onchange };
  const input = parameter.maxLength > 200 ? h("textarea.input", { ...props, rows: 2 }) : h("input.input", props);
  const node = h("div.field", h("label", { htmlFor: id }, label(name)), input, h("p.hint", parameter.description));
  return { node, value: () => input.value || undefined, set: (value) => (input.value = value ?? parameter.default ?? "") };
}

