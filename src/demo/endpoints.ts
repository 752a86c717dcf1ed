/** What stands behind each listed host of the lab: one endpoint for each state worth seeing. */
import http from "node:http";
import net from "node:net";
import type { VerdictCode } from "../model/verdict.ts";
import { KMS_INTERFACE } from "../protocol/dcerpc/syntax.ts";
import type { SyntaxId } from "../protocol/dcerpc/syntax.ts";
import { monotonicClock } from "../transport/clock.ts";
import { errnoOf } from "../errno.ts";
import { connect } from "../transport/tcp.ts";
import { startFullQueue } from "./full-queue.ts";
import type { FullQueue } from "./full-queue.ts";
import { listen, LOOPBACK } from "./loopback.ts";
import type { Service, Stop } from "./loopback.ts";
import { createResponder } from "./responder.ts";
import type { Manner } from "./responder.ts";
import type { ZoneHost } from "./zone.ts";

export type LabHost = ZoneHost & { shows: string; expected: VerdictCode };

/** What a KMS host listens on by default; here only in the record that leads nowhere. */
const KMS_PORT = 1688;

/** The endpoint mapper: an interface that every Windows host has, and that is not KMS (C706 appendix O). */
const ENDPOINT_MAPPER: SyntaxId = { uuid: "e1af8308-5d1f-11c9-91a4-08002b14a0fa", major: 3, minor: 0 };

const KMS: Manner = { serves: KMS_INTERFACE, prefersNdr64: true, closesOnSeveral: false };

/**
 * Starts every endpoint and says how the zone should list it.
 *
 * @param keep is handed each stop as soon as there is something to stop
 * @returns in the order of the zone; rejects where something can't be started, and leaves the rest running
 */
export async function startEndpoints(origin: string, keep: (stop: Stop) => void): Promise<LabHost[]> {
  const kept = <Started extends Service>(service: Started): Started => {
    keep(service.stop);
    return service;
  };
  const rpc = async (manner: Manner): Promise<number> => kept(await listen(createResponder(manner))).port;
  const silent = kept(await listen(silentServer()));
  const closed = kept(await holdClosed(silent.port));
  const full = kept(await startFullQueue());
  const half = kept(await startHalf());
  const host = (label: string, priority: number, weight: number): ZoneHost => {
    return {
      host: `${label}.${origin}`,
      port: KMS_PORT,
      priority,
      weight,
      addresses: [LOOPBACK],
      aliasOf: null,
    };
  };
  return [
    {
      ...host("kms1", 0, 60),
      port: await rpc(KMS),
      shows: "a KMS host that prefers NDR64, as 64-bit Windows does",
      expected: "rpc-serves",
    },
    {
      ...host("refused", 0, 20),
      port: closed.port,
      shows: "a port that nobody listens on",
      expected: "tcp-refused",
    },
    { ...host("filtered", 0, 20), port: full.port, ...lookOf(full.meets) },
    {
      ...host("kms2", 10, 10),
      port: await rpc({ ...KMS, prefersNdr64: false }),
      shows: "a KMS host that takes NDR32 only",
      expected: "rpc-serves",
    },
    {
      ...host("alias", 10, 0),
      port: await rpc(KMS),
      aliasOf: `kms3.${origin}`,
      shows: "a KMS host listed by an alias (CNAME), which RFC 2782 forbids",
      expected: "rpc-serves",
    },
    { ...host("half", 10, 0), ...half },
    {
      ...host("plain-only", 20, 0),
      port: await rpc({ ...KMS, closesOnSeveral: true }),
      shows: "a path that closes on a Windows-shaped bind and passes a plain one",
      expected: "rpc-plain-bind-only",
    },
    {
      ...host("anything", 20, 0),
      port: await rpc({ ...KMS, serves: "any" }),
      shows: "a responder that accepts any interface",
      expected: "rpc-accepts-anything",
    },
    {
      ...host("no-kms", 20, 0),
      port: await rpc({ ...KMS, serves: ENDPOINT_MAPPER }),
      shows: "an RPC server without the KMS interface",
      expected: "rpc-interface-unknown",
    },
    {
      ...host("web", 20, 0),
      port: kept(await listen(webServer())).port,
      shows: "a web server",
      expected: "rpc-not-dcerpc",
    },
    {
      ...host("silent", 20, 0),
      port: silent.port,
      shows: "a service that connects and says nothing",
      expected: "rpc-no-answer",
    },
    {
      ...host("closing", 20, 0),
      port: kept(await listen(closingServer())).port,
      shows: "a service that closes on the first bytes",
      expected: "rpc-closed",
    },
    {
      ...host("gone", 30, 0),
      addresses: [],
      shows: "a listed name without any address",
      expected: "address-none",
    },
  ];
}

/** Never closes either: `holdClosed` counts on that. */
function silentServer(): net.Server {
  return net.createServer((socket) => socket.resume());
}

function closingServer(): net.Server {
  return net.createServer((socket) => socket.on("data", () => socket.end()));
}

/** Says 400 to anything that isn't HTTP, which is Node's own way. */
function webServer(): http.Server {
  return http.createServer((_, response) => response.end("a web server\n"));
}

/**
 * Holds a port that refuses for as long as the lab stands: it is the local end of a connection of ours, so nobody
 * listens there and nobody else is given it. Binding a port and closing it again would leave it to the next taker.
 *
 * @param busyPort any port here that accepts and stays open
 */
async function holdClosed(busyPort: number): Promise<Service> {
  const { signal } = new AbortController();
  const to = { address: LOOPBACK, port: busyPort };
  const result = await connect(to, { timeoutMs: 10_000, signal, clock: monotonicClock });
  if (result.end !== "connected") throw new Error(`loopback connection: ${result.end}`);
  const { connection } = result;
  return { port: connection.local.port, stop: async () => connection.close() };
}

function lookOf(meets: FullQueue["meets"]): Pick<LabHost, "shows" | "expected"> {
  if (meets === "silent")
    return { shows: "a port whose queue is full: attempts are dropped", expected: "tcp-no-answer" };
  if (meets === "connected") return { shows: "a port that is never accepted on", expected: "rpc-no-answer" };
  const expected = meets.errno === "ECONNREFUSED" ? "tcp-refused" : "tcp-reset";
  return { shows: "a port whose queue is full: attempts are reset", expected };
}

type Half = Service & Pick<LabHost, "addresses" | "shows" | "expected">;

/** Serves at 127.0.0.1 and not at ::1. A machine without ::1 can't show that, and has a plain KMS host here. */
async function startHalf(): Promise<Half> {
  for (let tries = 1; ; tries++) {
    const service = await listen(createResponder(KMS));
    try {
      const other = await listen(net.createServer(), { address: "::1", port: service.port });
      await other.stop();
      const shows = "a KMS host listed with an IPv4 and an IPv6 address that serves at the IPv4 one only";
      return { ...service, addresses: [LOOPBACK, "::1"], shows, expected: "endpoint-partly-serves" };
    } catch (error) {
      // Somebody else listens at ::1 on that port: try another.
      if (errnoOf(error) === "EADDRINUSE" && tries < 20) {
        await service.stop();
        continue;
      }
      const shows = "a KMS host (::1, to be left unanswered, could not be had on this machine)";
      return { ...service, addresses: [LOOPBACK], shows, expected: "rpc-serves" };
    }
  }
}
