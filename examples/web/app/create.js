/** The view in which pictures are made: what to make, how, at what price; and what came of it. */

import { h, settled, show } from "./dom.js";
import { client, ready } from "./backend.js";
import { feed } from "./feed.js";
import { folderSelect } from "./folders.js";
import { icon } from "./icons.js";
import { generate } from "./jobs.js";
import * as keep from "./keep.js";
import { chooseModel, priceOf } from "./models.js";
import { parameterControls } from "./parameters.js";
import { pricing } from "./price.js";
import { ratio } from "./size.js";
import { offered, token, wish } from "./state.js";
import { link } from "./router.js";
import { sorry } from "./toast.js";
import { ensureUnlocked } from "./unlock.js";

const USUAL_MODEL = "flux/schnell";

/** The view. */
export function view({ signal }) {
  const prompt = h("textarea.prompt", {
    id: "prompt", rows: 3, maxLength: 5000, placeholder: "A lighthouse at dusk, long exposure, gentle fog …", "aria-describedby": "price",
  });
  const button = h("button.button.primary.large.generate", { type: "submit" }, h("span", "Generate"));
  const note = h("div.note.small", { id: "price" });
  const model = h("button.button.model", { type: "button", "aria-haspopup": "dialog" });
  const settings = h("div.stack.wide.settings-body");
  const folder = folderSelect({ label: "Put them into", signal });
  const panel = h("details.settings", { open: matchMedia("(min-width: 1000px)").matches },
    h("summary", icon("sliders"), h("span", "Settings")), settings);
  const form = h("form.composer", h("div.prompt-box",
    h("label.unseen", { htmlFor: "prompt" }, "What to make"), prompt,
    h("div.prompt-foot", model, button)), note);
  const node = h("div.create",
    h("h1.unseen", "Create"),
    h("div.create-main", keyHint(signal), form, feed({ signal, onuse: (one) => use(one) })),
    h("aside.create-side", { "aria-label": "Settings" }, panel));
  const composer = new Composer({ prompt, button, note, model, settings, folder });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    composer.send();
  });
  prompt.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      composer.send();
    }
  });
  prompt.addEventListener("input", () => composer.changed());
  model.addEventListener("click", () => composer.choose());
  const use = (one) => {
    composer.use(one).catch(sorry);
    scrollTo({ top: 0, behavior: "smooth" });
    prompt.focus({ preventScroll: true });
  };
  begin(composer, signal).catch(sorry);
  return node;
}

/** Fills in what was wished for, else what was being written, else the usual. */
async function begin(composer, signal) {
  const { catalog } = await ready();
  if (signal.aborted) return;
  composer.models = [...catalog.models];
  const first = wish.value ?? keep.draft() ?? { model: USUAL_MODEL };
  wish.value = null;
  await composer.use(first);
}

function keyHint(signal) {
  const node = h("div");
  token.watch((stored) => show(node, stored && !stored.has && h("div.banner",
    h("p.grow", h("strong", "One thing is missing: "), "the FAL key that your pictures are billed to."),
    h("a.button.primary", { href: link("key") }, "Add your key"))), signal);
  return node;
}

/** The request that is being put together. */
class Composer {
  models = [];
  #model;
  #controls;
  #price;
  #parts;
  #remember = settled(400, (request) => keep.keepDraft(request));

  constructor(parts) {
    this.#parts = parts;
    this.#price = pricing({ button: parts.button, note: parts.note, onproblems: (problems) => this.#controls?.mark(problems) });
  }

  /** What would be sent. */
  request() {
    return { model: this.#model.name, prompt: this.#parts.prompt.value, parameters: this.#controls.values() };
  }

  changed() {
    if (!this.#model) return;
    const request = this.request();
    this.#remember(request);
    this.#price.update(request).catch(sorry);
  }

  /** Takes over a model and, where they are given, a prompt and parameters. */
  async use({ model, prompt, parameters }) {
    const found = this.models.find((one) => one.name === model) ?? this.models.find((one) => one.name === USUAL_MODEL) ?? this.models[0];
    const values = parameters ?? (await liked(found.name));
    if (prompt !== undefined) this.#parts.prompt.value = prompt;
    this.#setModel(found, values);
  }

  #setModel(model, values) {
    this.#model = model;
    this.#controls = parameterControls(model, () => this.changed());
    this.#controls.set(values ?? {});
    const { model: button, settings, folder } = this.#parts;
    const price = priceOf(model, offered.value?.prices);
    show(button, h("span.unseen", "Model: "), h("span", model.displayName), icon("down"));
    show(settings,
      h("p.small.soft", `${model.description}. ${price}${price.includes("$") ? " a picture" : ""}.`),
      this.#controls.first, folder,
      this.#controls.more.length > 0 && h("details.more", { open: this.#controls.usesMore(this.#controls.values()) }, h("summary", "More settings"), h("div.stack.wide", this.#controls.more)),
      h("div", h("button.button.quiet.small-button", { type: "button", onclick: () => (this.#controls.set({}), this.changed()) }, icon("again"), "Reset settings")));
    this.changed();
  }

  async choose() {
    const chosen = await chooseModel(this.models, this.#model?.name, offered.value?.prices);
    if (!chosen || chosen.name === this.#model?.name) return;
    await this.use({ model: chosen.name }).catch(sorry);
  }

  /** Checks, unlocks, and begins. */
  async send() {
    const { prompt, folder } = this.#parts;
    if (!this.#model) return;
    if (prompt.value.trim() === "") return prompt.focus();
    const request = this.request();
    await this.#price.update(request);
    if (this.#price.problems().length || !(await ensureUnlocked())) return;
    const { catalog, client: held } = await ready();
    const quote = catalog.quote(request.model, request.prompt, request.parameters);
    const size = request.parameters.image_size ?? request.parameters.aspect_ratio ?? this.#usualSize();
    generate(request, { folder: folder.value() || undefined, count: quote.images, ratio: ratio(size), title: this.#model.displayName });
    held.preferences.save(request.model, request.parameters).catch(() => {});
  }

  #usualSize() {
    const { parameters, defaultSize } = this.#model;
    const sized = parameters.find(({ name }) => ["image_size", "aspect_ratio"].includes(name));
    return sized?.default ?? defaultSize;
  }
}

/** What was used with this model the last time. A seed is not a liking. */
async function liked(model) {
  const held = await client();
  const saved = await held.preferences.load(model).catch(() => null);
  if (saved) delete saved.seed;
  return saved ?? {};
}
