/** What a request will cost: on the button at once by the package's own rules, the budget's word from the server. */

import { h, settled, show } from "./dom.js";
import { client, ready } from "./backend.js";
import { count, usd } from "./format.js";
import { link } from "./router.js";
import { offered } from "./state.js";

/**
 * Watches a request: `update(request)` draws its price on `button` and what else is to be said into `note`. `problems()`
 * are those of the last request.
 */
export function pricing({ button, note, onproblems }) {
  let latest = 0;
  let problems = [];
  const ask = settled(350, (request, turn, quote) => budget(request).then(
    (said) => turn === latest && draw({ quote, said }),
    () => {},
  ));
  async function update(request) {
    const turn = (latest += 1);
    const { catalog } = await ready();
    if (turn !== latest) return;
    const prompt = request.prompt.trim() === "" ? "…" .repeat(3) : request.prompt;
    problems = catalog.validate(request.model, prompt, request.parameters);
    onproblems(problems);
    if (problems.length) {
      label(button, "Generate");
      show(note, h("p.bad", { role: "status" }, problems[0].message));
      return;
    }
    const quote = catalog.quote(request.model, prompt, request.parameters);
    draw({ quote });
    ask({ ...request, prompt }, turn, quote);
  }
  function draw({ quote, said }) {
    const { account, other } = amounts(quote);
    label(button, "Generate", priceText(account));
    show(note, details(quote, other), said && warning(said));
  }
  return { update, problems: () => problems };
}

/** The account's price and, where it differs, the other one. */
function amounts(quote) {
  const account = offered.value?.prices === "fal" ? quote.fal : quote.catalog;
  const other = account === quote.catalog ? quote.fal : null;
  return { account, other: other && (other.amount !== account.amount || other.certainty !== account.certainty) ? other : null };
}

function priceText({ certainty, amount }) {
  if (certainty === "unpriced") return "price unknown";
  return certainty === "estimated" ? `about ${usd(amount)}` : usd(amount);
}

function label(button, word, price) {
  show(button, h("span", word), price && h("span.amount", `· ${price}`));
}

function details(quote, other) {
  const parts = [count(quote.images, "picture")];
  if (other) parts.push(`FAL bills ${priceText(other)}`);
  return h("p.soft", parts.join(" · "));
}

function warning({ budget }) {
  if (!budget) return null;
  const left = budget.remaining && usd(budget.remaining.amount);
  if (!budget.allowed) return h("p.bad", { role: "status" }, `Your budget has ${left ?? "nothing"} left. `, h("a", { href: link("spending") }, "Change it"));
  if (budget.warning) return h("p.warn-text", { role: "status" }, `${left} of your budget is left.`);
  return left && h("p.soft", `${left} of your budget is left.`);
}

async function budget(request) {
  const held = await client();
  return held.estimate(request);
}
