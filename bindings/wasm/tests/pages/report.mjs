// Hands an outcome to whoever drives the page.
export const report = (work) =>
  work.then(
    (value) => (globalThis.outcome = { value }),
    (error) => (globalThis.outcome = { error: String(error?.stack ?? error) }),
  );
export const readVectors = async () => (await fetch("./sealed_tokens.json")).json();
