/** A picture in full size, with what it was made from, and what can be done with it. */

import { h, show } from "./dom.js";
import { client } from "./backend.js";
import { asked, confirmed } from "./dialog.js";
import { label, usd, when } from "./format.js";
import { folders, news } from "./state.js";
import { pathOf, readFolders } from "./folders.js";
import { icon } from "./icons.js";
import { askFolder } from "./marked.js";
import { full, missing } from "./tile.js";
import { sorry, toast } from "./toast.js";

/** Opens the picture at a place of a list; arrows go through the list, Escape and the browser's way back close it. */
export function openPicture({ pictures, at, onuse }) {
  const list = [...pictures];
  let place = at;
  const dialog = h("dialog.viewer", { "aria-label": "Picture" });
  const stage = h("div.stage");
  const side = h("div.viewer-side");
  const close = () => dialog.close();
  const step = (by) => {
    const next = place + by;
    if (next < 0 || next >= list.length) return;
    place = next;
    draw();
  };
  const arrow = (by, name, text) => h("button.button.icon.viewer-arrow", { type: "button", "aria-label": text, class: name, onclick: () => step(by) }, icon(name));
  const [back, next] = [arrow(-1, "back", "Previous picture"), arrow(1, "next", "Next picture")];
  /** After a change: `null` when the picture is no longer of this list. */
  const changed = (picture) => {
    if (picture) list[place] = picture;
    else list.splice(place, 1);
    news.dispatchEvent(new Event("changed"));
    if (list.length === 0) return close();
    place = Math.min(place, list.length - 1);
    return draw();
  };
  const draw = () => {
    const picture = list[place];
    back.disabled = place === 0;
    next.disabled = place === list.length - 1;
    show(stage, large(picture));
    show(side, details(picture, { changed, onuse: (request) => (close(), onuse(request)) }));
  };
  dialog.append(
    h("button.button.icon.viewer-close", { type: "button", "aria-label": "Close", onclick: close }, icon("close")),
    h("div.viewer-main", back, stage, next), side, h("div.toasts", { role: "status" }));
  dialog.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select")) return;
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  withHistory(dialog);
  document.body.append(dialog);
  draw();
  dialog.showModal();
  readFolders().catch(() => {});
}

/** The browser's way back closes the picture instead of leaving the view. */
function withHistory(dialog) {
  history.pushState({ picture: true }, "");
  const back = () => dialog.close();
  addEventListener("popstate", back);
  dialog.addEventListener("close", () => {
    removeEventListener("popstate", back);
    if (history.state?.picture) history.back();
    dialog.remove();
  });
}

function large(picture) {
  const source = full(picture);
  if (!source) return missing();
  const image = h("img.full", {
    src: source, alt: picture.title || picture.prompt, width: picture.width ?? undefined, height: picture.height ?? undefined,
    onerror: () => image.replaceWith(missing()),
  });
  return image;
}

function details(picture, { changed, onuse }) {
  const { parameters, prompt, model, seed } = picture;
  const act = (run) => () => Promise.resolve(run()).catch(sorry);
  const source = full(picture);
  const title = picture.title && picture.title !== prompt ? picture.title : null;
  return [
    h("div.stack",
      title && h("h2", title),
      h("p.viewer-prompt", prompt),
      h("div.row",
        h("button.button.primary", { type: "button", onclick: () => onuse({ prompt, model, parameters: without(parameters, "seed") }) }, icon("again"), "Use again"),
        seed !== null && h("button.button", { type: "button", onclick: () => onuse({ prompt, model, parameters: { ...parameters, seed: exact(seed) } }) }, "With this seed")),
      h("div.row.tight-row",
        tool("copy", "Copy prompt", act(() => copy(prompt))),
        source && h("a.button.quiet.icon", { href: source, download: fileName(picture), target: "_blank", rel: "noopener", "aria-label": "Download", title: "Download" }, icon("download")),
        !picture.deletedAt && tool("edit", "Rename", act(() => rename(picture, changed))),
        !picture.deletedAt && tool("folder", "Move to a folder", act(() => move(picture, changed))),
        picture.deletedAt
          ? [tool("restore", "Put back", act(() => restore(picture, changed))), tool("trash", "Delete for good", act(() => remove(picture, changed)))]
          : tool("trash", "To the trash", act(() => trash(picture, changed))))),
    facts(picture),
  ];
}

const tool = (name, text, onclick) => h("button.button.quiet.icon", { type: "button", "aria-label": text, title: text, onclick }, icon(name));

/** What it was made from. */
function facts(picture) {
  const folder = folders.value.find(({ id }) => id === picture.folder);
  const rows = [
    ["Model", picture.model],
    ["Size", picture.width && `${picture.width} × ${picture.height}`],
    ["Seed", picture.seed],
    ...Object.entries(picture.parameters).filter(([name]) => !["seed", "image_size", "num_images"].includes(name)).map(([name, value]) => [label(name), shown(value)]),
    ["Cost", picture.cost && usd(picture.cost.amount)],
    ["Folder", folder && pathOf(folder)],
    ["Made", when(picture.created)],
    ["In the trash since", picture.deletedAt && when(picture.deletedAt)],
  ];
  return h("dl.facts", rows.filter(([, value]) => value !== null && value !== undefined && value !== 0 && value !== "").map(([name, value]) => h("div", h("dt", name), h("dd", String(value)))));
}

const shown = (value) => (typeof value === "object" ? (value?.width ? `${value.width} × ${value.height}` : JSON.stringify(value)) : String(value));
const without = (parameters, name) => Object.fromEntries(Object.entries(parameters).filter(([key]) => key !== name));
/** A seed as the catalog takes it: a number, as long as that is exact. */
const exact = (seed) => (Number.isSafeInteger(Number(seed)) ? Number(seed) : seed);
const fileName = ({ prompt, id }) => `${prompt.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 50) || "picture"}-${id}`;

async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast("Copied.");
}

async function rename(picture, changed) {
  const title = await asked("Rename picture", { label: "Title", value: picture.title });
  if (!title) return;
  const { pictures } = await client();
  changed(await pictures.update(picture.id, { title }));
}

async function move(picture, changed) {
  const folder = await askFolder(picture.folder ?? "");
  if (folder === undefined) return;
  const { pictures } = await client();
  changed(await pictures.move(picture.id, folder || null));
  toast("Moved.");
}

async function trash(picture, changed) {
  const { pictures } = await client();
  await pictures.trash(picture.id);
  changed(null);
  toast("In the trash.", { label: "Undo", run: () => pictures.restore(picture.id).then(() => news.dispatchEvent(new Event("changed")), sorry) });
}

async function restore(picture, changed) {
  const { pictures } = await client();
  await pictures.restore(picture.id);
  changed(null);
  toast("Put back.");
}

async function remove(picture, changed) {
  const sure = await confirmed("Delete for good?", "The picture will be gone. What was paid for it stays spent.", "Delete for good");
  if (!sure) return;
  const { pictures } = await client();
  await pictures.delete(picture.id);
  changed(null);
}
