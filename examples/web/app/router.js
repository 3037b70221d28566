/** Which view is shown: the part of the address after `#`, so that the page is a folder of files and no more. */

/** A view's name and what follows it: `#/folder/abc` is `{ name: "folder", id: "abc" }`. */
export function route() {
  const [name = "", id = ""] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return { name: name || "create", id };
}

/** The address of a view. */
export const link = (name, id) => `#/${name}${id ? `/${encodeURIComponent(id)}` : ""}`;

/** Goes to a view. */
export function go(name, id) {
  const target = link(name, id);
  if (location.hash === target) dispatchEvent(new HashChangeEvent("hashchange"));
  else location.hash = target;
}
