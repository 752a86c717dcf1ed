/** Who answers along the path (--trace). */
import { z } from "zod";

const traceHop = z.strictObject({ ttl: z.int().positive(), address: z.string().nullable() });
export type TraceHop = z.infer<typeof traceHop>;

/** Who answered when a packet expired at each distance; null for a hop that did not. */
const traceWalk = z.strictObject({ hops: z.array(traceHop), reached: z.boolean() }).meta({ id: "TraceWalk" });
export type TraceWalk = z.infer<typeof traceWalk>;

/** The path to the port with TCP, and a control by another way (ICMP or UDP). Null where it could not be walked. */
export const traceSchema = z
  .strictObject({
    program: z.string().nullable(),
    fault: z.string().nullable(),
    port: traceWalk.nullable(),
    control: traceWalk.nullable(),
  })
  .meta({ id: "Trace" });
export type Trace = z.infer<typeof traceSchema>;
