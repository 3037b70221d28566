/** What came of it: jobs under way on top, then the latest pictures. */

import { h, show } from "./dom.js";
import { client } from "./backend.js";
import { clock } from "./format.js";
import { icon } from "./icons.js";
import { dismiss, finishDirect, phaseOf, reason, resolve, stop, takeUp } from "./jobs.js";
import { openPicture } from "./picture.js";
import { link } from "./router.js";
import { custody, jobs, news, token, unlocked } from "./state.js";
import { skeletons, tile } from "./tile.js";
import { sorry } from "./toast.js";

const LATEST = 12;

/** The feed. `onuse` takes the request of a picture or a job, to be used again. */
export function feed({ signal, onuse }) {
  const running = h("div.jobs");
  const left = h("div");
  const latest = h("div.grid", { "aria-busy": "true" }, skeletons(6));
  const cards = new Map();

  jobs.watch((list) => {
    for (const [job, card] of cards) {
      if (!list.includes(job)) {
        card.node.remove();
        cards.delete(job);
      }
    }
    list.forEach((job, at) => {
      if (!cards.has(job)) cards.set(job, jobCard(job, onuse));
      const card = cards.get(job);
      if (running.children[at] !== card.node) running.insertBefore(card.node, running.children[at] ?? null);
      card.draw();
    });
  }, signal);
  const ticking = setInterval(() => cards.forEach((card) => card.tick()), 1000);
  signal.addEventListener("abort", () => clearInterval(ticking));

  const look = async () => {
    try {
      const held = await client();
      const { items } = await held.pictures.list({ perPage: LATEST });
      if (signal.aborted) return;
      latest.removeAttribute("aria-busy");
      const onopen = (at) => openPicture({ pictures: items, at, onuse });
      show(latest, items.length ? items.map((picture, at) => tile(picture, { onopen: () => onopen(at) })) : nothingYet());
    } catch (error) {
      if (!signal.aborted) sorry(error);
    }
  };
  news.addEventListener("changed", look, { signal });
  look();
  unfinished(left, signal);
  return h("section.stack.feed", { "aria-labelledby": "latest" },
    left, running,
    h("div.row.apart", h("h2", { id: "latest" }, "Latest"), h("a.small", { href: link("gallery") }, "All pictures")),
    latest);
}

function nothingYet() {
  return h("div.empty",
    h("p.display", "Nothing here yet"),
    h("p.soft", token.value?.has ? "Describe a picture above. Its price stands on the button before you press it." : "Add your FAL key first, then describe a picture above."));
}

/** Offers to finish direct jobs of earlier visits. */
async function unfinished(node, signal) {
  const draw = async () => {
    const waiting = await takeUp().catch(() => []);
    if (signal.aborted) return;
    const lost = waiting.filter(({ id }) => !jobs.value.some((job) => job.id === id));
    show(node, lost.length > 0 && custody.value === "direct" && h("div.banner",
      h("p.grow", lost.length === 1 ? "A job of an earlier visit is not finished." : `${lost.length} jobs of earlier visits are not finished.`,
        " FAL may have made its pictures, and this page is the one that fetches them."),
      h("button.button.primary", { type: "button", onclick: () => finishDirect().then(draw, sorry) }, unlocked.value ? "Finish" : "Unlock and finish")));
  };
  news.addEventListener("changed", draw, { signal });
  await draw();
}

/** A job in the feed: how far it is, and what can be done about it. */
function jobCard(job, onuse) {
  const phase = h("p.phase", { role: "status" });
  const time = h("span.amount.soft");
  const frames = h("div.grid.frames", { "aria-hidden": "true" }, Array.from({ length: Math.min(job.count, 6) }, () =>
    h("div.tile.skeleton", { style: { "--ratio": String(job.ratio) } })));
  const actions = h("div.row");
  const node = h("article.job", { "aria-label": job.request?.prompt ?? job.title },
    h("div.row.apart.job-head", h("div.grow", h("p.job-prompt", job.request?.prompt ?? job.title), h("div.row.small", phase, time)), actions),
    frames);
  const button = (text, run, more = "") => h("button.button.small-button", { type: "button", class: more, onclick: () => Promise.resolve(run()).catch(sorry) }, text);
  let drawn = "";
  const draw = () => {
    const words = job.open ? phaseOf(job) : reason(job);
    if (phase.textContent !== words) phase.textContent = words;
    phase.classList.toggle("bad", !job.open);
    node.classList.toggle("over", !job.open);
    frames.hidden = !job.open;
    time.hidden = !job.open;
    const now = [job.open, job.id, job.stopping, job.unknown, job.pending].join();
    if (now === drawn) return;
    drawn = now;
    if (job.open) show(actions, job.id && !job.stopping && button("Stop", () => stop(job)));
    else if (job.unknown && job.id) show(actions, button("It was charged", () => resolve(job, "charged")), button("It was not", () => resolve(job, "not_charged")));
    else if (job.pending) show(actions, button("Finish", () => finishDirect().then(() => dismiss(job))));
    else show(actions, job.request && button("Use again", () => (dismiss(job), onuse(job.request))), h("button.button.quiet.icon", { type: "button", "aria-label": "Dismiss", onclick: () => dismiss(job) }, icon("close")));
  };
  const tick = () => job.open && (time.textContent = clock(Date.now() - job.began));
  tick();
  return { node, draw, tick };
}
