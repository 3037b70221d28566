/** A picture in a grid: its preview in its own proportions, so that nothing jumps when it arrives. */

import { h } from "./dom.js";
import { icon } from "./icons.js";

/** Where a preview comes from: the server's own, else the server's copy, else FAL. */
export const preview = (picture) => picture.thumbnailUrl ?? picture.fileUrl ?? picture.url;

/** Where the picture itself comes from. */
export const full = (picture) => picture.fileUrl ?? picture.url;

/** Width to height. */
export const proportion = (picture) => (picture.width && picture.height ? picture.width / picture.height : 1);

/** A tile. `onopen` shows it large; with `onmark` it can be marked instead. */
export function tile(picture, { onopen, marking = false, marked = false, onmark } = {}) {
  const source = preview(picture);
  const name = picture.title || picture.prompt;
  const picked = marking && h("span.tile-mark", { "aria-hidden": "true" }, icon("check"));
  const image = source
    ? h("img", { src: source, alt: "", loading: "lazy", decoding: "async", onerror: () => image.replaceWith(missing()) })
    : missing();
  const button = h("button.tile", {
    type: "button", "aria-label": name, title: name, style: { "--ratio": proportion(picture).toFixed(4) },
    onclick: () => (marking ? onmark(button) : onopen()), data: { picture: picture.id },
  }, image, h("span.tile-caption", { "aria-hidden": "true" }, name), picked);
  if (marking) {
    button.setAttribute("aria-pressed", String(marked));
    button.classList.add("marking");
  }
  return button;
}

/** What stands where a picture is gone. */
export const missing = () => h("span.tile-gone", icon("gallery"), h("span.small", "FAL no longer has it"));

/** Places of pictures that are on their way. */
export const skeletons = (number) => Array.from({ length: number }, (_, at) =>
  h("div.tile.skeleton", { "aria-hidden": "true", style: { "--ratio": String([1.33, 0.75, 1, 1.78, 1, 0.56][at % 6]) } }));
