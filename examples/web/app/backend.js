/**
 * The page's way to the package: the only module that imports it. It is loaded when it is needed first, so that the
 * page is there before WebAssembly is.
 */

import * as keep from "./keep.js";
import { tell } from "./channel.js";
import { custody, offered, token, unlocked, user } from "./state.js";

let loading;

/** The package, ready for use: `{ client, catalog, … }`. */
export function ready() {
  loading ??= load().catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load() {
  const library = await import("../generatio/index.js");
  await library.init();
  const client = new library.GeneratioClient({ auth: keep.auth(), session: keep.session() });
  return { ...library, client, catalog: new library.Catalog() };
}

/** The client. */
export const client = async () => (await ready()).client;

/** Writes down what the client holds now: after every call that may have changed it. */
export async function remember(stay = keep.stays()) {
  const held = await client();
  keep.keepAuth(held.auth, stay);
  keep.keepSession(held.session);
  unlocked.value = isUnlocked(held);
}

/** The FAL key in the clear, as a handle; `null` unless this browser calls FAL itself and the key is unlocked. */
let handle = null;

/** Takes over the handle of an opened key, in place of any other. */
export function hold(opened) {
  if (handle && handle !== opened) handle.lock();
  handle = opened;
}

/** The handle that direct calls take. */
export const held = () => (handle && !handle.locked ? handle : null);

function isUnlocked(held) {
  return custody.value === "direct" ? Boolean(handle && !handle.locked) : held.session !== null;
}

/** Reads who is signed in and how their key is kept. Gives whether anybody is. */
export async function refresh() {
  const held = await client();
  if (!held.auth) return false;
  const [status, stored] = await Promise.all([held.status(), held.tokenStatus()]);
  if (held.session && !stored.hasActiveSession) held.session = null;
  offered.value = status;
  const mode = chosenMode(held.auth.user.id, stored.custody, status.custody);
  custody.value = mode;
  token.value = { has: stored.hasToken, sealedBy: stored.custody };
  user.value = held.auth.user;
  await remember();
  return true;
}

/** How this browser uses the key: what was chosen, where the way the key is sealed and the server allow it. */
function chosenMode(id, sealedBy, allowed) {
  const fits = (mode) => allowed.includes(mode) && (sealedBy === null || (mode === "password") === (sealedBy === "password"));
  return [keep.custody(id), "sealed", "direct", "password"].find(fits) ?? allowed[0];
}

/** Signs in, and unlocks the key with the same password. */
export async function signIn(email, password, stay) {
  const held = await client();
  await held.login(email, password);
  await arrived(stay);
  return held.auth.user;
}

/** After a login: everything is read anew, and other tabs learn of it. */
export async function arrived(stay) {
  await remember(stay);
  await refresh();
  const held = await client();
  tell("here", { auth: held.auth, session: held.session, stay });
}

/** Wipes the key here and ends the session that the server runs jobs with; in other tabs too. */
export async function lock() {
  tell("locked");
  handle?.lock();
  handle = null;
  const held = await client();
  if (held.session) {
    // Forgotten here whatever the server answers.
    await held.endSession().catch(() => {});
    held.session = null;
  }
  await remember();
}

/** What other tabs do when one has locked the key. */
export async function locked() {
  handle?.lock();
  handle = null;
  (await client()).session = null;
  await remember();
}

/** Signs out, in every tab. */
export async function signOut() {
  handle?.lock();
  handle = null;
  const held = await client();
  await held.logout().catch(() => {});
  gone();
  tell("gone");
}

/** Forgets who was here; what other tabs do when one has signed out. */
export function gone() {
  handle?.lock();
  handle = null;
  keep.forget();
  loading?.then((library) => {
    library.client.auth = null;
    library.client.session = null;
  });
  unlocked.value = false;
  token.value = null;
  user.value = null;
}

/** Takes over the sign-in of another tab. */
export async function join({ auth, session, stay }) {
  const held = await client();
  if (held.auth || !auth) return;
  held.auth = auth;
  held.session = session;
  await remember(stay);
  await refresh();
}
