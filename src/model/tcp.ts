/** What a connect met. */
import { z } from "zod";
import { noAnswer, notSent, ok, skipped } from "./outcome.ts";

export const tcpEvidenceSchema = z
  .discriminatedUnion("outcome", [
    ok(z.strictObject({ tries: z.int().positive() })),
    noAnswer({ tries: z.int().positive() }),
    notSent,
    skipped,
  ])
  .meta({ id: "TcpEvidence" });
export type TcpEvidence = z.infer<typeof tcpEvidenceSchema>;

/** One connect to a port nobody has a reason to listen on, where TCP connected and RPC stayed silent. */
export const controlPortSchema = z
  .strictObject({
    port: z.int(),
    answer: z.string().describe('"connected", "silent", "not-asked" or an errno name'),
  })
  .meta({ id: "ControlPort" });
export type ControlPort = z.infer<typeof controlPortSchema>;
