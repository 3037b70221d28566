/**
 * What outlives a reload, and where.
 *
 * The sign-in lies in `sessionStorage` (gone with the tab), or in `localStorage` for who asked to stay signed in; a
 * session's id in `sessionStorage` always. Neither the password nor the FAL key is ever stored.
 */

const AUTH = "generatio.auth";
const SESSION = "generatio.session";

const read = (store, key) => {
  try {
    return JSON.parse(store.getItem(key));
  } catch {
    return null;
  }
};
const write = (store, key, value) => {
  try {
    if (value === null || value === undefined) store.removeItem(key);
    else store.setItem(key, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing: everything works until the next reload.
  }
};

/** The sign-in of before, if any. */
export const auth = () => read(sessionStorage, AUTH) ?? read(localStorage, AUTH);

/** Whether the sign-in outlives this tab. */
export const stays = () => read(localStorage, AUTH) !== null;

/** Keeps a sign-in: for this tab, or longer. */
export function keepAuth(value, stay) {
  write(sessionStorage, AUTH, stay ? null : value);
  write(localStorage, AUTH, stay ? value : null);
}

/** The session of before, if any. */
export const session = () => read(sessionStorage, SESSION);

/** Keeps a session's id for this tab. */
export const keepSession = (value) => write(sessionStorage, SESSION, value);

/** Forgets who was here. */
export function forget() {
  keepAuth(null, false);
  keepSession(null);
  write(sessionStorage, "generatio.jobs", null);
  write(sessionStorage, "generatio.draft", null);
}

/** What a job was asked for, so that it can be shown after a reload: `{ [job]: { prompt, model, count, ratio } }`. */
export const jobs = () => read(sessionStorage, "generatio.jobs") ?? {};

/** Remembers what a job was asked for, or forgets it. */
export function keepJob(id, asked) {
  const known = jobs();
  if (asked) known[id] = asked;
  else delete known[id];
  write(sessionStorage, "generatio.jobs", known);
}

/** The request that is being written. */
export const draft = () => read(sessionStorage, "generatio.draft");
/** Keeps it. */
export const keepDraft = (value) => write(sessionStorage, "generatio.draft", value);

/** How this browser uses the key of this account. */
export const custody = (user) => read(localStorage, `generatio.custody.${user}`);
/** Keeps it. */
export const keepCustody = (user, mode) => write(localStorage, `generatio.custody.${user}`, mode);

/** Minutes without a touch after which the key is locked; 0 is never. */
export const idleMinutes = () => read(localStorage, "generatio.idle") ?? 15;
/** Keeps it. */
export const keepIdleMinutes = (minutes) => write(localStorage, "generatio.idle", minutes);

/** `light`, `dark`, or `null` for the system's. Plain text, as `theme.js` reads it before anything else runs. */
export function theme() {
  try {
    return localStorage.getItem("generatio.theme");
  } catch {
    return null;
  }
}

/** Keeps and shows it. */
export function keepTheme(name) {
  try {
    if (name) localStorage.setItem("generatio.theme", name);
    else localStorage.removeItem("generatio.theme");
  } catch {
    // As above.
  }
  dispatchEvent(new Event("generatio:theme"));
}
