/** What an RFC 6901 pointer points to. Throws where it points to nothing: `null` is something. */
export function resolvePointer(document: unknown, pointer: string): unknown {
  if (pointer !== "" && !pointer.startsWith("/")) throw new Error(`no JSON pointer: ${pointer}`);
  let value = document;
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(key))
      throw new Error(`no index: ${key} in ${pointer}`);
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) {
      throw new Error(`${pointer} points to nothing, at ${key}`);
    }
    value = Reflect.get(value, key);
  }
  return value;
}
