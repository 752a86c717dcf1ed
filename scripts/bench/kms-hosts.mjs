// The lab's own KMS look-alike on many ports of one address, as a process of its own: node kms-hosts.mjs DIST ADDRESS COUNT.
// Prints the ports in one line of JSON, and stays until it is ended.
import { pathToFileURL } from "node:url";

const [, , bundle = "", address = "127.0.0.1", count = "1"] = process.argv;
const { createResponder, KMS_INTERFACE } = await import(pathToFileURL(bundle).href);
const manner = { serves: KMS_INTERFACE, prefersNdr64: true, closesOnSeveral: false };

const ports = await Promise.all(
  Array.from({ length: Number(count) }, async () => {
    const server = createResponder(manner);
    server.on("connection", (socket) => socket.on("error", () => {}));
    await new Promise((resolve) => server.listen(0, address, resolve));
    return server.address().port;
  }),
);
console.log(JSON.stringify(ports));
process.once("SIGTERM", () => process.exit(0));
