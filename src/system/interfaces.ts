import os from "node:os";

/** The interface that holds a local address, or null. IPv6 zone ids are ignored in the comparison. */
export function interfaceOf(address: string): string | null {
  const plain = withoutZone(address);
  for (const [name, entries] of Object.entries(os.networkInterfaces())) {
    if (entries?.some((entry) => withoutZone(entry.address) === plain)) return name;
  }
  // The whole of 127/8 is on the loopback interface, which lists one address of it.
  return plain.startsWith("127.") && plain !== "127.0.0.1" ? interfaceOf("127.0.0.1") : null;
}

function withoutZone(address: string): string {
  return address.replace(/%.*$/, "").toLowerCase();
}
