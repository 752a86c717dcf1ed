import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

/**
 * Files that run beside others: they measure no time and own all that they touch (ports, namespaces, folders). A file
 * that is not named here runs alone, since a neighbour disturbs a clock, and a capture of a whole interface.
 */
const BESIDE_OTHERS = {
  integration: [
    "verify-html",
    "writers-ended",
    "output-everywhere",
    "verify-docs-pipelines",
    "one-verdict",
    "verify-dns",
    "encodings",
    "verify-docs-github",
    "verify-docs-monitoring",
    "verify-formats",
    "compare",
    "local-limits",
    "npm-package",
    "exit-codes",
    "verify",
    "output-faults",
    "terminal",
    "explain-joined",
    "config",
    "sweep-formats",
    "verify-docs",
    "notices",
    "refused-runtimes",
    "manual",
    "grafana-dashboard",
    "library",
    "sweep-docs",
    "merge",
    "demo",
    "bind9",
    "dns-servers",
    "dns-forwarders",
    "check-stream",
    "serve-readers",
    "serve-and-check",
    "serve-heap",
    "serve-systemd",
    "completion",
    "lint",
  ],
  e2e: [
    "examples",
    "across",
    "dns",
    "firewalls",
    "between",
    "looking",
    "vpn",
    "routes",
    "services",
    "verify",
    "sweep-shards",
    "firewalls-ipv6",
    "families",
    "given",
    "limits",
  ],
} as const;

/** How many of them at a time. Of e2e most is waiting: a file of it takes two fifths of a core. */
const AT_A_TIME = { integration: 2, e2e: 3 } as const;

/** A project of the files that run alone, and after it one of those that don't mind a neighbour. */
function split(name: keyof typeof BESIDE_OTHERS): TestProjectInlineConfiguration[] {
  const common = { testTimeout: 60_000, hookTimeout: 60_000 };
  const files = BESIDE_OTHERS[name].map((file) => `test/${name}/${file}.test.ts`);
  const include = [`test/${name}/**/*.test.ts`];
  return [
    { test: { ...common, name, include, exclude: files, fileParallelism: false } },
    {
      test: {
        ...common,
        name: `${name}-beside`,
        include: files,
        maxWorkers: AT_A_TIME[name],
        sequence: { groupOrder: 1 },
      },
    },
  ];
}

// Projects: `unit` touches no network and does not sleep; `integration` talks to real servers and scripted peers on
// loopback; `fuzz` throws random bytes at every decoder; `e2e` runs the built command line in network namespaces, as root.
export default defineConfig({
  test: {
    projects: [
      {
        // No file of them leaves anything behind in the process, so what one has loaded serves the next.
        // React is the one that is published: its development build takes twice as long.
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 10_000,
          isolate: false,
          env: { NODE_ENV: "production" },
        },
        oxc: { jsx: { development: false } },
      },
      ...split("integration"),
      ...split("e2e"),
      {
        // dist/ on every Node.js that it is for, fetched from npm
        test: {
          name: "nodes",
          include: ["test/nodes/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        // dist/ on Node.js for Windows, under Wine
        test: {
          name: "windows",
          include: ["test/windows/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        // what a release has, made once: executables, Debian packages, an image. Nothing is timed, and one file alone has Wine
        test: {
          name: "packages",
          include: ["test/packages/**/*.test.ts"],
          globalSetup: "test/packages/made.ts",
          testTimeout: 120_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
        },
      },
      {
        test: { name: "fuzz", include: ["test/fuzz/**/*.test.ts"], testTimeout: 600_000 },
      },
    ],
  },
});
