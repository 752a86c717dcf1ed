/** The kernel's table of sockets, as many ask for it at once. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { kernelViewOf } from "../../src/system/kernel.ts";
import { needs } from "./servers/available.ts";

const at = (address: string, port: number): { address: string; port: number } => ({ address, port });

describe.skipIf(needs("linux").skip)("tables of the kernel", () => {
  test("are shared by those who ask at once, and new for whoever asks later", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const states: (string | undefined)[] = [];
    for (let round = 0; round < 3; round += 1) {
      const socket = connect(address.port, "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      await once(socket, "connect");
      const own = at("127.0.0.1", socket.localPort ?? 0);
      const asked = Array.from({ length: 40 }, () => kernelViewOf(own, at("127.0.0.1", address.port)));
      states.push(...(await Promise.all(asked)).map((view) => view?.state));
    }
    expect(states).toEqual(Array.from({ length: 120 }, () => "ESTABLISHED"));
  });
});
