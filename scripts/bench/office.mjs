// A small network to wait in: a client, a router, and a subnet behind it that is mostly silent; the same on the client's
// own link; and a loopback full of hosts. Addresses are of these namespaces alone.
import { Namespace } from "./namespace.mjs";
import { startAnswerer } from "./peers.mjs";

/** Behind the router, which drops what is for nobody. */
export const ROUTED = "10.82.0";
/** On the client's own link, where an ARP query for nobody goes unanswered. */
export const ON_LINK = "10.83.0";
/** Behind the router, too: nothing ever comes back from there. */
export const NOWHERE = "10.84.0";
/** Accepts connections, and says nothing: in a subnet of its own, since it holds up whoever sweeps it. */
export const MUTE = "10.85.0.40";
/** Is not there. */
export const SILENT = `${ROUTED}.200`;

const SERVING = [3, 17, 64, 111, 180, 251];
const REFUSING = [9, 90, 150, 222];
const on = (net, lasts) => lasts.map((last) => `${net}.${last}`);

export const serving = (net) => on(net, SERVING);

/** @returns the client's namespace, and how to take all of it down */
export async function buildOffice({ dir, answerer }) {
  const [near, router, far] = ["near", "router", "far"].map((name) => new Namespace(name));
  cable(near, router);
  cable(router, far);
  cable(near, far);
  near.ip(
    "address add 10.81.0.1/30 dev to-router",
    "link set to-router up",
    `address add ${ON_LINK}.1/24 dev to-far`,
    "link set to-far up",
    "route add default via 10.81.0.2",
  );
  router.sysctl("net.ipv4.ip_forward=1");
  router.ip(
    "address add 10.81.0.2/30 dev to-near",
    "link set to-near up",
    "address add 10.81.0.5/30 dev to-far",
    "link set to-far up",
    `route add ${ROUTED}.0/24 via 10.81.0.6`,
    `route add ${NOWHERE}.0/24 via 10.81.0.6`,
    `route add ${MUTE}/32 via 10.81.0.6`,
  );
  const there = [...SERVING, ...REFUSING];
  far.ip(
    "address add 10.81.0.6/30 dev to-router",
    "link set to-router up",
    ...on(ON_LINK, there).map((address) => `address add ${address}/24 dev to-near`),
    "link set to-near up",
    ...[...on(ROUTED, there), MUTE].map((address) => `address add ${address}/32 dev lo`),
    "route add default via 10.81.0.5",
    `route add blackhole ${ROUTED}.0/24`,
    `route add blackhole ${NOWHERE}.0/24`,
  );
  const addresses = [...on(ROUTED, SERVING), ...on(ON_LINK, SERVING), `${MUTE} silent`];
  const peers = await startAnswerer({ namespace: far, program: answerer, addresses, dir });
  return {
    near,
    async stop() {
      await peers.stop();
      for (const each of [near, router, far]) each.remove();
    },
  };
}

/** Each end is called after the other. */
function cable(a, b) {
  const [nameOfA, nameOfB] = [a, b].map(({ name }) => name.split("-").at(-1));
  a.ip(`link add to-${nameOfB} type veth peer name to-${nameOfA} netns ${b.name}`);
}
