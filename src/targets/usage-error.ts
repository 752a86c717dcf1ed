/** The user asked for something that can't be: one line that names it, and what to do. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The user ended a wait for something without which there is nothing to do: one line. Exit code 130. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** This machine can't do it now, whatever the user writes: one line. Exit code 3. */
export class CannotRun extends Error {
  override readonly name = "CannotRun";
}
