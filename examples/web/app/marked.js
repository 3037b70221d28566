/** Marking several pictures, and what can be done with them at once. */

import { h, put, show } from "./dom.js";
import { client } from "./backend.js";
import { confirmed, open } from "./dialog.js";
import { folderSelect } from "./folders.js";
import { count } from "./format.js";
import { icon } from "./icons.js";
import { sorry, toast } from "./toast.js";

/** The pictures that are marked, the switch that begins it, and the bar of what to do. */
export class Marked {
  on = false;
  #ids = new Set();
  #all = [];
  #after;

  constructor({ trashed, ondone, onmode }) {
    this.#after = ondone;
    this.toggle = h("button.button", { type: "button", "aria-pressed": "false", hidden: true, onclick: () => this.#mode(!this.on, onmode) }, "Select");
    this.count = h("span.grow", { role: "status" });
    const action = (name, text, run) => h("button.button.small-button", { type: "button", onclick: () => this.#act(run) }, icon(name), text);
    this.bar = put(h("div.mark-bar", { hidden: true, role: "toolbar", "aria-label": "Selected pictures" }), this.count,
      trashed
        ? [action("restore", "Put back", () => this.#each("restore", "put back")), action("trash", "Delete for good", () => this.#delete())]
        : [action("folder", "Move", () => this.#move()), action("trash", "To the trash", () => this.#each("trash", "moved to the trash"))]);
  }

  /** Takes over the pictures that are shown now. */
  reset(pictures) {
    this.#all = pictures;
    this.#ids = new Set([...this.#ids].filter((id) => pictures.some((picture) => picture.id === id)));
    this.#say();
  }

  has(picture) {
    return this.#ids.has(picture.id);
  }

  mark(picture, node) {
    if (!this.#ids.delete(picture.id)) this.#ids.add(picture.id);
    node.setAttribute("aria-pressed", String(this.has(picture)));
    this.#say();
  }

  #mode(on, onmode) {
    this.on = on;
    this.#ids.clear();
    this.toggle.setAttribute("aria-pressed", String(on));
    show(this.toggle, on ? "Done" : "Select");
    this.bar.hidden = !on;
    onmode();
  }

  #say() {
    this.count.textContent = this.#ids.size ? `${count(this.#ids.size, "picture")} selected` : "Choose pictures";
    for (const button of this.bar.querySelectorAll("button")) button.disabled = this.#ids.size === 0;
  }

  async #act(run) {
    try {
      await run();
    } catch (error) {
      sorry(error);
    }
    await this.#after();
  }

  #chosen = () => this.#all.filter((picture) => this.has(picture));

  async #each(verb, done, ...more) {
    const { pictures } = await client();
    const chosen = this.#chosen();
    for (const { id } of chosen) await pictures[verb](id, ...more);
    this.#ids.clear();
    const undo = { trash: "restore", restore: "trash" }[verb];
    toast(`${count(chosen.length, "picture")} ${done}.`, undo && {
      label: "Undo",
      run: async () => {
        for (const { id } of chosen) await pictures[undo](id).catch(sorry);
        await this.#after();
      },
    });
  }

  async #delete() {
    const sure = await confirmed("Delete for good?", `${count(this.#ids.size, "picture")} will be gone. What was paid for them stays spent.`, "Delete for good");
    if (sure) await this.#each("delete", "deleted");
  }

  async #move() {
    const folder = await askFolder();
    if (folder !== undefined) await this.#each("move", "moved", folder || null);
  }
}

/** Asks for a folder: its id, "" for none, `undefined` when dismissed. */
export function askFolder(value = "") {
  const over = new AbortController();
  return open("Move to a folder", (close) => {
    const choice = folderSelect({ label: "Folder", value, signal: over.signal });
    return h("form.stack", { onsubmit: (event) => (event.preventDefault(), close(choice.value())) }, choice,
      h("div.row.end", h("button.button.primary", "Move")));
  }).finally(() => over.abort());
}
