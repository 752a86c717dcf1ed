/** The two halves of an element of a BigUint64Array, read as elements of a Uint32Array: they are numbers, and fast. */

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Where the lower 32 bits lie, on this machine. */
export const LOWER = LITTLE_ENDIAN ? 0 : 1;
export const UPPER = 1 - LOWER;

/** One more than the largest half. */
export const WORD = 2 ** 32;
