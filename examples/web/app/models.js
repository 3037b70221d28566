/** Choosing a model: what each is good for and what a picture costs. */

import { fresh, h, show } from "./dom.js";
import { open } from "./dialog.js";
import { usd } from "./format.js";

/** What one picture costs, in words. */
export function priceOf(model, prices) {
  const cost = prices === "fal" ? model.falCostPerImage : model.costPerImage;
  if (cost === null) return "Price unknown";
  return `${model.pricing === "estimated" ? "about " : ""}${usd(cost)}`;
}

/** The dialog. Gives the chosen model, or `undefined`. */
export function chooseModel(models, current, prices) {
  return open("Choose a model", (close) => {
    const name = fresh("model");
    const list = h("div.choices.models", { role: "radiogroup", "aria-label": "Models" });
    const draw = (words) => {
      const wanted = words.toLowerCase();
      const fits = (model) => `${model.displayName} ${model.name} ${model.description}`.toLowerCase().includes(wanted);
      const cards = models.filter(fits).map((model) => card(model, { name, prices, checked: model.name === current, close }));
      show(list, cards.length ? cards : h("p.soft", "No model of that name."));
    };
    const search = h("input.input", { type: "search", placeholder: "Find a model", "aria-label": "Find a model", oninput: () => draw(search.value) });
    draw("");
    return h("form.stack", { onsubmit: (event) => (event.preventDefault(), close(models.find((model) => model.name === checked(list)))) },
      search, list, h("div.row.end.sticky-end", h("button.button.primary", "Use this model")));
  }, { wide: true });
}

const checked = (list) => list.querySelector("input:checked")?.value;

function card(model, { name, prices, checked: isChecked, close }) {
  const input = h("input", { type: "radio", name, value: model.name, checked: isChecked, autofocus: isChecked });
  return h("label", { ondblclick: () => close(model) }, input, h("span.card",
    h("span.title", model.displayName, h("span.amount.soft", priceOf(model, prices))),
    h("span.small.soft", model.description)));
}
