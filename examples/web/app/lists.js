/** Lists of texts, colours and LoRA weights: a row each, as many as the model takes. */

import { h } from "./dom.js";
import { label } from "./format.js";
import { icon } from "./icons.js";

const KINDS = {
  string: {
    add: "Add",
    row: (change, given = "") => {
      const input = h("input.input", { value: given, oninput: change, "aria-label": "Text" });
      return { nodes: [input], value: () => input.value.trim() || undefined };
    },
  },
  rgb_color: {
    add: "Add a colour",
    row: (change, given = { r: 180, g: 62, b: 18 }) => {
      const hex = ["r", "g", "b"].map((part) => (given[part] ?? 0).toString(16).padStart(2, "0")).join("");
      const input = h("input.colour", { type: "color", value: `#${hex}`, oninput: change, "aria-label": "Colour" });
      const part = (at) => Number.parseInt(input.value.slice(at, at + 2), 16);
      return { nodes: [input], value: () => ({ r: part(1), g: part(3), b: part(5) }) };
    },
  },
  lora_weight: {
    add: "Add a LoRA",
    row: (change, given = {}) => {
      const path = h("input.input", { value: given.path ?? "", oninput: change, placeholder: "Address or name", "aria-label": "Address or name of the weights" });
      const scale = h("input.input.narrow-input", { type: "number", min: 0, max: 4, step: 0.1, value: given.scale ?? 1, oninput: change, "aria-label": "Scale" });
      return { nodes: [path, scale], value: () => (path.value.trim() ? { path: path.value.trim(), scale: Number(scale.value) } : undefined) };
    },
  },
};

/** The control for an `array`. */
export function listControl(name, parameter, onchange) {
  const kind = KINDS[parameter.items] ?? KINDS.string;
  const most = parameter.maxItems ?? 8;
  const rows = [];
  const list = h("div.stack.tight");
  const add = h("button.button.small-button", { type: "button", onclick: () => append(undefined, true) }, icon("plus"), kind.add);
  const node = h("div.field", { role: "group", "aria-label": label(name) },
    h("div.head", h("span", label(name))), list, h("div", add), h("p.hint", parameter.description));

  function append(given, byHand) {
    const row = kind.row(onchange, given);
    const line = h("div.with-button", row.nodes, h("button.button.icon", {
      type: "button", "aria-label": "Remove", onclick: () => {
        rows.splice(rows.indexOf(row), 1);
        line.remove();
        add.disabled = false;
        add.focus();
        onchange();
      },
    }, icon("close")));
    rows.push(row);
    list.append(line);
    add.disabled = rows.length >= most;
    if (byHand) {
      row.nodes[0].focus();
      onchange();
    }
  }
  const value = () => {
    const values = rows.map((row) => row.value()).filter((one) => one !== undefined);
    return values.length ? values : undefined;
  };
  const set = (given) => {
    rows.length = 0;
    list.replaceChildren();
    for (const one of given ?? []) append(one, false);
    add.disabled = rows.length >= most;
  };
  return { node, value, set };
}
