/** The page's icons: strokes on a grid of 24, drawn for this page. */

import { svg } from "./dom.js";

const PATHS = {
  again: ["M4 12a8 8 0 1 0 2.6-5.9", "M4 4v4.5h4.5"],
  account: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z", "M4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5"],
  back: ["M15 5l-7 7 7 7"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  close: ["M6 6l12 12M18 6L6 18"],
  copy: ["M9 9h10v11H9z", "M15 9V4H5v11h4"],
  create: ["M12 3.5l1.9 5.1 5.1 1.9-5.1 1.9L12 17.5l-1.9-5.1L5 10.5l5.1-1.9z", "M18.5 16.5v4M16.5 18.5h4"],
  dice: ["M5 5h14v14H5z", "M9 9h.01M15 15h.01M12 12h.01M15 9h.01M9 15h.01"],
  down: ["M6 9l6 6 6-6"],
  download: ["M12 4v11M7 11l5 5 5-5", "M5 20h14"],
  edit: ["M5 19l1-4L16 5l3 3L9 18z"],
  folder: ["M3.5 18.5V6h6l2 2.5h9v10z"],
  gallery: ["M4 5h16v14H4z", "M4 16l5-5 4 4 2.5-2.5L20 17", "M15.5 9.5h.01"],
  lock: ["M6 11h12v9H6z", "M8.5 11V8a3.5 3.5 0 0 1 7 0v3"],
  more: ["M6 12h.01M12 12h.01M18 12h.01"],
  moon: ["M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z"],
  next: ["M9 5l7 7-7 7"],
  out: ["M10 5H5v14h5", "M15 8l4 4-4 4M19 12H9.5"],
  plus: ["M12 5v14M5 12h14"],
  restore: ["M4 9h10a5.5 5.5 0 0 1 0 11H9", "M8 5L4 9l4 4"],
  search: ["M11 17.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z", "M16 16l4.5 4.5"],
  sliders: ["M4 8h9M17 8h3M4 16h3M11 16h9", "M15 6v4M9 14v4"],
  spending: ["M5 20V11M12 20V4M19 20v-6", "M3 20h18"],
  sun: ["M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z", "M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M18.4 5.6L17 7M7 17l-1.4 1.4"],
  trash: ["M5 7h14M9.5 7V4.5h5V7", "M7 7l1 13h8l1-13"],
  unlock: ["M6 11h12v9H6z", "M8.5 11V8a3.5 3.5 0 0 1 6.7-1.4"],
};

/** An icon; beside a text or on a button that has a label, hence hidden from screen readers. */
export function icon(name) {
  const strokes = PATHS[name].map((d) => svg("path", { d }));
  return svg("svg", {
    viewBox: "0 0 24 24", width: 20, height: 20, fill: "none", stroke: "currentColor", "stroke-width": 1.7,
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
  }, ...strokes);
}

/** The mark of the product. */
export function mark() {
  const shape = svg("path", { d: "M21.6 11.4A7.2 7.2 0 1 0 23.2 17H16.6", stroke: "currentColor", "stroke-width": 2.6 });
  const spark = svg("circle", { cx: 24, cy: 8, r: 2.2, fill: "currentColor" });
  return svg("svg", {
    class: "mark", viewBox: "5 4 22 22", width: 24, height: 24, fill: "none", "stroke-linecap": "round",
    "stroke-linejoin": "round", "aria-hidden": "true",
  }, shape, spark);
}
