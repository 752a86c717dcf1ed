/**
 * Files that are there as a whole or not at all: written aside, synced, and moved to where they belong. Whatever ends
 * the program meanwhile, or fills the disk, the file is the old one or the new one.
 *
 * A file that was there keeps its mode and, where that is permitted, its owner; a new one has what umask leaves of
 * 0666. A symbolic link stays, and what it points at is replaced. A pipe, a device or /dev/stdout is written to directly.
 */
import { randomBytes } from "node:crypto";
import { closeSync, createReadStream, openSync, rmSync } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { errnoError, errnoOf } from "../errno.ts";
import { fileError } from "../targets/file-error.ts";
import { show } from "../targets/parse.ts";
import { openDirect, writeDirect } from "./direct.ts";
import { standardOutput } from "./standard.ts";
import { placeOf } from "./place.ts";
import type { Before, Place } from "./place.ts";
import { appendAll, noSpace } from "./write-all.ts";

type FilePlace = Extract<Place, { kind: "file" }>;

/** Pieces are gathered to writes of this size. */
const CHUNK = 1 << 20;

/** @throws UsageError or CannotRun, with the file's name */
export async function writeWhole(file: string, text: string | Iterable<string>): Promise<void> {
  try {
    const place = await placeOf(file);
    if (place.kind === "file") await replace(place, chunksOf(text));
    else await pass(place, file, chunksOf(text));
  } catch (error) {
    throw failure(file, error);
  }
}

/** Writes a file that must not be there yet. */
export async function writeNew(file: string, text: string): Promise<void> {
  try {
    const place = await placeOf(file);
    if (place.kind === "file" && place.before === null) await create(place.at, chunksOf(text));
    else if (place.kind === "file") throw errnoError("EEXIST", "is there");
    else await pass(place, file, chunksOf(text));
  } catch (error) {
    throw failure(file, error);
  }
}

/** Adds to a file that others write, too: all of it, or nothing. */
export async function appendWhole(file: string, text: string): Promise<void> {
  try {
    const place = await placeOf(file);
    if (place.kind !== "file") return await pass(place, file, [text]);
    const descriptor = openSync(place.at, "a");
    try {
      appendAll(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw failure(file, error);
  }
}

function failure(file: string, error: unknown): Error {
  return fileError(`can't write ${show(file)}`, error);
}

async function pass(place: Exclude<Place, FilePlace>, file: string, chunks: Iterable<string>): Promise<void> {
  if (place.kind === "standard") return await standardOutput.writeAll(chunks);
  const own = place.kind === "descriptor";
  const descriptor = own ? place.descriptor : await openDirect(file);
  try {
    for (const chunk of chunks) await writeDirect(descriptor, chunk);
  } finally {
    if (!own) closeSync(descriptor);
  }
}

async function replace({ at, before }: FilePlace, chunks: Iterable<string>): Promise<void> {
  let aside: Aside;
  try {
    aside = await openAside(at);
  } catch (error) {
    if (before === null || !isInPlaceOnly(error)) throw error;
    return await overwrite(at, chunks);
  }
  await finish(aside, before, chunks, async () => {
    try {
      await fs.rename(aside.name, at);
    } catch (error) {
      if (before === null || !isInPlaceOnly(error)) throw error;
      await overwrite(at, createReadStream(aside.name));
    }
  });
}

/** A folder that takes no new file, or a file that is mounted by itself, as containers have them. */
function isInPlaceOnly(error: unknown): boolean {
  return ["EACCES", "EPERM", "EBUSY"].includes(errnoOf(error));
}

/** A link to a file that was written aside fails where something is there already; a move does not. */
async function create(at: string, chunks: Iterable<string>): Promise<void> {
  const aside = await openAside(at);
  await finish(aside, null, chunks, () => fs.link(aside.name, at));
}

type Aside = { name: string; handle: fs.FileHandle };

async function openAside(at: string): Promise<Aside> {
  // Names by process number are the same in two containers.
  const name = path.join(path.dirname(at), `.kmsprobe-${randomBytes(8).toString("hex")}.tmp`);
  return { name, handle: await fs.open(name, "wx", 0o666) };
}

async function finish(
  { name, handle }: Aside,
  before: Before | null,
  chunks: Iterable<string>,
  move: () => Promise<void>,
): Promise<void> {
  const remove = (): void => rmSync(name, { force: true });
  // A second Ctrl-C ends the program at once.
  process.once("exit", remove);
  try {
    try {
      if (before !== null) await resemble(handle, before);
      for (const chunk of chunks) await writeTo(handle, chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await move();
    await syncFolder(path.dirname(name));
  } finally {
    process.off("exit", remove);
    remove();
  }
}

/** Owner first: a change of owner takes set-id bits away. Not everybody may give files away: then they are ours. */
async function resemble(handle: fs.FileHandle, { mode, uid, gid }: Before): Promise<void> {
  const own = await handle.stat();
  if (own.uid !== uid || own.gid !== gid) await handle.chown(uid, gid).catch(() => {});
  await handle.chmod(mode);
}

/**
 * @param from where in the file; null: behind what was written last
 * @returns the number of bytes
 */
async function writeTo(
  handle: fs.FileHandle,
  chunk: string | Uint8Array,
  from: number | null = null,
): Promise<number> {
  const bytes = Buffer.from(chunk);
  let at = 0;
  while (at < bytes.length) {
    const place = from === null ? null : from + at;
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, place);
    if (bytesWritten === 0) throw noSpace();
    at += bytesWritten;
  }
  return at;
}

/** In its place, where nothing else is possible. What was there is put back where the new text does not fit. */
async function overwrite(
  at: string,
  chunks: Iterable<string> | AsyncIterable<string | Buffer>,
): Promise<void> {
  const old = await fs.readFile(at);
  const handle = await fs.open(at, "r+");
  try {
    let length = 0;
    try {
      for await (const chunk of chunks) length += await writeTo(handle, chunk);
      await handle.truncate(length);
      await handle.sync();
    } catch (error) {
      await handle.truncate(old.length);
      await writeTo(handle, old, 0);
      throw error;
    }
  } finally {
    await handle.close();
  }
}

/** So that the new name outlives a loss of power. Not every system lets a folder be opened. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder, "r").catch(() => null);
  if (handle === null) return;
  await handle.sync().catch(() => {});
  await handle.close();
}

function* chunksOf(text: string | Iterable<string>): Generator<string> {
  if (typeof text === "string") {
    yield text;
    return;
  }
  let gathered = "";
  for (const piece of text) {
    gathered += piece;
    if (gathered.length < CHUNK) continue;
    yield gathered;
    gathered = "";
  }
  yield gathered;
}
