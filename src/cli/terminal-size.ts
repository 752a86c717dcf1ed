/** A pseudo-terminal that was never told its size, such as a serial console, says 0: that is "unknown", not "nothing". */

const UNKNOWN = { columns: 80, rows: 24 };

/**
 * Makes a terminal tell a size in any case, for the libraries that divide by it.
 * @returns the same stream
 */
export function sized(terminal: NodeJS.WriteStream): NodeJS.WriteStream {
  for (const side of ["columns", "rows"] as const) {
    let told: unknown = terminal[side];
    // Node writes here whenever the size changes, which may be to 0 again.
    Object.defineProperty(terminal, side, {
      configurable: true,
      enumerable: true,
      get: () => (typeof told === "number" && told > 0 ? told : UNKNOWN[side]),
      set: (value: unknown) => {
        told = value;
      },
    });
  }
  return terminal;
}
