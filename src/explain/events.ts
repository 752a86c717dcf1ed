/** Events of activation by number: who logs them, and what they say. From the Volume Activation guides, read 2026-11-27. */
export type EventEntry = { readonly side: "client" | "host"; readonly says: string; readonly next: string };

const EVENTS: Readonly<Record<string, EventEntry>> = {
  "12288": {
    side: "client",
    says: "The client sent a request, or could not. Fields: code, status flags, host:port, CMID, client's time, virtual machine, licence state, minutes left, activation ID, count that is needed.",
    next: "read event 12289 of the same minute: where there is none, no answer came",
  },
  "12289": {
    side: "client",
    says: "The host's answer. Fields: code, status flags, activated or not, unused, the host's current count, activation interval, renewal interval, client's time.",
    next: "compare its fifth field, the count, with the last field of event 12288",
  },
  "12290": {
    side: "host",
    says: "The host got a request, in the log Key Management Service. Fields: code, count that is needed, client's name, CMID, client's time, virtual machine, licence state, minutes left, activation ID.",
    next: "where there is none for a client, its request never arrived",
  },
  "12291": {
    side: "host",
    says: "The Key Management Service did not start.",
    next: "restart the service, and read its code",
  },
  "12292": {
    side: "host",
    says: "The host's renewal timer did not start.",
    next: "restart the service, and read its code",
  },
  "12293": {
    side: "host",
    says: "The host could not publish its record in DNS; the zone stands in the message.",
    next: "see who may write _vlmcs._tcp in that zone; 0x80072338 means that another host owns it, or how the update is signed",
  },
  "12294": { side: "host", says: "The host published its record in DNS.", next: "nothing to do" },
  "12308": {
    side: "client",
    says: "Activation by Active Directory succeeded: KMS was not asked.",
    next: "nothing to do",
  },
  "8198": {
    side: "client",
    says: "Windows tried to activate by itself and failed; its hr is often the umbrella code.",
    next: "read event 12288 or 8233 of the same minute for the real code",
  },
  "8233": {
    side: "client",
    says: "The rules engine's attempt failed; its reason is the real code more often than that of 8198.",
    next: "explain its code",
  },
};

export function eventEntry(id: string): EventEntry | undefined {
  return Object.hasOwn(EVENTS, id) ? EVENTS[id] : undefined;
}

export function knownEvents(): readonly (readonly [string, EventEntry])[] {
  return Object.entries(EVENTS);
}
