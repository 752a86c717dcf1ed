/** Turns of the event loop, one at a time, for as long as there is something to do. */
export type Turns = {
  /** In the next turn of the loop, where none is due before. */
  soon: () => void;
  in: (ms: number) => void;
  /** There are no more. */
  end: () => void;
  readonly over: boolean;
};

export function createTurns(turn: () => void): Turns {
  let scheduled = false;
  let over = false;

  function begin(): void {
    scheduled = false;
    if (!over) turn();
  }

  return {
    soon() {
      if (scheduled || over) return;
      scheduled = true;
      setImmediate(begin);
    },
    in(ms) {
      if (scheduled || over) return;
      scheduled = true;
      setTimeout(begin, ms);
    },
    end() {
      over = true;
    },
    get over() {
      return over;
    },
  };
}
