/** The account: the key and who can see it, sessions, the password, this device, and the end of it all. */

import { busy, h, show } from "./dom.js";
import { client, gone, hold, refresh, remember, signOut } from "./backend.js";
import { tell } from "./channel.js";
import { custodyChoice, MODES } from "./custody.js";
import { open } from "./dialog.js";
import { explained, isWrongPassword } from "./errors.js";
import { passwordField, select } from "./fields.js";
import { ago, when } from "./format.js";
import * as keep from "./keep.js";
import { changeCustody, removeKey } from "./key.js";
import { link } from "./router.js";
import { custody, offered, token, unlocked, user } from "./state.js";
import { sorry, toast } from "./toast.js";

/** The view. */
export function view({ signal }) {
  return h("div.narrow.stack.wide",
    h("header.row.apart", h("div", h("h1", "Account"), h("p.soft", user.value.email)),
      h("button.button", { type: "button", onclick: (event) => busy(event.currentTarget, signOut) }, "Sign out")),
    keyPanel(signal), sessionsPanel(signal), devicePanel(), passwordPanel(), endPanel());
}

const panel = (id, title, ...inside) => h("section.panel.stack", { "aria-labelledby": id }, h("h2", { id }, title), ...inside);

function keyPanel(signal) {
  const body = h("div.stack");
  const draw = () => {
    if (!token.value?.has) {
      return show(body, h("p.soft", "You have not added a FAL key yet."), h("div", h("a.button.primary", { href: link("key") }, "Add your key")));
    }
    const mode = MODES[custody.value];
    return show(body,
      h("div.custody-now", h("p.label", mode.title), h("p", mode.who), h("p.small.soft", mode.note)),
      h("div.row",
        h("button.button", { type: "button", onclick: () => switchCustody().catch(sorry) }, "Change who can see it"),
        h("a.button", { href: link("key") }, "Replace key"),
        h("button.button.danger", { type: "button", onclick: () => removeKey().catch(sorry) }, "Remove key")));
  };
  token.watch(draw, signal);
  custody.watch(draw, signal);
  return panel("key-title", "Your FAL key", body);
}

/** The switch between the three modes. */
function switchCustody() {
  return open("Who can see your key", (close) => {
    const choice = custodyChoice({ value: custody.value, allowed: offered.value?.custody ?? [] });
    const password = passwordField({ label: "Your password", autocomplete: "current-password", hint: "It opens the key here, on this page, to seal it anew." });
    const button = h("button.button.primary.wide", "Change");
    const submit = (event) => {
      event.preventDefault();
      if (choice.value() === custody.value) return close();
      return busy(button, async () => {
        try {
          await changeCustody(choice.value(), password.value());
          close();
          toast(`Your key is now used this way: ${MODES[custody.value].title}.`);
        } catch (error) {
          password.fault(isWrongPassword(error) ? "That is not your password." : explained(error));
        }
      });
    };
    return h("form.stack", { onsubmit: submit }, choice.node, password.node, button);
  });
}

function sessionsPanel(signal) {
  const list = h("ul.sessions");
  const draw = async () => {
    const held = await client();
    const sessions = await held.sessions.list();
    if (signal.aborted) return;
    show(list, sessions.length === 0 && h("li.soft", "None. The server cannot use your key now."), sessions.map((session) => h("li.row.apart",
      h("div", h("p", session.label === "session" ? "Session" : session.label, session.isCurrent && h("span.badge", "this one")), h("p.small.soft", `Begun ${ago(session.created)}, ends ${when(session.expiresAt)}`)),
      h("button.button.small-button", { type: "button", "aria-label": `End the session begun ${ago(session.created)}`, onclick: () => end(session) }, "End"))));
  };
  const end = async (session) => {
    try {
      const held = await client();
      await held.sessions.end(session.handle);
      if (session.isCurrent) held.session = null;
      await refresh();
    } catch (error) {
      sorry(error);
    }
    await draw();
  };
  unlocked.watch(() => draw().catch((error) => !signal.aborted && sorry(error)), signal);
  return panel("sessions-title", "Sessions", h("p.small.soft", "While a session is open the server can use your key for your jobs, on whichever device it was begun."), list);
}

function devicePanel() {
  const minutes = select({
    label: "Lock my key when nobody is here", value: String(keep.idleMinutes()),
    options: [[5, "After 5 minutes"], [15, "After 15 minutes"], [60, "After an hour"], [0, "Never"]].map(([value, label]) => ({ value: String(value), label })),
    onchange: (value) => {
      keep.keepIdleMinutes(Number(value));
      dispatchEvent(new Event("generatio:idle"));
    },
  });
  const theme = select({
    label: "Colours", value: keep.theme() ?? "",
    options: [{ value: "", label: "As the system has them" }, { value: "light", label: "Light" }, { value: "dark", label: "Dark" }],
    onchange: (value) => keep.keepTheme(value || null),
  });
  return panel("device-title", "This device", minutes.node, theme.node);
}

function passwordPanel() {
  const old = passwordField({ label: "Present password", autocomplete: "current-password" });
  const next = passwordField({ label: "New password", autocomplete: "new-password", hint: "At least 8 characters. Your key is sealed anew under it." });
  const button = h("button.button", "Change password");
  const submit = (event) => {
    event.preventDefault();
    busy(button, async () => {
      try {
        const held = await client();
        const { token: carried } = await held.changePassword(old.value(), next.value());
        hold(null);
        await remember();
        await refresh();
        for (const one of [old, next]) one.input.value = "";
        toast(carried === "unchanged"
          ? "Your password is changed. Your key still opens with the password it was sealed under."
          : "Your password is changed, and you are signed out elsewhere.");
      } catch (error) {
        const wrong = isWrongPassword(error);
        (wrong ? old : next).fault(wrong ? "That is not your present password." : explained(error));
      }
    });
  };
  return panel("password-title", "Password", h("form.stack", { onsubmit: submit },
    h("input", { type: "email", autocomplete: "username", value: user.value.email, hidden: true }), old.node, next.node, h("div", button)));
}

function endPanel() {
  return panel("end-title", "Delete account",
    h("p.soft", "Deletes your account with its pictures, folders, key and charges. This cannot be undone."),
    h("div", h("button.button.danger", { type: "button", onclick: () => endAccount() }, "Delete my account")));
}

function endAccount() {
  return open("Delete your account?", (close) => {
    const password = passwordField({ label: "Your password", autocomplete: "current-password" });
    const button = h("button.button.primary.danger.wide", "Delete everything");
    const submit = (event) => {
      event.preventDefault();
      busy(button, async () => {
        try {
          const held = await client();
          await held.deleteAccount(password.value());
          close();
          gone();
          tell("gone");
          toast("Your account is deleted.");
        } catch (error) {
          password.fault(isWrongPassword(error) ? "That is not your password." : explained(error));
        }
      });
    };
    return h("form.stack", { onsubmit: submit }, h("p.soft", `${user.value.email}, with everything in it, is deleted at once and for good.`), password.node, button);
  });
}
