// dns-packet ships no types, and those of @types lack what we need: the functions and the fields we use.
declare module "dns-packet" {
  export type Question = { name: string; type: string; class: string };

  export type ResourceRecord = {
    name: string;
    type: string;
    class?: string;
    ttl?: number;
    data?: unknown;
    udpPayloadSize?: number;
    extendedRcode?: number;
    ednsVersion?: number;
  };

  export type Packet = {
    id: number;
    type: "query" | "response";
    flags: number;
    opcode: string;
    questions: Question[];
    answers: ResourceRecord[];
    authorities: ResourceRecord[];
    additionals: ResourceRecord[];
  };

  type Outgoing = {
    id: number;
    type: "query" | "response";
    flags: number;
    questions: { name: string; type: string; class?: string }[];
    answers?: object[];
    authorities?: object[];
    additionals?: object[];
  };

  const dnsPacket: {
    encode(packet: Outgoing): Uint8Array;
    decode(bytes: Uint8Array): Packet;
    RECURSION_DESIRED: number;
  };
  export default dnsPacket;
}
