/** What the whole page knows, and who wants to hear when it changes. */

/** A value that can be watched. */
export class Watched {
  #value;
  #watchers = new Set();

  constructor(value) {
    this.#value = value;
  }

  get value() {
    return this.#value;
  }

  set value(value) {
    this.#value = value;
    for (const watcher of [...this.#watchers]) watcher(value);
  }

  /** Calls `watcher` now and after each change, until `signal` says that it is over. */
  watch(watcher, signal) {
    this.#watchers.add(watcher);
    signal?.addEventListener("abort", () => this.#watchers.delete(watcher), { once: true });
    watcher(this.#value);
  }
}

/** What the server offers: `{ custody, prices, registration }`. */
export const offered = new Watched(null);
/** Who is signed in, or `null`. */
export const user = new Watched(null);
/** The stored FAL key: `{ has, sealedBy }`, or `null` while it is not known. */
export const token = new Watched(null);
/** How this browser uses the key: `password`, `sealed` or `direct`. */
export const custody = new Watched("sealed");
/** Whether pictures can be made without asking for the password first. */
export const unlocked = new Watched(false);
/** One's folders, by name. */
export const folders = new Watched([]);
/** Jobs that are under way or just over, newest first. */
export const jobs = new Watched([]);
/** What to fill the prompt box with when it is shown next: `{ model, prompt, parameters }`. */
export const wish = new Watched(null);
/** News of pictures, for whoever shows some: `{ action, record }`. */
export const news = new EventTarget();
