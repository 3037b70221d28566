/** The frame around the views: navigation, the state of the key, and the keys of the keyboard. */

import { h, show } from "./dom.js";
import { icon, mark } from "./icons.js";
import { lock, refresh } from "./backend.js";
import { isSignedOut } from "./errors.js";
import { link } from "./router.js";
import { news, token, unlocked } from "./state.js";
import { sorry, toast } from "./toast.js";
import { askToUnlock, watchIdleness } from "./unlock.js";
import { themeButton } from "./theme-button.js";

const VIEWS = [
  { name: "create", label: "Create", icon: "create", load: () => import("./create.js") },
  { name: "gallery", label: "Gallery", icon: "gallery", load: () => import("./gallery.js") },
  { name: "spending", label: "Spending", icon: "spending", load: () => import("./spending.js") },
  { name: "account", label: "Account", icon: "account", load: () => import("./account.js") },
];
/** Views that have no place of their own in the navigation, and the one they stand under. */
const UNDER = {
  folder: { under: "gallery", label: "Gallery", load: () => import("./gallery.js") },
  trash: { under: "gallery", label: "Trash", load: () => import("./gallery.js") },
  key: { under: "account", label: "Your FAL key", load: () => import("./key.js") },
};

/** Draws the frame into `page`. Gives `{ show(route), close() }`. */
export function shell(page) {
  const life = new AbortController();
  const main = h("main", { id: "main", tabIndex: -1 });
  const links = VIEWS.map((view) => h("a.nav-link", { href: link(view.name) }, icon(view.icon), h("span", view.label)));
  show(page,
    h("a.skip", { href: "#main", onclick: (event) => (event.preventDefault(), main.focus()) }, "Skip to content"),
    h("div.frame",
      h("header.side",
        h("a.brand", { href: link("create"), "aria-label": "Generatio" }, mark(), h("span", "Generatio")),
        h("nav.nav", { "aria-label": "Views" }, links),
        h("div.side-end", lockButton(life.signal), themeButton())),
      main));
  listen(life.signal);
  watchIdleness();
  let leaving = new AbortController();

  const draw = async (route) => {
    const view = VIEWS.find((view) => view.name === route.name) ?? UNDER[route.name] ?? VIEWS[0];
    leaving.abort();
    leaving = new AbortController();
    const { signal } = leaving;
    links.forEach((node, at) => {
      const here = VIEWS[at].name === (view.under ?? view.name);
      if (here) node.setAttribute("aria-current", "page");
      else node.removeAttribute("aria-current");
    });
    document.title = `${view.label} · Generatio`;
    const { view: build } = await view.load();
    if (signal.aborted) return;
    show(main, build({ ...route, signal }));
    // A new view begins at its top, for eyes and for screen readers; the first one keeps the browser's own focus.
    if (main.dataset.drawn) main.focus({ preventScroll: true });
    main.dataset.drawn = "yes";
    scrollTo(0, 0);
  };
  return {
    show: draw,
    close: () => {
      leaving.abort();
      life.abort();
      for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    },
  };
}

/** Whether the key is at hand, and the way to change that. */
function lockButton(signal) {
  const button = h("button.nav-link.lock", { type: "button" });
  const draw = () => {
    const has = token.value?.has;
    const open = unlocked.value;
    const words = !has ? "Add your key" : open ? "Unlocked" : "Locked";
    button.setAttribute("aria-label", !has ? words : open ? "Unlocked: lock your key" : "Locked: unlock your key");
    button.classList.toggle("open", Boolean(has && open));
    show(button, icon(open ? "unlock" : "lock"), h("span", words));
  };
  button.addEventListener("click", async () => {
    if (!token.value?.has) return (location.hash = link("key"));
    if (!unlocked.value) return askToUnlock();
    await lock();
    return toast("Your key is locked.");
  });
  token.watch(draw, signal);
  unlocked.watch(draw, signal);
  return button;
}

/** What happens outside of any view. */
function listen(signal) {
  const look = async () => {
    if (document.visibilityState !== "visible") return;
    try {
      await refresh();
      news.dispatchEvent(new Event("changed"));
    } catch (error) {
      if (isSignedOut(error)) {
        const { gone } = await import("./backend.js");
        gone();
        sorry({ code: "not_signed_in" });
      }
    }
  };
  document.addEventListener("visibilitychange", look, { signal });
  addEventListener("keydown", (event) => shortcut(event), { signal });
}

const isTyping = ({ target }) => target.closest?.("input:not([type=radio]):not([type=checkbox]), textarea, select, dialog") !== null;

/** `/` goes to the search, as on many pages. */
function shortcut(event) {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  event.preventDefault();
  const search = document.querySelector("input[type=search]");
  if (search) search.focus();
  else location.hash = `${link("gallery")}/search`;
}

