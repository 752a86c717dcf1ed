/** Lets in whom the web configuration permits, and sets the headers that it asks for. */
import type { MiddlewareHandler } from "hono";
import { createPasswords } from "./passwords.ts";
import { COMMON_HEADERS } from "./headers.ts";
import type { Passwords } from "./passwords.ts";
import type { WebConfig } from "./web-config.ts";

export type Guard = {
  handle: MiddlewareHandler;
  /** Whether everybody is let in, and no answer gets a header from the web configuration. */
  readonly open: boolean;
  renew: (config: WebConfig) => void;
  stop: () => Promise<void>;
};

/** @param worker file of the thread that computes bcrypt */
export function createGuard(first: WebConfig | null, worker: string): Guard {
  const passwordsOf = (config: WebConfig | null): Passwords | null =>
    config === null || config.users.size === 0 ? null : createPasswords(config.users, worker);
  let config = first;
  let passwords = passwordsOf(first);
  return {
    get open() {
      return passwords === null && Object.keys(config?.headers ?? {}).length === 0;
    },
    async handle(context, next) {
      const answer =
        passwords === null ? "permitted" : await passwords.check(context.req.header("Authorization"));
      for (const [name, value] of Object.entries(config?.headers ?? {})) context.header(name, value);
      if (answer === "permitted") return await next();
      if (answer === "busy")
        return context.text("too many are asking for entry: again later\n", 503, COMMON_HEADERS);
      context.header("WWW-Authenticate", 'Basic realm="kmsprobe", charset="UTF-8"');
      return context.text("Unauthorized\n", 401, COMMON_HEADERS);
    },
    renew(next) {
      const before = passwords;
      config = next;
      passwords = passwordsOf(next);
      void before?.stop();
    },
    async stop() {
      await passwords?.stop();
    },
  };
}
