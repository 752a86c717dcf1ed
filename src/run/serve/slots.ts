/**
 * A map for what comes and goes a thousand times a second, in the order in which it came.
 *
 * V8 gives a Map a new table whenever so many of its entries were deleted, and the table before leads to it: once one of
 * them is in the old generation, all that come after it stay there, with all that they held, until that is collected. A
 * name keeps its slot here, and only what is in it goes.
 */

type Slot<Value> = {
  name: string;
  value: Value | undefined;
  /** Among those that hold something. */
  before: Slot<Value> | null;
  after: Slot<Value> | null;
};

/** Empty slots that are kept, beside as many again as are full. */
const MOST_EMPTY = 1_024;

export class Slots<Value extends object> {
  #slots = new Map<string, Slot<Value>>();
  #oldest: Slot<Value> | null = null;
  #newest: Slot<Value> | null = null;
  #size = 0;

  /** Values that are held. */
  get size(): number {
    return this.#size;
  }

  get(name: string): Value | undefined {
    return this.#slots.get(name)?.value;
  }

  /** The one that was set before all others, and is still held. */
  oldest(): { name: string; value: Value } | null {
    const slot = this.#oldest;
    return slot?.value === undefined ? null : { name: slot.name, value: slot.value };
  }

  /** As the newest, whether there was one of that name or not. */
  set(name: string, value: Value): void {
    const slot = this.#slots.get(name) ?? this.#add(name);
    this.#empty(slot);
    slot.value = value;
    slot.before = this.#newest;
    if (this.#newest === null) this.#oldest = slot;
    else this.#newest.after = slot;
    this.#newest = slot;
    this.#size += 1;
  }

  delete(name: string): void {
    const slot = this.#slots.get(name);
    if (slot !== undefined) this.#empty(slot);
  }

  #add(name: string): Slot<Value> {
    if (this.#slots.size >= MOST_EMPTY + 2 * this.#size) this.#tidy();
    const slot: Slot<Value> = { name, value: undefined, before: null, after: null };
    this.#slots.set(name, slot);
    return slot;
  }

  #empty(slot: Slot<Value>): void {
    if (slot.value === undefined) return;
    slot.value = undefined;
    if (slot.before === null) this.#oldest = slot.after;
    else slot.before.after = slot.after;
    if (slot.after === null) this.#newest = slot.before;
    else slot.after.before = slot.before;
    slot.before = null;
    slot.after = null;
    this.#size -= 1;
  }

  /** Into a new map: what is left behind leads to nothing. */
  #tidy(): void {
    const slots = new Map<string, Slot<Value>>();
    for (let slot = this.#oldest; slot !== null; slot = slot.after) slots.set(slot.name, slot);
    this.#slots = slots;
  }
}
