/** The texts of `explain --here`: what this Windows says of its own activation. */
import { outputOf, READINGS } from "../system/licensing.ts";
import { UsageError } from "../targets/usage-error.ts";

/** By the command that printed it. What printed nothing is not there. */
export async function readOwnActivation(
  signal: AbortSignal,
  platform: NodeJS.Platform = process.platform,
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (platform !== "win32")
    throw new UsageError(
      "--here reads the activation of the Windows that it runs on, and this is none: run slmgr.vbs /dlv and ipconfig /all there, and give what they print to kmsprobe explain FILE",
    );
  const texts = new Map<string, Uint8Array>();
  for (const reading of READINGS) {
    if (signal.aborted) break;
    const bytes = await outputOf(reading, signal);
    if (bytes.length > 0) texts.set(reading.name, bytes);
  }
  return texts;
}
