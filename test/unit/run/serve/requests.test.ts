import { expect, it } from "vitest";
import { createRequests } from "../../../../src/run/serve/requests.ts";
import type { CheckOptions } from "../../../../src/run/request.ts";
import { Stop } from "../../../../src/transport/stop.ts";

async function areSame(options: CheckOptions): Promise<boolean> {
  const requests = createRequests();
  const [first, second] = [await requests(options, new Stop()), await requests(options, new Stop())];
  expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  return first === second;
}

it.each<[string, CheckOptions, boolean]>([
  ["addresses", { hosts: ["127.0.0.1:1688", "[::1]:1688"] }, true],
  [
    "addresses, with a resolver that is named by its address",
    { hosts: ["127.0.0.1"], resolvers: ["127.0.0.1"] },
    true,
  ],
  ["a name, whose resolvers are this machine's", { hosts: ["kms.corp.example"] }, false],
  ["a domain", { domains: ["corp.example"], resolvers: ["127.0.0.1"] }, false],
  ["a source, which may lose its address", { hosts: ["127.0.0.1"], sources: ["127.0.0.1"] }, false],
  ["a file, which may change", { hosts: ["127.0.0.1"], files: [] }, false],
  [
    "clocks, which this machine's resolvers are asked for",
    { hosts: ["127.0.0.1"], settings: { clock: true } },
    false,
  ],
])("a request is made once where nothing that changes is in it: %s", async (_, options, lasting) => {
  expect(await areSame(options)).toBe(lasting);
});

it("what was made for some options is not told for others", async () => {
  const requests = createRequests();
  const [one, other] = [{ hosts: ["127.0.0.1:1"] }, { hosts: ["127.0.0.1:2"] }];
  await requests(one, new Stop());
  expect((await requests(other, new Stop())).hosts?.endpoints).toEqual([{ host: "127.0.0.1", port: 2 }]);
});
