/** Who may ask, by HTTP's basic authentication (RFC 7617) and bcrypt hashes that are computed on another thread. */
import { timingSafeEqual } from "node:crypto";
import { Worker } from "node:worker_threads";

export type Passwords = {
  /** `busy`: too many are being checked at once; nobody is let in for that. */
  check: (authorization: string | undefined) => Promise<"permitted" | "refused" | "busy">;
  stop: () => Promise<void>;
};

/** A hash of cost 10 takes 80 ms: who has no password must not be able to occupy the thread for ever. */
const MOST_WAITING = 16;
/** bcrypt reads 72 bytes; longer ones are nobody's. */
const MOST_PASSWORD = 72;
const MOST_AUTHORIZATION = 1_024;

type Answer = { id: number; permitted: boolean };

/**
 * @param users name to bcrypt hash
 * @param worker file of the thread
 */
export function createPasswords(users: ReadonlyMap<string, string>, worker: string): Passwords {
  const thread = new Worker(worker);
  thread.unref();
  const waiting = new Map<number, (permitted: boolean) => void>();
  thread.on("message", ({ id, permitted }: Answer) => {
    waiting.get(id)?.(permitted);
    waiting.delete(id);
  });
  thread.on("error", () => {
    for (const answer of waiting.values()) answer(false);
    waiting.clear();
  });
  let ids = 0;
  // Of a name that nobody has, another hash of the same cost is computed: the time tells no name.
  const [decoy = ""] = users.values();
  /** What was last right, by user: a scraper comes again and again with the same. */
  const known = new Map<string, Buffer>();

  return {
    async check(authorization) {
      const given = parseBasic(authorization);
      if (given === null) return "refused";
      const hash = users.get(given.user);
      const before = known.get(given.user);
      if (before !== undefined && isEqual(before, given.password)) return "permitted";
      if (waiting.size >= MOST_WAITING) return "busy";
      const id = (ids += 1);
      const right = await new Promise<boolean>((resolve) => {
        waiting.set(id, resolve);
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
        thread.postMessage({ id, password: given.password.toString("utf8"), hash: hash ?? decoy });
      });
      if (!right || hash === undefined) return "refused";
      known.set(given.user, given.password);
      return "permitted";
    },
    async stop() {
      await thread.terminate();
    },
  };
}

function parseBasic(authorization: string | undefined): { user: string; password: Buffer } | null {
  if (authorization === undefined || authorization.length > MOST_AUTHORIZATION) return null;
  const [, encoded] = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return null;
  const bytes = Buffer.from(encoded, "base64");
  const colon = bytes.indexOf(":");
  if (colon === -1) return null;
  const password = bytes.subarray(colon + 1);
  if (password.length > MOST_PASSWORD) return null;
  return { user: bytes.subarray(0, colon).toString("utf8"), password };
}

function isEqual(a: Buffer, b: Buffer): boolean {
  // As long as the longest, so that the length isn't told either.
  return timingSafeEqual(padded(a), padded(b)) && a.length === b.length;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(MOST_PASSWORD)], MOST_PASSWORD);
}
