// Node 20 has not yet the methods of Set (ES2025) that gitlab-ci-local uses; it loads this first.
const methods = {
  union(other) {
    return new Set([...this, ...other.keys()]);
  },
  intersection(other) {
    return new Set([...this].filter((each) => other.has(each)));
  },
  difference(other) {
    return new Set([...this].filter((each) => !other.has(each)));
  },
  isSubsetOf(other) {
    return [...this].every((each) => other.has(each));
  },
  isSupersetOf(other) {
    return [...other.keys()].every((each) => this.has(each));
  },
  isDisjointFrom(other) {
    return ![...this].some((each) => other.has(each));
  },
};
for (const [name, value] of Object.entries(methods)) {
  if (!(name in Set.prototype)) {
    // oxlint-disable-next-line no-extend-native -- what newer versions have there
    Object.defineProperty(Set.prototype, name, { value, writable: true, configurable: true });
  }
}
