// Copies of objects as V8 is quick at them: bundled into dist/ in place of the spread of our sources (see bundles.mjs).

/** `{ ...from }` into `to`. With a field of that name Object.assign would change what `to` inherits from. */
export const spreadValues = (to, from) =>
  from === null || from === undefined || !Object.hasOwn(from, "__proto__")
    ? Object.assign(to, from)
    : Object.defineProperties(to, Object.getOwnPropertyDescriptors({ ...from }));

/** What is written behind a spread: a literal, without getters. */
export const spreadProps = (to, literal) => Object.assign(to, literal);

/** `{ a, ...rest }` taken apart: what is left without the fields that were named. */
export const objRest = (from, without) => {
  const rest = {};
  for (const name in from)
    if (Object.hasOwn(from, name) && !without.includes(name)) spreadValues(rest, { [name]: from[name] });
  return rest;
};
