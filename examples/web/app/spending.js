/** What was spent: sums, a chart, the budget, and every single charge. */

import { h, show } from "./dom.js";
import { client } from "./backend.js";
import { budget } from "./budget.js";
import { chart } from "./chart.js";
import { segments } from "./fields.js";
import { count, usd, usdShort, when } from "./format.js";
import { news } from "./state.js";
import { sorry, toast } from "./toast.js";

const SPANS = [
  { value: "day", label: "30 days" },
  { value: "week", label: "30 weeks" },
  { value: "month", label: "30 months" },
];

/** The view. */
export function view({ signal }) {
  const sums = h("dl.sums", Array.from({ length: 4 }, () => h("div.skeleton.sum-skeleton")));
  const plot = h("div.chart-space");
  let bucket = "day";
  const span = segments({ label: "How much time", options: SPANS, value: bucket, onchange: (value) => ((bucket = value), draw(plot, bucket).catch(sorry)) });
  const charges = new Charges();
  const read = () => Promise.all([totals(sums), draw(plot, bucket), charges.begin()]).catch((error) => !signal.aborted && sorry(error));
  news.addEventListener("changed", read, { signal });
  read();
  return h("div.wide-view.stack.wide",
    h("h1", "Spending"), sums,
    h("div.columns",
      h("section.panel.stack", { "aria-labelledby": "over-time" }, h("div.row.apart", h("h2", { id: "over-time" }, "Over time"), span.node), plot),
      budget(signal)),
    charges.node);
}

async function totals(node) {
  const held = await client();
  const stats = await held.stats();
  const differs = stats.falSpent.nanoUsd !== stats.totalSpent.nanoUsd;
  const sum = (name, value, more) => h("div.sum", h("dt.small.soft", name), h("dd", h("span.sum-value.display.amount", value), more && h("span.small.soft", more)));
  show(node,
    sum("Last 30 days", usdShort(stats.recentSpending.amount), differs && `FAL: ${usdShort(stats.falRecentSpending.amount)}`),
    sum("This month, at this pace", usdShort(stats.monthForecast.amount)),
    sum("In all", usdShort(stats.totalSpent.amount), differs && `FAL: ${usdShort(stats.falSpent.amount)}`),
    sum("A picture, on average", stats.totalImages ? usdShort(stats.averageCost.amount) : "—", count(stats.totalImages, "picture")));
}

async function draw(node, bucket) {
  const held = await client();
  show(node, chart(await held.series({ bucket })));
}

/** The charges, newest first, page by page; and all of them as a file. */
class Charges {
  #rows = h("tbody");
  #more = h("button.button", { type: "button", hidden: true, onclick: () => this.#read().catch(sorry) }, "Show more");
  #next = null;

  constructor() {
    const names = ["When", "Model", "Pictures", "Charged", "FAL’s bill"];
    this.node = h("section.panel.stack", { "aria-labelledby": "charges" },
      h("div.row.apart", h("h2", { id: "charges" }, "Charges"), h("button.button.small-button", { type: "button", onclick: () => download().catch(sorry) }, "Download as CSV")),
      h("div.table-scroll", { tabIndex: 0, role: "region", "aria-labelledby": "charges" }, h("table", h("thead", h("tr", names.map((name) => h("th", { scope: "col" }, name)))), this.#rows)),
      h("div.row.centre", this.#more));
  }

  async begin() {
    this.#next = null;
    await this.#read(true);
  }

  async #read(anew = false) {
    const held = await client();
    const { items, next } = await held.ledger({ limit: 20, cursor: this.#next ?? undefined });
    if (anew) this.#rows.replaceChildren();
    const rows = items.map((row) => h("tr", h("td", when(row.created)), h("td", row.model), h("td", String(row.images)),
      h("td", price(row.account)), h("td", price(row.fal))));
    this.#rows.append(...rows);
    if (!this.#rows.childElementCount) this.#rows.append(h("tr", h("td.soft", { colSpan: 5 }, "Nothing was charged yet.")));
    this.#next = next;
    this.#more.hidden = next === null;
  }
}

const price = ({ amount, certainty }) => (certainty === "unpriced" ? "unknown" : `${certainty === "estimated" ? "about " : ""}${usd(amount)}`);

const COLUMNS = ["id", "job", "model", "images", "amount", "certainty", "fal_amount", "fal_certainty", "created"];

/** Every charge as a file, made here: the address of a download would have to carry the sign-in. */
async function download() {
  const held = await client();
  const lines = [COLUMNS.join(",")];
  for (let cursor; cursor !== null;) {
    const { items, next } = await held.ledger({ limit: 200, cursor });
    for (const row of items) {
      lines.push([row.id, row.job, quoted(row.model), row.images, row.account.amount, row.account.certainty, row.fal.amount, row.fal.certainty, row.created].join(","));
    }
    cursor = next;
  }
  const address = URL.createObjectURL(new Blob([`${lines.join("\r\n")}\r\n`], { type: "text/csv" }));
  h("a", { href: address, download: "generatio-charges.csv" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  toast("The file is being saved.");
}

/** A text in CSV (RFC 4180); one that a spreadsheet would run is kept from that. */
const quoted = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
