/** Signing in and registering. The password stays on this page: the server is given a secret that is made from it. */

import { busy, h, show } from "./dom.js";
import { explained } from "./errors.js";
import { field, passwordField, segments, toggle } from "./fields.js";
import { mark } from "./icons.js";
import { themeButton } from "./theme-button.js";

/** The view of whoever is not signed in. */
export function signIn() {
  const form = h("div");
  const draw = (kind) => show(form, kind === "in" ? signInForm() : registerForm());
  const kinds = segments({
    label: "What you want to do", value: "in", onchange: draw,
    options: [{ value: "in", label: "Sign in" }, { value: "new", label: "Create account" }],
  });
  draw("in");
  return h("div.welcome",
    h("main.welcome-card",
      h("header.stack",
        h("h1.brand.large", mark(), h("span", "Generatio")),
        h("p.soft", "Pictures from FAL’s models. You see every price first, and your key stays sealed.")),
      kinds.node, form,
      h("p.small.soft.promise", "Your password never leaves this page. The server gets a secret that is made from it.")),
    h("div.welcome-theme", themeButton()));
}

function signInForm() {
  const email = field({ label: "E-mail", type: "email", autocomplete: "username", required: true });
  const password = passwordField({ label: "Password", autocomplete: "current-password" });
  const stay = toggle({ label: "Stay signed in on this device", checked: false });
  const button = h("button.button.primary.large.wide", "Sign in");
  const move = h("div", { role: "status" });
  const submit = (event) => {
    event.preventDefault();
    show(move);
    busy(button, async () => {
      try {
        const { signIn } = await import("./backend.js");
        await signIn(email.value().trim(), password.value(), stay.value());
        await openToo(password.value());
      } catch (error) {
        password.fault(explained(error));
        if (error.code === "authentication_error") show(move, olderAccount(email, password, stay));
      }
    });
  };
  return h("form.stack", { onsubmit: submit }, email.node, password.node, stay.node, button, move);
}

/** Unlocks the key with the password that was just typed; what prevents it shows when a picture is to be made. */
async function openToo(password) {
  const { token, unlocked } = await import("./state.js");
  if (!token.value?.has || unlocked.value) return;
  const { unlock } = await import("./unlock.js");
  await unlock(password).catch(() => {});
}

/** The way in for accounts of before account secrets: a button, as most people only mistyped. */
function olderAccount(email, password, stay) {
  const open = async () => {
    const { moveOver } = await import("./move.js");
    await moveOver({ email: email.value().trim(), password: password.value(), stay: stay.value() });
  };
  return h("p.small.soft", "Made this account with another app, or long ago? ",
    h("button.link", { type: "button", onclick: open }, "Move it over"));
}

function registerForm() {
  const invitation = invitationField();
  const email = field({ label: "E-mail", type: "email", autocomplete: "username", required: true });
  const password = passwordField({
    label: "Password", autocomplete: "new-password",
    hint: "At least 8 characters. Nobody can reset it for you: it also seals your key.",
  });
  const stay = toggle({ label: "Stay signed in on this device", checked: false });
  const button = h("button.button.primary.large.wide", "Create account");
  const submit = (event) => {
    event.preventDefault();
    busy(button, async () => {
      const { arrived, client } = await import("./backend.js");
      try {
        const held = await client();
        await held.register({ email: email.value().trim(), password: password.value(), invitation: invitation.value() });
        const { expect } = await import("./key.js");
        expect(password.value());
        location.hash = "#/key";
        await arrived(stay.value());
      } catch (error) {
        const at = error.code?.startsWith("password_") ? password : fieldsOf(error).invitation ? invitation : email;
        at.fault(refused(error));
      }
    });
  };
  return h("form.stack", { onsubmit: submit }, invitation.node, email.node, password.node, stay.node, button);
}

/** Asks for a code where the server takes nobody else, and says so where it takes nobody: as soon as that is known. */
function invitationField() {
  const code = field({
    label: "Invitation", autocomplete: "off", spellcheck: false, maxLength: 100, required: true,
    hint: "The code that you were given. It is good for one account.",
  });
  const node = h("div", { role: "status" });
  let isAsked = false;
  const ask = async () => {
    const { client } = await import("./backend.js");
    const { registration } = await (await client()).status();
    isAsked = registration === "invite";
    if (isAsked) show(node, code.node);
    if (registration === "closed") show(node, h("p.small.soft", "This server takes no new accounts."));
  };
  // Without an answer the server says by itself what is missing.
  ask().catch(() => {});
  return { ...code, node, value: () => (isAsked ? code.value().trim() : undefined) };
}

/** PocketBase's refusals name the field and say why. */
const fieldsOf = (error) => error.details?.data ?? error.details?.fields ?? {};

function refused(error) {
  const { email, invitation, password } = fieldsOf(error);
  if (email?.code === "validation_not_unique") return "There is an account with this e-mail already.";
  if (invitation?.code === "validation_invalid_invitation") return "This code is wrong, used, expired or for another e-mail.";
  return invitation?.message ?? email?.message ?? password?.message ?? explained(error);
}
