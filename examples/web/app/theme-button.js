/** Light, dark, or as the system has it. */

import { h, show } from "./dom.js";
import { icon } from "./icons.js";
import * as keep from "./keep.js";

/** A button that changes between light and dark. */
export function themeButton() {
  const button = h("button.nav-link.theme", { type: "button" });
  const isDark = () => document.documentElement.dataset.theme === "dark";
  const draw = () => {
    button.setAttribute("aria-label", isDark() ? "Use light colours" : "Use dark colours");
    show(button, icon(isDark() ? "sun" : "moon"), h("span", isDark() ? "Light" : "Dark"));
  };
  button.addEventListener("click", () => keep.keepTheme(isDark() ? "light" : "dark"));
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  draw();
  return button;
}
