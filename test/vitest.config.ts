import { defineConfig } from "vitest/config";

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
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
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
        test: { name: "fuzz", include: ["test/fuzz/**/*.test.ts"], testTimeout: 600_000 },
      },
    ],
  },
});
