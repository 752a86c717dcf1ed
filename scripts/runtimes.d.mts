export type RuntimeName =
  | "node14"
  | "node16"
  | "node18"
  | "node20"
  | "node22"
  | "node24"
  | "node26"
  | "node22-arm64"
  | "node22-win"
  | "bun"
  | "deno";

export const RUNTIMES: Readonly<
  Record<RuntimeName, { name: string; version: string; integrity: string; program: string }>
>;

export function runtime(key: RuntimeName): Promise<string>;
