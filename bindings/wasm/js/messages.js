// Codes and words for the numbers that errors of the slim module cross as: core's own, and two of the wrapper's.

/** @type {Record<number, readonly [code: string, message: string]>} */
export const MESSAGES = {
  1: ["internal", "a fault of this package"],
  2: ["locked", "the token is locked"],
  100: ["random_unavailable", "the source of randomness failed"],
  200: ["sealed_token_malformed", "the text is not a sealed token"],
  201: ["iterations_out_of_range", "the iteration count is out of bounds: 600,000 to 2,000,000 are sealed with, and no more than asked for are opened"],
  202: ["password_empty", "the password is empty"],
  203: ["password_too_long", "the password is longer than 1024 bytes"],
  204: ["wrong_password", "wrong password"],
  205: ["sealed_token_damaged", "the sealed token is damaged, or sealed for another user"],
  206: ["token_empty", "the token is empty"],
  207: ["token_too_long", "the token is longer than 65536 bytes"],
  208: ["context_too_long", "the context is longer than 256 bytes"],
};
