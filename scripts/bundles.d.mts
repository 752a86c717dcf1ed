import type { Metafile } from "esbuild";

export function bundled(): Promise<{
  files: Map<string, string>;
  metafiles: Metafile[];
  legalComments: string[];
}>;
