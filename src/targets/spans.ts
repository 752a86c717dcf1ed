/** Sets of addresses as spans, ascending and disjoint: joined and subtracted as they go by. */
import type { Span } from "./interval-list.ts";

/** What is in one or the other; one span where they overlap or adjoin. */
export function* union(one: Iterable<Span>, other: Iterable<Span>): Generator<Span> {
  let open: Span | null = null;
  for (const span of ascending(one, other)) {
    if (open === null) open = span;
    else if (span.first <= open.last + 1n)
      open = { first: open.first, last: span.last > open.last ? span.last : open.last };
    else {
      yield open;
      open = span;
    }
  }
  if (open !== null) yield open;
}

function* ascending(one: Iterable<Span>, other: Iterable<Span>): Generator<Span> {
  const left = one[Symbol.iterator]();
  const right = other[Symbol.iterator]();
  let a = left.next();
  let b = right.next();
  while (!a.done || !b.done) {
    if (b.done || (!a.done && a.value.first <= b.value.first)) {
      if (!a.done) yield a.value;
      a = left.next();
    } else {
      yield b.value;
      b = right.next();
    }
  }
}

/** What is in the one and not in the other. */
export function* subtract(from: Iterable<Span>, other: Iterable<Span>): Generator<Span> {
  const holes = other[Symbol.iterator]();
  let hole = holes.next();
  for (const { first, last } of from) {
    let rest = first;
    while (!hole.done && hole.value.last < rest) hole = holes.next();
    while (!hole.done && hole.value.first <= last) {
      if (hole.value.first > rest) yield { first: rest, last: hole.value.first - 1n };
      rest = hole.value.last + 1n;
      // It may reach into the next span: it stays until it is passed.
      if (rest > last) break;
      hole = holes.next();
    }
    if (rest <= last) yield { first: rest, last };
  }
}
