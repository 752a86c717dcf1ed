/** The user asked for something that can't be: one line that names it, and what to do. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** This machine can't do it now, whatever the user writes: one line. Exit code 3. */
export class CannotRun extends Error {
  override readonly name = "CannotRun";
}
