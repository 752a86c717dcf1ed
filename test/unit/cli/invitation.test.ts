import { expect, it } from "vitest";
import { createProgram } from "../../../src/cli/program.ts";
import { invitation } from "../../../src/cli/invitation.ts";

const lab: Parameters<typeof invitation>[0] = {
  resolvers: [{ address: "127.0.0.1", port: 5353 }],
  domain: "lab.test",
  address: "127.0.0.1",
  hosts: [
    { host: "kms2.lab.test", port: 4002, shows: "refuses", expected: "tcp-refused" },
    { host: "kms1.lab.test", port: 4001, shows: "serves", expected: "rpc-serves" },
  ],
};
const told = invitation(lab);

const commands = [...told.matchAll(/^ {2}kmsprobe (.*?)(?: +#.*)?$/gm)].map(([, line = ""]) =>
  line.split(" "),
);

it("has something to try with each command that a lab is something for", () => {
  expect(new Set(commands.map(([name]) => name))).toEqual(
    new Set(["check", "show", "sweep", "verify", "watch", "explain"]),
  );
  expect(told).toContain("sweep 127.0.0.1 -p 4001,4002 -d lab.test -r 127.0.0.1:5353");
  expect(told).toContain("check kms1.lab.test:4001 -r 127.0.0.1:5353   # serves");
});

it.each(commands.map((words) => [words.join(" "), words] as const))("can be pasted: %s", async (_, words) => {
  // Parsed as it is, with what it would do left out.
  const program = createProgram(new AbortController().signal, () => {});
  const [name = ""] = words;
  let ran = 0;
  program.commands.find((command) => command.name() === name)?.action(() => void (ran += 1));
  await program.parseAsync(words, { from: "user" });
  expect(ran).toBe(1);
});

it("asks the lab's resolver wherever a name of the lab is looked up", () => {
  const asking = commands.filter((words) => words.some((word) => word.includes("lab.test")));
  expect(asking.length).toBeGreaterThan(6);
  for (const words of asking) expect(words.join(" ")).toContain("-r 127.0.0.1:5353");
});

it("says how the program of a clone is called, which is on no path", () => {
  expect(invitation(lab, "/home/ada/kmsprobe/dist/kmsprobe.cjs")).toContain(
    "\n  alias kmsprobe='node /home/ada/kmsprobe/dist/kmsprobe.cjs'\n  kmsprobe check ",
  );
  expect(invitation(lab, "/usr/local/bin/kmsprobe")).toBe(told);
  expect(invitation(lab, "/home/ada/it's/dist/kmsprobe.cjs")).toBe(told);
});
