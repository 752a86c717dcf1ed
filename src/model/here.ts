/** What a machine does to its own packets, before a network has any part in it. */
import { z } from "zod";
import { sourceFaultSchema } from "./source.ts";

/** Who takes a packet first: a router, or whoever has the address itself. */
const nextHopSchema = z
  .strictObject({
    gateway: z.string().nullable().describe("null where the address is in a subnet of this machine's own"),
    answers: z
      .boolean()
      .nullable()
      .describe("whether it has answered for its address (ARP, neighbour discovery); null where nobody asks"),
  })
  .meta({ id: "NextHop" });
export type NextHop = z.infer<typeof nextHopSchema>;

/** What on this machine decides in place of the network. */
export const decidesHereSchema = z
  .strictObject({
    noCarrier: z
      .boolean()
      .describe("the interface has no carrier: a cable, or the program at the other end of a TUN, is gone"),
    preloaded: z
      .string()
      .nullable()
      .describe("a library in LD_PRELOAD that makes connections by a proxy: what TCP says is the proxy's"),
    refusedSource: z
      .string()
      .nullable()
      .describe("the local address asked for, where this machine has a way for others and none for it"),
    userModeGateway: z
      .boolean()
      .describe(
        "the address is the gateway of a network that a program makes up: it stands for the loopback of the machine outside",
      ),
    ipsecWithoutState: z
      .boolean()
      .describe("an IPsec policy threw packets away for want of a security association"),
    sourceFault: sourceFaultSchema
      .nullable()
      .default(null)
      .describe(
        "the interface of the source that was asked for, where it can't be used and no connection came about",
      ),
    deadLinks: z
      .array(sourceFaultSchema)
      .default([])
      .describe(
        "interfaces that are down or without carrier, where this machine has no route to the address",
      ),
    nextHop: nextHopSchema
      .nullable()
      .default(null)
      .describe("where the host is unreachable: whom this machine hands the packets to (Linux)"),
    ownBridge: z
      .boolean()
      .default(false)
      .describe(
        "a bridge that leads nowhere else, as those of containers and virtual machines: the address lies in its subnet",
      ),
  })
  .meta({ id: "DecidesHere" });
export type DecidesHere = z.infer<typeof decidesHereSchema>;
