/** Unlocking the key, when it is needed and not before; and locking it when nobody is there. */

import { busy, h } from "./dom.js";
import { open } from "./dialog.js";
import { client, held, hold, lock, remember } from "./backend.js";
import { explained, isWrongPassword } from "./errors.js";
import { passwordField } from "./fields.js";
import * as keep from "./keep.js";
import { custody, jobs, token, unlocked, user } from "./state.js";
import { sorry, toast } from "./toast.js";

/** Makes sure that pictures can be made: asks for the password if it takes one. Gives whether they can. */
export async function ensureUnlocked() {
  if (!token.value?.has) {
    location.hash = "#/key";
    return false;
  }
  const now = await client();
  if (custody.value === "direct" ? held() : now.session) return true;
  return (await askToUnlock()) === true;
}

/** Opens the key with the account's password, as this browser's custody wants it. */
export async function unlock(password, { accept = false } = {}) {
  const now = await client();
  if (custody.value === "password") {
    await now.createSession({ password });
  } else {
    const opened = await (accept ? now.acceptStoredToken(password) : now.openStoredToken(password));
    if (custody.value === "direct") hold(opened);
    else await lend(now, opened);
  }
  await remember();
}

/** The server gets the key for a session; the handle is wiped as soon as it has it. */
async function lend(now, opened) {
  try {
    await now.createSession({ token: opened });
  } finally {
    opened.lock();
  }
}

/** The dialog that asks for the password. */
export function askToUnlock() {
  return open("Unlock your key", (close) => {
    const field = passwordField({ label: "Password", autocomplete: "current-password", autofocus: true });
    const button = h("button.button.primary.wide", "Unlock");
    const submit = (event) => {
      event.preventDefault();
      busy(button, () => attempt(field, close));
    };
    return h("form.stack", { onsubmit: submit },
      h("input", { type: "email", value: user.value?.email ?? "", autocomplete: "username", hidden: true }),
      h("p.soft", wherefore()), field.node, button);
  });
}

const wherefore = () => custody.value === "password"
  ? "Your password stays on this page. A secret made from it lets the server use your key until you lock it."
  : custody.value === "sealed"
    ? "Your password stays on this page and opens the key here. The server borrows the key until you lock it."
    : "Your password stays on this page and opens the key here. The server gets neither.";

async function attempt(field, close) {
  try {
    await unlock(field.value());
    close(true);
  } catch (error) {
    if (error.code === "rolled_back") return close(await another(field.value()));
    field.fault(isWrongPassword(error) ? "That is not the password." : explained(error));
  }
  return undefined;
}

/** The stored text is another than this device saw last: only its owner knows whether that is right. */
async function another(password) {
  const answer = await open("Your sealed key has changed", (close) => [
    h("p", "The sealed key that the server handed out is not the one this device saw last."),
    h("p.soft", "That is right if you changed your key or your password on another device. If you did not, somebody may have replaced it: do not go on."),
    h("div.row.end",
      h("button.button", { type: "button", autofocus: true, onclick: () => close(false) }, "I did not change it"),
      h("button.button.primary", { type: "button", onclick: () => close(true) }, "I changed it myself")),
  ]);
  if (!answer) return false;
  try {
    await unlock(password, { accept: true });
    return true;
  } catch (error) {
    sorry(error);
    return false;
  }
}

let idle = 0;

/** Locks the key after minutes without a touch, unless pictures are being made. */
export function watchIdleness() {
  const restart = () => {
    clearTimeout(idle);
    const minutes = keep.idleMinutes();
    if (minutes > 0) idle = setTimeout(expire, minutes * 60_000);
  };
  for (const type of ["pointerdown", "keydown", "visibilitychange"]) addEventListener(type, restart, { passive: true, capture: true });
  addEventListener("generatio:idle", restart);
  restart();
}

async function expire() {
  if (jobs.value.some((job) => job.open)) return dispatchEvent(new Event("generatio:idle"));
  if (!unlocked.value) return undefined;
  await lock();
  return toast("Your key was locked, as nobody was here.");
}
