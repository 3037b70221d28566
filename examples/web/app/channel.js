/** Other tabs of this page: they hear of new pictures and of signing out, and a new one need not sign in again. */

const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel("generatio") : null;

/** Tells the other tabs. */
export const tell = (type, more = {}) => channel?.postMessage({ type, ...more });

/** Calls `listener` with what other tabs tell. */
export function hear(type, listener) {
  channel?.addEventListener("message", ({ data }) => data?.type === type && listener(data));
}
