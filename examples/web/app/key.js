/** The FAL key: sealing it, replacing it, changing who can see it, removing it. */

import { busy, h } from "./dom.js";
import { client, hold, refresh, remember } from "./backend.js";
import { custodyChoice } from "./custody.js";
import { confirmed } from "./dialog.js";
import { explained, isWrongPassword } from "./errors.js";
import { field, passwordField } from "./fields.js";
import * as keep from "./keep.js";
import { go } from "./router.js";
import { custody, offered, token, user } from "./state.js";
import { toast } from "./toast.js";
import { unlock } from "./unlock.js";

/** The password of somebody who registered a moment ago: they are not asked again for what they just typed. */
let expected = null;

/** Holds it until the key was added or another view is shown. */
export const expect = (password) => (expected = password);

/** The view. */
export function view({ signal }) {
  signal.addEventListener("abort", () => (expected = null));
  const isNew = !token.value?.has;
  const allowed = offered.value?.custody ?? [];
  const key = field({
    label: "FAL key", type: "password", autocomplete: "off", spellcheck: false, required: true, maxLength: 4096,
    hint: "Two parts with a colon between them. You make one at fal.ai, under Dashboard › Keys.",
    placeholder: "key-id:key-secret",
  });
  const password = expected ? null : passwordField({
    label: "Your password", autocomplete: "current-password", hint: "It seals the key. It does not leave this page.",
  });
  const choice = custodyChoice({ value: allowed.includes(custody.value) ? custody.value : allowed[0], allowed });
  const button = h("button.button.primary.large", isNew ? "Seal my key" : "Replace my key");
  const submit = (event) => {
    event.preventDefault();
    busy(button, () => seal({ key, password, mode: choice.value() }));
  };
  return h("div.narrow.stack.wide",
    h("header.stack",
      h("h1", isNew ? "Add your FAL key" : "Replace your FAL key"),
      h("p.soft", isNew
        ? "FAL makes the pictures and bills them to this key. It is sealed under your password before it is kept anywhere."
        : "The new key takes the place of the old one. Every session of yours ends.")),
    h("form.stack.wide", { onsubmit: submit, autocomplete: "off" },
      key.node, password?.node,
      h("div.stack", h("h2", "Who can see it"), choice.node),
      h("div.row", button, isNew && h("button.button.quiet", { type: "button", onclick: () => go("gallery") }, "Not now"))));
}

async function seal({ key, password, mode }) {
  const held = await client();
  const typed = password?.value() ?? expected;
  try {
    await held.storeToken(key.value().trim(), typed, { custody: mode });
    key.input.value = "";
    await settle(mode, typed);
    toast("Your key is sealed.");
    go("create");
  } catch (error) {
    if (isWrongPassword(error) && password) password.fault("That is not your password.");
    else key.fault(explained(error));
  }
}

/** After the key was stored: this browser uses it in this way, and it is unlocked. */
async function settle(mode, password) {
  keep.keepCustody(user.value.id, mode);
  await remember();
  await refresh();
  await unlock(password);
}

/** Changes who can see the key. Gives whether it was changed. */
export async function changeCustody(mode, password) {
  const held = await client();
  const from = token.value.sealedBy;
  const to = mode === "password" ? "password" : "client";
  if (from !== to) {
    const opened = await (from === "client" ? held.openStoredToken(password) : openServerSealed(held, password));
    try {
      await held.storeToken(opened, password, { custody: mode });
    } finally {
      opened.lock();
    }
  } else if (held.session) {
    await held.endSession().catch(() => {});
    held.session = null;
  }
  hold(null);
  await settle(mode, password);
}

/**
 * Opens a text that the server sealed under the account secret, which this page can make as well: so nobody has to type
 * the key again to take it back from the server.
 */
async function openServerSealed(held, password) {
  const { accountSecret, openToken } = await import("../generatio/index.js");
  const answer = await fetch(`${held.url}/api/custom/tokens`, { headers: { Authorization: held.auth.token } });
  if (!answer.ok) throw Object.assign(new Error("The sealed key cannot be read."), { status: answer.status });
  const { sealed_token: sealed } = await answer.json();
  const secret = await accountSecret(held.auth.user.email, password);
  return openToken(sealed, secret, { context: held.auth.user.id });
}

/** Removes the key, after asking. */
export async function removeKey() {
  const sure = await confirmed("Remove your key?", "The sealed key is deleted and every session ends. Your pictures stay. FAL still knows the key until you delete it there.", "Remove key");
  if (!sure) return;
  const held = await client();
  hold(null);
  await held.removeToken();
  held.session = null;
  await refresh();
  toast("Your key is removed.");
}

