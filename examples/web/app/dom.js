/** Building the page's elements: one small helper in place of a framework. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element: `h("button.primary", { onclick, disabled: true }, "Go")`.
 *
 * Classes follow the tag. `style` is an object and set through the CSSOM, as a strict content security policy wants it;
 * `data` is an object of `data-` attributes. What the element knows as a property is set as one, all else becomes an
 * attribute. Children that are `null`, `undefined` or `false` are left out.
 */
export function h(selector, ...rest) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  return fill(node, rest);
}

/** The same for SVG, whose values are attributes all of them. */
export function svg(tag, props = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter(Boolean));
  return node;
}

function fill(node, rest) {
  const [first] = rest;
  const isProps = first !== null && typeof first === "object" && !(first instanceof Node) && !Array.isArray(first);
  for (const [name, value] of Object.entries(isProps ? first : {})) set(node, name, value);
  put(node, ...(isProps ? rest.slice(1) : rest));
  return node;
}

function set(node, name, value) {
  if (value === undefined || value === null) return;
  if (name === "style") {
    for (const [property, text] of Object.entries(value)) node.style.setProperty(property, text);
  } else if (name === "data") {
    Object.assign(node.dataset, value);
  } else if (name === "class") {
    node.classList.add(...String(value).split(" ").filter(Boolean));
  } else if (name in node && name !== "list" && name !== "form" && name !== "role") {
    node[name] = value;
  } else if (value === true) {
    node.setAttribute(name, name.startsWith("aria-") ? "true" : "");
  } else if (value !== false || name.startsWith("aria-")) {
    node.setAttribute(name, String(value));
  }
}

/** Appends children, nested lists included. */
export function put(node, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

/** Puts these children in the place of all there were. */
export function show(node, ...children) {
  node.replaceChildren();
  return put(node, ...children);
}

let counter = 0;

/** An id that is new on this page, to tie labels to what they name. */
export const fresh = (prefix) => `${prefix}-${(counter += 1)}`;

/** Runs `work` with the button marked as busy, so that nobody presses it twice. */
export async function busy(button, work) {
  if (button.disabled) return undefined;
  button.disabled = true;
  button.classList.add("busy");
  button.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    button.disabled = false;
    button.classList.remove("busy");
    button.removeAttribute("aria-busy");
  }
}

/** Calls `work` once it has not been asked for during `ms`. */
export function settled(ms, work) {
  let timer = 0;
  return (...words) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...words), ms);
  };
}
