/** Evidence with its verdicts. */
import { z } from "zod";
import { attemptEvidenceSchema, endpointEvidenceSchema, evidenceSchema } from "./evidence.ts";
import { findingSchema } from "./finding.ts";
import { outlookSchema } from "./outlook.ts";
import { verdictSchema } from "./verdict.ts";

const attemptSchema = attemptEvidenceSchema.extend({ verdict: verdictSchema }).meta({ id: "Attempt" });
export type Attempt = z.infer<typeof attemptSchema>;

export const endpointDiagnosisSchema = endpointEvidenceSchema
  .extend({
    attempts: z.array(attemptSchema),
    verdict: verdictSchema,
  })
  .meta({ id: "EndpointDiagnosis" });
export type EndpointDiagnosis = z.infer<typeof endpointDiagnosisSchema>;

export const diagnosisSchema = evidenceSchema
  .extend({
    endpoints: z.array(endpointDiagnosisSchema),
    findings: z.array(findingSchema),
    outlook: outlookSchema.nullable().describe("null for a given list, and where no host is listed"),
    verdict: verdictSchema,
  })
  .meta({ id: "Diagnosis" });
export type Diagnosis = z.infer<typeof diagnosisSchema>;
