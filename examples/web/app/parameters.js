/** All of a model's parameters as controls, built from the catalog. */

import { h } from "./dom.js";
import { control } from "./controls.js";

/** What is always in sight; all else is one step away. */
const FIRST = ["image_size", "aspect_ratio", "resolution", "rendering_speed", "style", "num_images", "max_images"];
/** Pictures inline instead of as links: not something a gallery wants. */
const HIDDEN = ["sync_mode"];

/**
 * Controls for a model: `{ first, more, values(), set(values), mark(problems) }`. `values()` has what differs from what FAL
 * assumes anyway.
 */
export function parameterControls(model, onchange) {
  const shown = model.parameters.filter(({ name }) => !HIDDEN.includes(name));
  const made = new Map(shown.map((parameter) => [parameter.name, { parameter, ...control(model, parameter.name, parameter, onchange) }]));
  const rank = (name) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  const names = [...made.keys()].sort((one, other) => rank(one) - rank(other));
  const nodes = (chosen) => chosen.map((name) => {
    const { node } = made.get(name);
    node.dataset.parameter = name;
    return node;
  });
  return {
    first: nodes(names.filter((name) => FIRST.includes(name))),
    more: nodes(names.filter((name) => !FIRST.includes(name))),
    /** Whether any of `more` is among these values. */
    usesMore: (values) => Object.keys(values).some((name) => made.has(name) && !FIRST.includes(name)),
    values() {
      const changed = [...made].map(([name, one]) => [name, one.value(), one.parameter.default]);
      return Object.fromEntries(changed.filter(([, value, usual]) => value !== undefined && !same(value, usual)).map(([name, value]) => [name, value]));
    },
    set(values = {}) {
      for (const [name, one] of made) one.set(values[name]);
    },
    /** Shows problems of the catalog's check at the controls they are about. */
    mark(problems) {
      for (const name of names) {
        const { node } = made.get(name);
        node.querySelector(":scope > .problem")?.remove();
        const problem = problems.find(({ path }) => path.startsWith("parameters.") && path.split(/[.[]/)[1] === name);
        if (problem) node.append(h("p.error.problem", problem.message));
      }
    },
  };
}

const same = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other ?? undefined) || (one === "" && other === null);
