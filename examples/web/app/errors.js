/** What went wrong, said to people. */

const WORDS = {
  aborted: "Stopped.",
  authentication_error: "That is not right. Check the e-mail and the password.",
  budget_exceeded: "Your budget does not allow this. You can change it under Spending.",
  custody_refused: "This server does not allow that way of keeping a key.",
  external_error: "FAL could not do it. Try again in a moment.",
  fal_host_refused: "The server named an address for FAL that this page does not trust. Nothing was sent.",
  fal_key_refused: "FAL does not know this key.",
  internal_error: "The server made a mistake. Try again in a moment.",
  job_canceled: "Stopped. Nothing was charged.",
  job_unknown: "The connection broke before FAL answered, so nobody knows whether this was made.",
  locked: "Your key is locked.",
  not_signed_in: "Your sign-in has ended. Please sign in again.",
  password_common: "This password is on every list of common passwords. Choose another one.",
  password_in_clear_refused: "This account is known not to send its password to anyone. Somebody may be trying to get it: do not go on.",
  password_too_long: "A password has at most 71 characters here.",
  password_too_short: "A password has at least 8 characters here.",
  report_pending: "Your pictures are made and paid for, but the server does not know yet. Finish the job when the connection is back.",
  rolled_back: "The sealed key on the server is not the one this device saw last.",
  sealed_token_damaged: "The sealed key is damaged. Add your key from FAL again.",
  sealed_token_malformed: "The sealed key is damaged. Add your key from FAL again.",
  server_timeout: "The server takes too long to answer.",
  server_unreachable: "The server cannot be reached. Check your connection.",
  session_required: "Your key has to be unlocked first.",
  untrusted_address: "The server named an address that this page does not trust.",
  webcrypto_unavailable: "This browser seals keys on secure pages only: open the page by https.",
  wrong_password: "That is not the password.",
};

/** One or two sentences about an error. Codes this page does not know bring their own. */
export function explained(error) {
  if (error?.code === "rate_limit_error") return limited(error.details?.retryAfter);
  const said = error?.code && WORDS[error.code];
  const own = error?.message || "Something went wrong.";
  // The server's checks say what exactly is wrong, better than any sentence of this page.
  return said ?? (own.endsWith(".") ? own : `${own}.`);
}

function limited(seconds) {
  if (!seconds) return "That was too often. Wait a little and try again.";
  const time = seconds < 90 ? `${Math.ceil(seconds)} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return `That was too often. Try again in ${time}.`;
}

/** Whether an error says that the password of whoever is signed in was another one. */
export const isWrongPassword = (error) =>
  ["authentication_error", "wrong_password"].includes(error?.code) || error?.details?.fields?.oldPassword !== undefined;

/** Whether an error of a call that needs a sign-in says that this is over. */
export const isSignedOut = (error) => ["account_changed", "authentication_error", "not_signed_in"].includes(error?.code);
