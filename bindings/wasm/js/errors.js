// The one kind of error that this package throws.

/** Every error of this package. `code` is for programs, `message` for people. */
export class GeneratioError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{ status?: number, details?: unknown, cause?: unknown }} [more]
   */
  constructor(code, message, more = {}) {
    super(message, "cause" in more ? { cause: more.cause } : undefined);
    /** @readonly */
    this.code = code;
    if (more.status !== undefined) this.status = more.status;
    if (more.details !== undefined) this.details = more.details;
  }

  get name() {
    return "GeneratioError";
  }
}

/**
 * An argument of another type than the declarations say.
 *
 * @param {string} name
 * @param {string} expected
 */
export const wrongType = (name, expected) => new GeneratioError("argument_type", `${name} has to be ${expected}`);
