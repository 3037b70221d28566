/** The gallery: all pictures, those of a folder, or the trash; searched, marked and put away. */

import { h, settled, show } from "./dom.js";
import { client } from "./backend.js";
import { folderList, readFolders, removeFolder, renameFolder } from "./folders.js";
import { icon } from "./icons.js";
import { Marked } from "./marked.js";
import { openPicture } from "./picture.js";
import { go } from "./router.js";
import { folders, news, wish } from "./state.js";
import { skeletons, tile } from "./tile.js";
import { sorry } from "./toast.js";

const PAGE = 40;

/** The view, for `#/gallery`, `#/folder/ID` and `#/trash`. */
export function view({ name, id, signal }) {
  const place = name === "trash" ? { trashed: true } : name === "folder" ? { folder: id } : {};
  const current = name === "trash" ? "trash" : place.folder ?? "";
  const grid = h("div.grid", { "aria-busy": "true" }, skeletons(10));
  const more = h("button.button", { type: "button", hidden: true }, "Show more");
  const search = h("input.input.search", { type: "search", placeholder: "Search prompts and titles", "aria-label": "Search prompts and titles" });
  const bar = h("div");
  const list = new List({ grid, more, bar, place, signal });

  search.addEventListener("input", settled(250, () => list.search(search.value.trim())));
  more.addEventListener("click", () => list.more());
  const near = new IntersectionObserver(([seen]) => seen.isIntersecting && !more.hidden && list.more(), { rootMargin: "600px" });
  near.observe(more);
  signal.addEventListener("abort", () => near.disconnect());
  news.addEventListener("changed", () => list.refresh(), { signal });
  if (name === "gallery" && id === "search") queueMicrotask(() => search.focus());
  list.search("");
  return h("div.gallery",
    folderList({ current, signal }),
    h("section.stack.grow", { "aria-label": "Pictures" },
      h("header.row.apart", heading(current, signal), h("div.row.gallery-tools", search, list.toggle)),
      bar, grid, h("div.row.centre", more)));
}

/** What is shown; a folder can be renamed and deleted here. */
function heading(current, signal) {
  const node = h("div.row");
  if (current === "" || current === "trash") return show(node, h("h1", current ? "Trash" : "Gallery"));
  readFolders().catch(sorry);
  folders.watch((all) => {
    const folder = all.find(({ id }) => id === current);
    show(node, h("h1", folder?.name ?? "Folder"), folder && [
      h("button.button.quiet.icon", { type: "button", "aria-label": "Rename folder", title: "Rename folder", onclick: () => renameFolder(folder).catch(sorry) }, icon("edit")),
      h("button.button.quiet.icon", { type: "button", "aria-label": "Delete folder", title: "Delete folder", onclick: () => removeFolder(folder).catch(sorry) }, icon("trash")),
    ]);
  }, signal);
  return node;
}

/** The pictures of one place, page by page. */
class List {
  #parts;
  #pictures = [];
  #page = 0;
  #words = "";
  #turn = 0;
  #isReading = false;
  #marked;

  constructor(parts) {
    this.#parts = parts;
    this.#marked = new Marked({ trashed: Boolean(parts.place.trashed), ondone: () => this.refresh(), onmode: () => this.#draw() });
    parts.bar.append(this.#marked.bar);
    this.toggle = this.#marked.toggle;
  }

  /** Begins anew with other words. */
  async search(words) {
    this.#words = words;
    this.#page = 0;
    await this.#read(1);
  }

  async more() {
    if (!this.#isReading) await this.#read(this.#page + 1);
  }

  /** Reads again what is shown. */
  async refresh() {
    await this.#read(1, Math.min(200, Math.max(PAGE, this.#pictures.length)));
  }

  async #read(page, perPage = PAGE) {
    const { grid, more, place, signal } = this.#parts;
    const turn = (this.#turn += 1);
    this.#isReading = true;
    try {
      const held = await client();
      const { items } = await held.pictures.list({ ...place, page, perPage, search: this.#words || undefined });
      if (turn !== this.#turn || signal.aborted) return;
      this.#pictures = page === 1 ? [...items] : [...this.#pictures, ...items.filter(({ id }) => !this.#pictures.some((one) => one.id === id))];
      this.#page = Math.max(page, Math.floor(this.#pictures.length / PAGE));
      more.hidden = items.length < perPage;
      grid.removeAttribute("aria-busy");
      this.#draw();
    } catch (error) {
      if (turn === this.#turn && !signal.aborted) sorry(error);
    } finally {
      if (turn === this.#turn) this.#isReading = false;
    }
  }

  #draw() {
    const { grid } = this.#parts;
    this.#marked.reset(this.#pictures);
    this.toggle.hidden = this.#pictures.length === 0;
    const focused = document.activeElement?.dataset?.picture;
    show(grid, this.#pictures.length ? this.#pictures.map((picture, at) => this.#tile(picture, at)) : this.#nothing());
    if (focused) grid.querySelector(`[data-picture="${CSS.escape(focused)}"]`)?.focus();
  }

  #tile(picture, at) {
    return tile(picture, {
      marking: this.#marked.on, marked: this.#marked.has(picture), onmark: (node) => this.#marked.mark(picture, node),
      onopen: () => openPicture({
        pictures: this.#pictures, at,
        onuse: (request) => {
          wish.value = request;
          go("create");
        },
      }),
    });
  }

  #nothing() {
    const { place } = this.#parts;
    const [title, words] = this.#words ? ["Nothing found", "No prompt or title has all of these words."]
      : place.trashed ? ["The trash is empty", "Pictures that you throw away wait here until you delete them for good."]
        : place.folder ? ["This folder is empty", "Choose it under “Put them into” when you make pictures, or move some here from the gallery."]
          : ["No pictures yet", "What you make appears here."];
    return h("div.empty", h("p.display", title), h("p.soft", words),
      !this.#words && !place.trashed && h("a.button.primary", { href: "#/create" }, "Make a picture"));
  }
}
