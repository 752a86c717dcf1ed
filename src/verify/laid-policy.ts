/** A policy as it holds at one place: its shape only. */
import type { SocketAddress } from "../model/dns.ts";
import type { Endpoint } from "../model/evidence.ts";
import type { Network } from "../model/source.ts";
import type { ExpectationKind, Level, Position } from "./model.ts";
import type { WrittenExpectation, WrittenSettings } from "./policy.ts";

/** What a kind demands, under its key in the file; targets that were left out are the policy's. */
export type Demand = {
  [Kind in ExpectationKind]: { kind: Kind } & Filled<NonNullable<WrittenExpectation[Kind]>>;
}[ExpectationKind];

type Filled<Spec> = Omit<Spec, "domains" | "hosts"> &
  ("domains" extends keyof Spec ? { domains: string[] } : unknown) &
  ("hosts" extends keyof Spec ? { hosts: NonNullable<Spec["hosts"]> } : unknown);

export type DemandOf<Kind extends ExpectationKind> = Extract<Demand, { kind: Kind }>;

export type Expectation = {
  id: string;
  name: string;
  level: Level;
  at: Position;
  /** As written: interfaces, addresses or names of networks; null leaves it to the system. */
  from: (string | null)[];
  /** Null: all that the policy asks. */
  resolvers: SocketAddress[] | null;
  /** The places it is for, where this is none of them. */
  elsewhere: string[] | null;
  demand: Demand;
};

export type Policy = {
  file: string;
  name: string | null;
  place: string | null;
  domains: string[];
  hosts: Endpoint[];
  /** Empty: those of this machine. */
  resolvers: SocketAddress[];
  networks: Network[];
  /** For what is looked at without an expectation. */
  from: (string | null)[];
  settings: WrittenSettings;
  noise: { ratio: number; floorMs: number };
  expectations: Expectation[];
};
