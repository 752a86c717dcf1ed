/**
 * A strict reader of RFC 4180: CRLF after every record, a quote only around a whole field, doubled inside one.
 * Throws on anything else; it is here to find what a lenient reader would forgive.
 */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field = "";
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote === -1) throw new Error(`record ${records.length + 1}: a quote is not closed`);
        field += text.slice(at, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        field += '"';
        at += 1;
      }
    } else {
      const end = text.slice(at).search(/[,\r\n"]/);
      if (end === -1) throw new Error(`record ${records.length + 1}: does not end with CRLF`);
      field = text.slice(at, at + end);
      at += end;
    }
    record.push(field);
    if (text[at] === ",") {
      at += 1;
      // A comma before the end of the record announces an empty field.
      if (text.startsWith("\r\n", at)) record.push("");
      else continue;
    }
    if (!text.startsWith("\r\n", at))
      throw new Error(
        `record ${records.length + 1}: ${JSON.stringify(text.slice(at, at + 8))} after a field`,
      );
    at += 2;
    records.push(record);
    record = [];
  }
  return records;
}
