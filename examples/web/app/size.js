/** The size of the pictures: FAL's presets as shapes, and sizes of one's own within the model's limit. */

import { fresh, h } from "./dom.js";
import { label, option } from "./format.js";

const PRESETS = {
  square_hd: [1024, 1024], square: [512, 512], portrait_4_3: [768, 1024], portrait_16_9: [576, 1024],
  landscape_4_3: [1024, 768], landscape_16_9: [1024, 576],
};
/** The longest side that FAL takes. */
const MAX_SIDE = 14_142;
const MEGAPIXEL = 1_048_576;

/** Width to height of an `image_size` or an `aspect_ratio`, as far as it can be told. */
export function ratio(size) {
  if (size && typeof size === "object") return size.width / size.height;
  const [width, height] = PRESETS[size] ?? String(size ?? "").split(":").map(Number);
  return width > 0 && height > 0 ? width / height : 1;
}

/** The control: presets side by side, the last of them is a size of one's own. */
export function sizeControl(model, name, parameter, onchange) {
  const group = fresh("size");
  const radios = new Map();
  const choice = (value, shape, text) => {
    const input = h("input", { type: "radio", name: group, value, onchange: changed });
    radios.set(value, input);
    return h("label", input, h("span.card", shape, text));
  };
  const side = (text) => h("input.input", { type: "number", min: 1, max: MAX_SIDE, step: 1, inputMode: "numeric", "aria-label": text, oninput: changed });
  const [width, height] = [side("Width in pixels"), side("Height in pixels")];
  const limit = h("p.hint", { role: "status" });
  const own = h("div.stack", { hidden: true }, h("div.pair", width, h("span.soft", { "aria-hidden": "true" }, "×"), height), limit);
  const node = h("div.field",
    h("div.head", h("span", label(name))),
    h("div.shapes", { role: "radiogroup", "aria-label": label(name) },
      (parameter.options ?? []).map((preset) => choice(preset, shape(ratio(preset), preset), option(preset))),
      choice("own", h("span.shape.own", { style: { width: "24px", height: "24px" } }), "Custom")),
    own);

  const chosen = () => [...radios].find(([, input]) => input.checked)?.[0];
  const value = () => {
    if (chosen() !== "own") return chosen();
    return { width: Number(width.value), height: Number(height.value) };
  };
  function changed() {
    own.hidden = chosen() !== "own";
    if (!own.hidden && width.value === "") [width.value, height.value] = [1024, 1024];
    say();
    onchange();
  }
  const say = () => {
    const megapixels = (width.value * height.value) / MEGAPIXEL;
    const most = model.maxMegapixels;
    const over = megapixels > most;
    limit.textContent = `${megapixels.toFixed(2)} of at most ${most} megapixels`;
    limit.classList.toggle("bad", over);
  };
  const set = (given) => {
    const size = given ?? parameter.default;
    const isOwn = size !== null && typeof size === "object";
    if (isOwn) [width.value, height.value] = [size.width, size.height];
    radios.forEach((input, key) => (input.checked = isOwn ? key === "own" : key === size));
    own.hidden = !isOwn;
    say();
  };
  set(undefined);
  return { node, value, set };
}

/** A small drawing of a size. */
function shape(of, preset) {
  const area = preset === "square" ? 420 : 640;
  const width = Math.sqrt(area * of);
  return h("span.shape", { "aria-hidden": "true", style: { width: `${width.toFixed(1)}px`, height: `${(width / of).toFixed(1)}px` } });
}
