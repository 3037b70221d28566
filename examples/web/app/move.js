/** Moving an account over that was made with a plain password: once, after it was explained and agreed to. */

import { busy, h } from "./dom.js";
import { open } from "./dialog.js";
import { explained } from "./errors.js";
import { passwordField } from "./fields.js";
import { arrived, client } from "./backend.js";
import { toast } from "./toast.js";

/** The dialog. Gives whether the account was moved and is signed in. */
export function moveOver({ email, password, stay }) {
  return open("Move your account over", (close) => {
    const current = passwordField({ label: "Present password", autocomplete: "current-password", value: password });
    const next = passwordField({
      label: "New password", autocomplete: "new-password", autofocus: true,
      hint: "This server has known the present one since the account was made, so a new one is better.",
    });
    const agreed = h("input", { type: "checkbox", required: true });
    const button = h("button.button.primary.wide", "Move it over");
    const submit = (event) => {
      event.preventDefault();
      busy(button, async () => {
        try {
          const held = await client();
          await held.moveAccount(email, current.value(), { consent: true, newPassword: next.value() });
          await arrived(stay);
          close(true);
          toast("Your account is moved over. From now on your password stays on this page.");
        } catch (error) {
          (error.code?.startsWith("password_") && error.code !== "password_in_clear_refused" ? next : current).fault(explained(error));
        }
      });
    };
    return h("form.stack", { onsubmit: submit },
      h("p", "Accounts of this page never send their password. Yours was made with a plain one, which the server has to be shown ", h("strong", "one last time"), " to let you in."),
      h("p.soft", "Right after that the page changes it to a secret that is made from your new password, and seals your key anew. Everything else stays as it is; you are signed out elsewhere."),
      h("p.soft", `Account: ${email}`), current.node, next.node,
      h("label.row", agreed, h("span.grow", "I agree that this page sends my present password to this server, once.")),
      button);
  });
}
