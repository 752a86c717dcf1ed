/** A list that keeps the latest `capacity` values and forgets the others: a watch runs for days. */
export type Ring<Value> = {
  push: (value: Value) => void;
  /** The kept values, oldest first; only the latest `count` where that is given. */
  latest: (count?: number) => Value[];
  /** How many were ever pushed. */
  readonly total: number;
};

/** @param capacity a whole number from 1 */
export function createRing<Value>(capacity: number): Ring<Value> {
  const slots: Value[] = [];
  let total = 0;
  return {
    push(value) {
      slots[total % capacity] = value;
      total += 1;
    },
    latest(count = capacity) {
      const start = total > capacity ? total % capacity : 0;
      const inOrder = [...slots.slice(start), ...slots.slice(0, start)];
      return inOrder.slice(Math.max(0, inOrder.length - count));
    },
    get total() {
      return total;
    },
  };
}
