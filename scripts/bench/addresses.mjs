// Which addresses of a block answer, which are dropped and which lose packets: the same in every run.

/** @param block "127.1.0.0/16" @returns its first address as a number, and how many there are */
function parseBlock(block) {
  const [address, bits] = block.split("/");
  const first = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return { first, size: 2 ** (32 - Number(bits)) };
}

function format(address) {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** A small generator with a seed (mulberry32): numbers from 0 up to 1. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So many different addresses of a block, none of `without`, none that ends in 0 or 255. */
export function pick(block, count, seed, without = []) {
  const { first, size } = parseBlock(block);
  const random = seeded(seed);
  const taken = new Set(without);
  const picked = [];
  while (picked.length < count) {
    const address = first + Math.floor(random() * size);
    const text = format(address);
    const last = address % 256;
    if (last === 0 || last === 255 || taken.has(text)) continue;
    taken.add(text);
    picked.push(text);
  }
  return picked;
}

/** How many addresses a block has. */
export function sizeOf(block) {
  return parseBlock(block).size;
}
