/** The budget: how much of each limit is left, and changing them. */

import { busy, h, show } from "./dom.js";
import { client } from "./backend.js";
import { open } from "./dialog.js";
import { explained } from "./errors.js";
import { field, segments } from "./fields.js";
import { ago, usd, usdShort } from "./format.js";
import { news } from "./state.js";
import { sorry, toast } from "./toast.js";

const PERIODS = [["day", "Today"], ["month", "This month"], ["total", "In all"]];

/** The panel. */
export function budget(signal) {
  const body = h("div.stack");
  const read = async () => {
    const held = await client();
    const view = await held.budget.get();
    if (!signal.aborted) draw(body, view, read);
  };
  news.addEventListener("changed", () => read().catch(() => {}), { signal });
  read().catch(sorry);
  return h("section.panel.stack", { "aria-labelledby": "budget" }, h("h2", { id: "budget" }, "Budget"), body);
}

function draw(node, view, again) {
  const limits = PERIODS.filter(([period]) => view[period]);
  const change = h("button.button", { type: "button", onclick: () => edit(view, again) }, limits.length ? "Change" : "Set a budget");
  show(node,
    limits.length === 0 && h("p.soft", "No limit yet. With one, nothing is sent to FAL that would go over it."),
    limits.map(([period, name]) => meter(name, view[period])),
    limits.length > 0 && h("p.small.soft", view.basis === "fal" ? "Counted in what FAL bills." : "Counted in this server’s prices."),
    h("div", change));
}

function meter(name, { limit, spent, held, remaining, warning, resets }) {
  const used = Number(spent.amount) + Number(held.amount);
  const share = Number(limit.amount) > 0 ? Math.min(1, used / Number(limit.amount)) : 1;
  const over = remaining.nanoUsd <= 0n;
  return h("div.meter-row", { class: over ? "over" : warning ? "warning" : "" },
    h("div.row.apart", h("span.label", name), h("span.small.amount", `${usdShort(used)} of ${usd(limit.amount)}`)),
    h("div.meter", { role: "meter", "aria-label": `${name}: used`, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(Math.round(share * 100)) },
      h("span", { style: { width: `${(share * 100).toFixed(1)}%` } })),
    h("p.small.soft", over ? "Used up" : `${usd(remaining.amount)} left`, held.nanoUsd > 0n && `, ${usd(held.amount)} held by running jobs`, resets && `; begins anew ${ago(resets)}`));
}

function edit(view, again) {
  return open("Your budget", (close) => {
    const fields = Object.fromEntries(PERIODS.map(([period]) => [period, field({
      label: { day: "A day, in dollars", month: "A month, in dollars", total: "In all, in dollars" }[period],
      inputMode: "decimal", value: view[period]?.limit.amount ?? "", placeholder: "No limit", maxLength: 20, autocomplete: "off",
    })]));
    const basis = segments({
      label: "Counted in", value: view.basis,
      options: [{ value: "fal", label: "What FAL bills" }, { value: "account", label: "This server’s prices" }],
    });
    const button = h("button.button.primary", "Save");
    const submit = (event) => {
      event.preventDefault();
      busy(button, () => save(fields, basis.value(), view, close));
    };
    return h("form.stack", { onsubmit: submit },
      h("p.soft", "Days and months are those of UTC. Leave a field empty for no limit."),
      Object.values(fields).map(({ node }) => node),
      h("div.field", h("div.head", h("span", "Counted in")), basis.node),
      h("div.row.end", button));
  }).then((saved) => saved && (again().catch(sorry), toast("Your budget is saved.")));
}

async function save(fields, basis, view, close) {
  const wanted = { basis, warnPercent: view.warnPercent };
  for (const [period, { value, fault }] of Object.entries(fields)) {
    const text = value().trim().replace(/^\$/, "").replace(",", ".");
    if (text !== "" && !/^\d+(\.\d{1,9})?$/.test(text)) return fault("An amount such as 5 or 0.25.");
    wanted[period] = text === "" ? null : text;
  }
  try {
    const held = await client();
    await held.budget.set(wanted);
    return close(true);
  } catch (error) {
    return fields.day.fault(explained(error));
  }
}
