/** Where a probe looks from: local addresses, their links, and the user's names for subnets. */
import { z } from "zod";

/** What kind of link an interface is: by what the system says of it, not by its name alone. */
const linkKind = z
  .enum(["ethernet", "wireless", "tunnel", "user-mode", "bridge", "loopback", "other", "unknown"])
  .describe("user-mode: a network that a program makes up for a container (slirp4netns, pasta)");
export type LinkKind = z.infer<typeof linkKind>;

/** The local end: the address, and the interface that packets leave by. Null where the system doesn't say. */
export const viaSchema = z.strictObject({
  address: z.string(),
  interface: z
    .string()
    .nullable()
    .describe(
      "that packets leave by; of a sweep, whose addresses are too many to ask for each, the one that holds `address`",
    ),
  link: linkKind,
  owner: z
    .string()
    .nullable()
    .default(null)
    .describe("the interface that holds the address, where packets leave by another (policy routing, IPsec)"),
});
export type Via = z.infer<typeof viaSchema>;

/** A local end that the user chose with --source: one address, or those of an interface. Null: none of that family. */
export const sourceSchema = z
  .strictObject({
    label: z.string().describe("as the user wrote it"),
    ipv4: z.string().nullable(),
    ipv6: z.string().nullable(),
    interface: z.string().nullable(),
    link: linkKind,
  })
  .meta({ id: "Source" });
export type Source = z.infer<typeof sourceSchema>;

/** The interface of a source is there, and can't be used. */
export const sourceFaultSchema = z
  .strictObject({
    interface: z.string(),
    state: z
      .enum(["down", "no-carrier", "no-address"])
      .describe("switched off; nothing at its other end; no address but link-local ones"),
  })
  .meta({ id: "SourceFault" });
export type SourceFault = z.infer<typeof sourceFaultSchema>;

/** A subnet that the user gave a name with --network. */
export const networkSchema = z.strictObject({ name: z.string(), cidr: z.string() }).meta({ id: "Network" });
export type Network = z.infer<typeof networkSchema>;
