/** Where the page begins: who is here, which view is shown, and what the whole page listens to. */

import { show } from "./dom.js";
import { hear, tell } from "./channel.js";
import { isSignedOut } from "./errors.js";
import * as keep from "./keep.js";
import { route } from "./router.js";
import { news, user } from "./state.js";

const page = document.getElementById("page");
let shell;

/** Shows what belongs to whoever is here. */
async function draw() {
  if (user.value) {
    shell ??= (await import("./shell.js")).shell(page);
    await shell.show(route());
  } else {
    shell?.close();
    shell = undefined;
    const { signIn } = await import("./sign-in.js");
    document.title = "Sign in · Generatio";
    show(page, signIn());
  }
}

async function start() {
  if (keep.auth()) await returned();
  else tell("who");
  // From here on each change of who is here draws anew; the first drawing is this one.
  let known = user.value?.id;
  await draw();
  user.watch((now) => {
    if (now?.id !== known) {
      known = now?.id;
      draw();
    }
  });
  addEventListener("hashchange", () => user.value && draw());
}

/** Takes up the sign-in of before. One that is over leads to the sign-in view. */
async function returned() {
  const { client, gone, refresh, remember } = await import("./backend.js");
  try {
    await refresh();
    const held = await client();
    held.refresh().then(() => remember(), () => {});
  } catch (error) {
    if (isSignedOut(error)) gone();
    else {
      const { sorry } = await import("./toast.js");
      sorry(error);
    }
  }
}

hear("who", async () => {
  if (!user.value) return;
  const { client } = await import("./backend.js");
  const held = await client();
  tell("here", { auth: held.auth, session: held.session, stay: keep.stays() });
});
hear("here", async (other) => {
  if (user.value) return;
  const { join } = await import("./backend.js");
  await join(other).catch(() => {});
});
hear("gone", async () => {
  if (user.value) (await import("./backend.js")).gone();
});
hear("locked", async () => {
  if (user.value) (await import("./backend.js")).locked();
});
hear("pictures", () => news.dispatchEvent(new Event("changed")));

start();
