/** `ospp.vbs /dstatus`, `/act` and `/dhistorykms`: English labels on every Windows; front ends translate them. */
import type { Line } from "../clean.ts";
import { fieldOf, hasField, valueAt } from "../fields.ts";
import type { Reader } from "../fields.ts";
import type { Field } from "../labels.ts";
import { languageOf } from "../found.ts";
import type { Found, Recogniser } from "../found.ts";
import type { Facts, Kind, PastedProduct } from "../model.ts";
import { setupKeyOf } from "../setup-keys.ts";
import { osppState } from "../states.ts";
import * as value from "../values.ts";
import { beginsOther } from "./begins.ts";
import { conclude, withoutKey } from "./ospp-says.ts";

const PROCESSING = /^-{3,} ?Processing/;
const EXITING = /^-{3,} ?Exiting/;
const RULE = /^-{20,}$/;
const ATTEMPT = /^Installed product key detected/;
const DONE = /^<?Product activation successful>?/;
const NO_KEY = /^<?No installed product keys? detected>?/i;
const MAX_GAP = 6;
/** Labels without a sound value; a block that has no more in so many is none. */
const MOST_EMPTY = 12;

export const ospp: Recogniser = (lines, at) => {
  const line = lines[at];
  if (line === undefined || !starts(lines, at)) return null;
  const block: Block = {
    products: [{}],
    votes: new Map(),
    kind: null,
    facts: { errorCodes: [] },
    override: false,
    informational: false,
    noKey: false,
  };
  let to = at + 1;
  let own = 0;
  for (let index = at, gap = 0; index < lines.length && gap <= MAX_GAP; index++) {
    const each = lines[index];
    if (each === undefined) break;
    const { text } = each;
    if (index > at && PROCESSING.test(text)) break;
    const field = fieldOf(each);
    if (isOwn(each, field)) {
      gap = 0;
      to = index + 1;
      take(field, lines, index, block);
      own += 1;
      if (own === MOST_EMPTY && isEmpty(block)) return null;
      if (EXITING.test(text)) break;
    } else if (index > at && beginsOther(each)) break;
    else gap += 1;
  }
  return whole(block, lines.slice(Math.max(0, at - 5), at), at, to);
};

function isEmpty({ products }: Block): boolean {
  return products.every((product) => Object.values(product).every((held) => held === undefined));
}

type Block = {
  products: PastedProduct[];
  votes: Map<string, number>;
  kind: Kind | null;
  facts: Facts;
  override: boolean;
  informational: boolean;
  noKey: boolean;
};

function starts(lines: readonly Line[], at: number): boolean {
  const line = lines[at];
  if (line === undefined) return false;
  const field = fieldOf(line);
  if (PROCESSING.test(line.text) || ATTEMPT.test(line.text) || NO_KEY.test(line.text)) return true;
  if (
    hasField(line, "ospp", "osppName") ||
    hasField(line, "ospp", "osppStatus") ||
    hasField(line, "ospp", "lastFive")
  )
    return true;
  if (hasField(line, "ospp", "osppDescription")) return true;
  if (hasField(line, "ospp", "osppSku")) return value.guid(field?.value ?? "") !== null;
  // A front end that prints the licence's name without its label.
  return /^Office \d/.test(line.text) && value.product(line.text) !== null && hasField(lines[at + 1], "ospp");
}

function isOwn(line: Line, field: Field | null): boolean {
  const { text } = line;
  if ([PROCESSING, EXITING, RULE, ATTEMPT, DONE, NO_KEY].some((own) => own.test(text))) return true;
  if (/^(?:NOTICE:|FOR MORE INFORMATION|To view the activation event history)/.test(text)) return true;
  if (/^Office \d/.test(text) && value.product(text) !== null) return true;
  const own = new Set(["kmsFromDns", "autoDiscovery", "activationInterval", "renewalInterval"]);
  return field?.labels.some(({ family, field: name }) => family === "ospp" || own.has(name)) ?? false;
}

function take(field: Field | null, lines: readonly Line[], at: number, block: Block): void {
  const line = lines[at];
  if (line === undefined) return;
  const { text } = line;
  const product = block.products.at(-1) ?? {};
  if (RULE.test(text) || ATTEMPT.test(text)) {
    if (ATTEMPT.test(text)) block.kind = "ospp-act";
    nextProduct(block);
    return;
  }
  if (NO_KEY.test(text)) {
    block.noKey = true;
    return;
  }
  if (DONE.test(text)) {
    block.kind = "ospp-act";
    product.licenceStatus = "licensed";
    return;
  }
  if (field === null) {
    if (value.product(text) !== null) {
      nextProduct(block);
      (block.products.at(-1) ?? {}).product = text;
    }
    return;
  }
  const read = <Value>(reader: Reader<Value>): Value | null => valueAt(lines, at, field.value, reader);
  for (const { family, field: name, language } of field.labels) {
    if (family === "ospp") block.votes.set(language, (block.votes.get(language) ?? 0) + 1);
    takeOne(name, read, field, block);
  }
}

function nextProduct(block: Block): void {
  if (Object.keys(block.products.at(-1) ?? {}).length > 0) block.products.push({});
}

function takeOne(
  name: string,
  read: <Value>(reader: Reader<Value>) => Value | null,
  field: Field,
  block: Block,
): void {
  const { facts } = block;
  if (
    (name === "osppName" && block.products.at(-1)?.product !== undefined) ||
    (name === "osppSku" && block.products.at(-1)?.partialKey !== undefined)
  )
    nextProduct(block);
  const product = block.products.at(-1) ?? {};
  switch (name) {
    case "osppName":
      product.product = read(value.product) ?? undefined;
      break;
    case "osppDescription":
      product.channel = read(value.channel) ?? undefined;
      break;
    case "osppStatus":
      block.kind ??= "ospp-dstatus";
      product.licenceStatus = read(osppState) ?? product.licenceStatus;
      break;
    case "errorCode":
      product.errorCodes = value.withCodes(product.errorCodes ?? [], field.value);
      if (/for information purposes only/.test(field.value)) block.informational = true;
      break;
    case "remainingGrace":
      product.minutesLeft = read(value.graceLeft) ?? undefined;
      break;
    case "lastFive":
      product.partialKey = read(value.fiveCharacters) ?? undefined;
      if (product.partialKey !== undefined) product.setupKey = setupKeyOf(product.partialKey);
      break;
    case "override":
    case "kmsFromDns": {
      const host = read(value.hostAndPort);
      if (host === null || (block.override && name !== "override")) break;
      block.override ||= name === "override";
      Object.assign(facts, {
        kmsHost: host.host,
        kmsPort: host.port,
        hostFrom: name === "override" ? "registry" : "dns",
      });
      break;
    }
    case "caching":
      if (/^(?:Enabled|Disabled)$/i.test(field.value)) facts.hostCaching = /^Enabled$/i.test(field.value);
      break;
    case "osppActivationType":
      if (/^all$/i.test(field.value)) facts.activationType = "all";
      break;
    case "activationInterval":
      facts.activationIntervalMinutes = read(value.minutes) ?? undefined;
      break;
    case "renewalInterval":
      facts.renewalIntervalMinutes = read(value.minutes) ?? undefined;
      break;
    default:
  }
}

function whole(block: Block, before: readonly Line[], from: number, to: number): Found | null {
  const filled = block.products.map((product) => without(product));
  // Without a key and a code it is merely installed.
  const products = filled.filter(
    ({ partialKey, errorCodes, licenceStatus }) =>
      partialKey !== undefined || errorCodes !== undefined || licenceStatus !== undefined,
  );
  const [first] =
    products.length > 0 ? products : filled.filter((product) => Object.keys(product).length > 0);
  if (first === undefined) return block.noKey ? withoutKey(from, to) : null;
  const codes = [...new Set(products.flatMap(({ errorCodes }) => errorCodes ?? []))];
  const facts: Facts = {
    ...without(block.facts),
    ...(products.length > 1 ? { products } : first),
    errorCodes: codes,
  };
  if (block.informational) facts.errorIsInformational = true;
  const history = before.some(({ text }) => /ospp\.vbs.{0,5}\/dhistorykms/i.test(text));
  const kind = history ? "ospp-dhistorykms" : (block.kind ?? "ospp-dstatus");
  return {
    kind,
    side: "client",
    language: languageOf(block.votes),
    facts,
    ...conclude(products.length > 0 ? products : [first], facts, kind),
    from,
    to,
  };
}

/** Without what was looked for and not read. */
function without<Shape extends object>(shape: Shape): Shape {
  for (const [key, found] of Object.entries(shape))
    if (found === undefined) Reflect.deleteProperty(shape, key);
  return shape;
}
