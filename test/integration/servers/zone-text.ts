/** Zones of one name server: the zone's name, without the last dot → the text of its file (RFC 1035 5). */
export type Zones = Readonly<Record<string, string>>;

/**
 * Puts TTL, SOA and NS before a zone text that has no SOA: a test need only write the records it is about.
 *
 * The SOA's minimum is 60: the time a negative answer may be kept (RFC 2308 5).
 */
export function withSoa(text: string): string {
  if (/\bSOA\b/i.test(text)) return ensureNewline(text);
  return ensureNewline(
    `$TTL 3600\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\nns IN A 127.71.0.53\n${text}`,
  );
}

/** Both name servers refuse a file whose last line does not end. */
function ensureNewline(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
