import type { Metafile } from "esbuild";

export type BundledPackage = { name: string; version: string; licence: string; from: string; text: string };

export const NOTICES: string;

export function packagesIn(metafiles: readonly Metafile[]): BundledPackage[];

export function noticesOf(packages: readonly BundledPackage[], legalComments: readonly string[]): string;
