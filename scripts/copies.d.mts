export function spreadValues(to: object, from: unknown): object;
export function spreadProps(to: object, literal: object): object;
export function objRest(from: object, without: readonly string[]): object;
