/** Spending over time as bars, drawn for this page; and the same as a table, for who does not see it. */

import { fresh, h, svg } from "./dom.js";
import { bucketLabel, count, usd, usdShort } from "./format.js";

const [WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM, TOP] = [760, 230, 52, 22, 26, 10];

/** A line to draw: a bar for each bucket, and a text for whatever bar is pointed at or focused. */
export function chart(series) {
  const [line] = series.lines;
  const amounts = series.buckets.map((_, at) => Number(line?.amount[at]?.amount ?? 0));
  const most = nice(Math.max(...amounts, 0));
  const said = h("p.small.chart-said", { "aria-hidden": "true" });
  const describe = (at) => `${bucketLabel(series.buckets[at], series.bucket)}: ${usd(line?.amount[at]?.amount ?? "0")}, ${count(line?.images[at] ?? 0, "picture")}`;
  const sum = amounts.reduce((all, one) => all + one, 0);
  const idle = () => (said.textContent = sum === 0 ? "Nothing was spent in this time." : `${usdShort(sum)} in this time.`);
  idle();
  const id = fresh("chart");
  const drawing = svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-labelledby": id },
    svg("title", { id }, `Spending per ${series.bucket}, ${usdShort(sum)} in all; the table below has the numbers`),
    ...grid(most), ...bars(amounts, most, { describe, said, idle }), ...axis(series));
  const scroll = h("div.chart-scroll", { tabIndex: 0, role: "region", "aria-label": "Chart" }, drawing);
  // On a phone it is wider than the screen, and what is new stands at its end.
  requestAnimationFrame(() => (scroll.scrollLeft = scroll.scrollWidth));
  return h("div.stack.tight", scroll, said, table(series, line));
}

/** The next round number, for the top of the scale. */
function nice(most) {
  if (most <= 0) return 1;
  const size = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * size).find((round) => round >= most);
}

const y = (share) => HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);

function grid(most) {
  return [0, 0.5, 1].flatMap((share) => [
    svg("line", { class: "chart-line", x1: LEFT, x2: WIDTH, y1: y(share), y2: y(share) }),
    svg("text", { class: "chart-text", x: LEFT - 8, y: y(share) + 4, "text-anchor": "end" }, usdShort(most * share)),
  ]);
}

function bars(amounts, most, { describe, said, idle }) {
  const step = (WIDTH - LEFT - RIGHT) / amounts.length;
  const width = Math.min(34, step * 0.72);
  return amounts.map((amount, at) => {
    const x = LEFT + at * step;
    const height = amount > 0 ? Math.max(2, y(0) - y(amount / most)) : 0;
    const bar = svg("rect", { class: "chart-bar", x: x + (step - width) / 2, y: y(0) - height, width, height, rx: Math.min(4, width / 3) });
    const enter = () => (said.textContent = describe(at));
    const place = svg("rect", { class: "chart-place", x, y: TOP, width: step, height: HEIGHT - BOTTOM - TOP, onpointerenter: enter, onpointerleave: idle });
    return svg("g", {}, place, bar);
  });
}

/** So many labels that they do not touch. */
function axis(series) {
  const { buckets, bucket } = series;
  const step = (WIDTH - LEFT - RIGHT) / buckets.length;
  const every = Math.ceil(buckets.length / 7);
  return buckets.map((from, at) => (buckets.length - 1 - at) % every === 0 && svg("text", {
    class: "chart-text", x: LEFT + at * step + step / 2, y: HEIGHT - 6, "text-anchor": "middle",
  }, bucketLabel(from, bucket))).filter(Boolean);
}

function table(series, line) {
  const rows = series.buckets.map((from, at) => [from, line?.amount[at]?.amount ?? "0", line?.falAmount[at]?.amount ?? "0", line?.images[at] ?? 0]);
  const shown = rows.filter(([, , , images]) => images > 0).reverse();
  return h("details.more", h("summary", "As a table"), h("div.table-scroll", { tabIndex: 0, role: "region", "aria-label": "Spending as a table" }, h("table",
    h("thead", h("tr", ["From", "Spent", "FAL’s bill", "Pictures"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", shown.length
      ? shown.map(([from, amount, fal, images]) => h("tr", h("th", { scope: "row" }, bucketLabel(from, series.bucket)), h("td", usd(amount)), h("td", usd(fal)), h("td", String(images))))
      : h("tr", h("td", { colSpan: 4 }, "Nothing was spent."))))));
}
