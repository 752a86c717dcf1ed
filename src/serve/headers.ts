/** Headers of answers. */

/** Of every answer. */
export const COMMON_HEADERS = { "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store" } as const;

/** Prometheus' text format. */
export const TEXT = "text/plain; version=0.0.4; charset=utf-8";

export function headersFor(type: string): Record<string, string> {
  return { "Content-Type": type, ...COMMON_HEADERS };
}
