// Words for the codes that come from WebAssembly as codes alone.

/** @type {Record<string, string>} */
export const MESSAGES = {
  context_too_long: "the context is longer than 256 bytes",
  internal: "a fault of this package",
  iterations_out_of_range: "the iteration count is out of bounds: 600,000 to 2,000,000 are sealed with, and no more than asked for are opened",
  locked: "the token is locked",
  password_empty: "the password is empty",
  password_too_long: "the password is longer than 1024 bytes",
  random_unavailable: "the source of randomness failed",
  sealed_token_damaged: "the sealed token is damaged, or sealed for another user",
  sealed_token_malformed: "the text is not a sealed token",
  token_empty: "the token is empty",
  token_too_long: "the token is longer than 65536 bytes",
  wrong_password: "wrong password",
};
