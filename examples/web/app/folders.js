/** Folders: read once, shown wherever pictures are put away. */

import { fresh, h, show } from "./dom.js";
import { client } from "./backend.js";
import { asked, confirmed } from "./dialog.js";
import { icon } from "./icons.js";
import { go, link } from "./router.js";
import { folders } from "./state.js";
import { sorry, toast } from "./toast.js";

/** Reads the folders anew. */
export async function readFolders() {
  const held = await client();
  folders.value = await held.folders.list();
}

/** A folder's name with those it lies in: `Trips / Norway`. */
export function pathOf(folder, all = folders.value) {
  const names = [];
  const seen = new Set();
  for (let at = folder; at && !seen.has(at.id); at = all.find(({ id }) => id === at.parent)) {
    seen.add(at.id);
    names.unshift(at.name);
  }
  return names.join(" / ");
}

const sorted = (all) => all.map((folder) => ({ value: folder.id, label: pathOf(folder, all) })).sort((one, other) => one.label.localeCompare(other.label));

/** A list to choose a folder from; one that was made meanwhile appears in it. */
export function folderSelect({ label, value = "", signal, onchange }) {
  const id = fresh("folder");
  const input = h("select.select", { id, onchange: () => onchange?.(input.value) });
  folders.watch((all) => {
    const chosen = input.value || value;
    show(input, h("option", { value: "" }, "No folder"), sorted(all).map((one) => h("option", one, one.label)));
    input.value = all.some((folder) => folder.id === chosen) ? chosen : "";
  }, signal);
  readFolders().catch(sorry);
  const node = h("div.field", h("label", { htmlFor: id }, label), input);
  node.value = () => input.value;
  return node;
}

/** The folders as a list of links, the present one marked. */
export function folderList({ current, signal }) {
  const list = h("ul.folder-list");
  folders.watch((all) => show(list, sorted(all).map(({ value, label }) => h("li", h("a.folder-link", {
    href: link("folder", value), "aria-current": value === current ? "page" : null,
  }, icon("folder"), h("span", label))))), signal);
  const add = h("button.folder-link", { type: "button", onclick: () => create().catch(sorry) }, icon("plus"), h("span", "New folder"));
  return h("nav.folders", { "aria-label": "Folders" },
    h("a.folder-link", { href: link("gallery"), "aria-current": current === "" ? "page" : null }, icon("gallery"), h("span", "All pictures")),
    list, add,
    h("a.folder-link", { href: link("trash"), "aria-current": current === "trash" ? "page" : null }, icon("trash"), h("span", "Trash")));
}

async function create() {
  const name = await asked("New folder", { label: "Name", action: "Create folder" });
  if (!name) return;
  const held = await client();
  const made = await held.folders.create(name);
  await readFolders();
  go("folder", made.id);
}

/** Another name for a folder. */
export async function renameFolder(folder) {
  const name = await asked("Rename folder", { label: "Name", value: folder.name });
  if (!name || name === folder.name) return;
  const held = await client();
  await held.folders.update(folder.id, { name });
  await readFolders();
}

/** Deletes a folder; its pictures stay, outside of any. */
export async function removeFolder(folder) {
  const sure = await confirmed(`Delete “${folder.name}”?`, "Its pictures stay in your gallery, outside of any folder.", "Delete folder");
  if (!sure) return;
  const held = await client();
  await held.folders.delete(folder.id);
  await readFolders();
  toast("The folder is deleted.");
  go("gallery");
}
