/** The exporter's listening socket: HTTP or TLS, and bounded whoever connects. */
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { App } from "./app.ts";
import { isAllowed } from "./client-names.ts";
import { createClientValidity } from "./client-validity.ts";
import { createConnections } from "./connections.ts";
import type { QuickProbe } from "./quick-probe.ts";
import { createSlowReaders } from "./slow-readers.ts";
import { CannotRun, UsageError } from "../targets/usage-error.ts";
import { show } from "../targets/parse.ts";

/** Time for the head of a request, and for all of it: a client that drips is gone by then. */
const HEADERS_MS = 5_000;
const REQUEST_MS = 10_000;
const IDLE_MS = 65_000;
const MOST_HEADER_BYTES = 16_384;
const MOST_HEADERS = 64;

export type Listening = {
  address: string;
  port: number;
  /** For a reload: handshakes from now on use these. */
  renew: (tls: https.ServerOptions, sans: readonly string[] | null) => void;
  close: () => Promise<void>;
};

/** An address; or, by its number, a socket that listens already. */
export type ListenAt = { host: string | undefined; port: number } | { fd: number };

/** The first descriptor that systemd hands over: sd_listen_fds(3). */
const FIRST_INHERITED = 3;

/**
 * A socket that systemd listens on for us, or null.
 *
 * @throws UsageError where there are several: which one is meant?
 */
export function inheritedSocket(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
): { fd: number } | null {
  if (environment["LISTEN_PID"] !== String(pid)) return null;
  const count = Number(environment["LISTEN_FDS"] ?? "0");
  if (count === 0) return null;
  if (count !== 1)
    throw new UsageError(`systemd hands over ${count} sockets: leave one ListenStream= in the unit`);
  return { fd: FIRST_INHERITED };
}

/**
 * `127.0.0.1:9688`, `[::1]:9688`, `:9688` for every address.
 * @throws UsageError
 */
export function parseListen(text: string): { host: string | undefined; port: number } {
  const [, bracketed, plain, portText = ""] =
    /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(portText);
  if (portText === "" || port > 65_535)
    throw new UsageError(
      `--listen '${show(text)}' is not ADDRESS:PORT, such as 127.0.0.1:9688 or [::1]:9688`,
    );
  const host = bracketed ?? plain ?? "";
  return { host: host === "" ? undefined : host, port };
}

export type ListenOptions = {
  at: ListenAt;
  /** Asked before the router. */
  quick: QuickProbe;
  /** Null for HTTP. */
  tls: https.ServerOptions | null;
  /** Names of which a client's certificate must have one; null for any that TLS takes. */
  sans: readonly string[] | null;
  /** So many connections at a time: a scraper has one. */
  clients: number;
  /** For each connection that was ended since there were too many. */
  onCrowded: () => void;
  /** For each connection that was ended since its client did not read. */
  onUnread: () => void;
};

/** @throws CannotRun where the address can't be had */
export async function listen(
  app: App,
  { at, quick, tls, sans, clients, onCrowded, onUnread }: ListenOptions,
): Promise<Listening> {
  const limits = {
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: MOST_HEADER_BYTES,
    handshakeTimeout: HEADERS_MS,
  };
  // Its own Response, without undici's streams: a text is written as it stands.
  // HTTP/1.0 needs no Host, and load balancers and monit leave it out: no answer depends on it.
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: true, hostname: "localhost" });
  const readers = createSlowReaders(onUnread);
  const connections = createConnections(clients, onCrowded);
  const validity = createClientValidity();
  const handle = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    if (tls !== null && validity.isOver(request.socket)) return void request.socket.destroy();
    connections.ask(request, response);
    if (!readers.watch(request, response) || quick(request, response)) return;
    void listener(request, response);
  };
  const secure = tls === null ? null : https.createServer({ ...limits, ...tls }, handle);
  const server = secure ?? http.createServer(limits, handle);
  // One that has yet to shake hands is none of HTTP's, which would leave it open.
  server.on("connection", connections.add);
  let allowed = sans;
  // Before HTTP has it: nothing that was sent is read.
  secure?.prependListener("secureConnection", (socket) => {
    connections.secure(socket);
    validity.add(socket);
    if (allowed !== null && !isAllowed(socket.getPeerCertificate().subjectaltname, allowed)) socket.destroy();
  });
  // One more is taken, so that there is room made for it.
  server.maxConnections = clients + 1;
  server.maxHeadersCount = MOST_HEADERS;
  // What is no HTTP is answered or closed by Node; a handshake that fails is the client's affair.
  server.on("tlsClientError", (_, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const where = "fd" in at ? "the socket of systemd" : `${at.host ?? "*"}:${at.port}`;
      reject(
        new CannotRun(
          `can't listen at ${where} (${error.code ?? error.message}): choose another with --listen`,
        ),
      );
    });
    server.listen(at, resolve);
  });
  const bound = server.address();
  const { address, port } = isInfo(bound) ? bound : { address: "", port: 0 };
  return {
    address,
    port,
    renew(options, names) {
      secure?.setSecureContext(options);
      allowed = names;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        connections.endAll();
      }),
  };
}

function isInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
