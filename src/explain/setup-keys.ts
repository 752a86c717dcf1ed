/**
 * The last five characters of Microsoft's public client setup keys, which is what the tools print of an installed key.
 * From the pages "KMS client activation and product keys" and "GVLKs for KMS ... of Office", read 2026-11-27.
 */
const SETUP_KEYS: Readonly<Record<string, string>> = {
  T83GX: "Windows 10/11 Pro",
  GCQG9: "Windows 10/11 Pro N",
  "6Q84J": "Windows 10/11 Pro for Workstations",
  VCFB2: "Windows 10/11 Education",
  "2YT43": "Windows 10/11 Enterprise",
  KHJW4: "Windows 10/11 Enterprise N",
  J462D: "Windows Enterprise LTSC 2019, 2021 or 2024",
  QJ4BJ: "Windows 10 Enterprise LTSB 2016",
  HVTHH: "Windows 7 Enterprise",
  MY832: "Windows Server 2025 Standard",
  YP6DF: "Windows Server 2025 Datacenter",
  VMK7H: "Windows Server 2022 Standard",
  "6VM33": "Windows Server 2022 Datacenter",
  J464C: "Windows Server 2019 Standard",
  "63DFG": "Windows Server 2019 Datacenter",
  KHKQY: "Windows Server 2016 Standard",
  "8XDDG": "Windows Server 2016 Datacenter",
  MDVJX: "Windows Server 2012 R2 Standard",
  Q3VJ9: "Windows Server 2012 R2 Datacenter",
  "92BT4": "Windows Server 2012 Standard",
  "8W83P": "Windows Server 2012 Datacenter",
  R7VHC: "Windows Server 2008 R2 Standard",
  "7M648": "Windows Server 2008 R2 Datacenter",
  GCVGB: "Office LTSC Professional Plus 2024",
  "6F7TH": "Office LTSC Professional Plus 2021",
  "6MWKP": "Office Professional Plus 2019",
  WFG99: "Office Professional Plus 2016",
  H6HGR: "Office LTSC Standard 2024",
  "78VT3": "Office LTSC Standard 2021",
  "9D9HK": "Office Standard 2019",
  DRTFM: "Office Standard 2016",
};

/** @returns the product whose public setup key ends so, or null */
export function setupKeyOf(lastFive: string): string | null {
  return Object.hasOwn(SETUP_KEYS, lastFive) ? (SETUP_KEYS[lastFive] ?? null) : null;
}

export function knownSetupKeys(): readonly (readonly [string, string])[] {
  return Object.entries(SETUP_KEYS);
}
