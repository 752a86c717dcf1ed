/** What this machine's own configuration of DNS holds that could not be read, or lacks. */
import { z } from "zod";

const unreadLine = z
  .strictObject({
    file: z.string(),
    line: z.int().positive(),
    text: z.string(),
    about: z.enum(["resolver", "suffix", "both"]).describe("what it was meant to name"),
    why: z.string(),
  })
  .meta({ id: "UnreadLine" });
export type UnreadLine = z.infer<typeof unreadLine>;

export const configurationSchema = z
  .strictObject({
    unread: z.array(unreadLine).describe("lines that were not understood, or are read otherwise by others"),
    noResolver: z
      .boolean()
      .describe("no resolver is named: what was asked is what programs fall back to, this machine itself"),
  })
  .meta({ id: "Configuration" });
export type Configuration = z.infer<typeof configurationSchema>;
