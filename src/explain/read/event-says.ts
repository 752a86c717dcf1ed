/** What an event shows: pure, from its number, its facts and its codes. */
import { claim, codeClaims } from "../claims.ts";
import { step } from "../found.ts";
import type { Claim, Said } from "../found.ts";
import type { Facts } from "../model.ts";

const LOOK_12288 = step(
  "client",
  "Read event 12288 of the same minute: its first field is the real code, its third the host that was tried",
  "Get-WinEvent -FilterHashtable @{LogName='Application'; ProviderName='Microsoft-Windows-Security-SPP'; Id=12288} -MaxEvents 5 | Format-List TimeCreated, Message",
);
const LOOK_12289 = step(
  "client",
  "Event 12289 of the same minute has the host's answer; where there is none, no answer came",
  "Get-WinEvent -FilterHashtable @{LogName='Application'; ProviderName='Microsoft-Windows-Security-SPP'; Id=12289} -MaxEvents 5 | Format-List TimeCreated, Message",
);
const LOOK_12290 = step(
  "kms-host",
  "Where there is no event 12290 for a client, its request never arrived",
  "Get-WinEvent -FilterHashtable @{LogName='Key Management Service'; Id=12290} -MaxEvents 5 | Format-List TimeCreated, Message",
);
const LOOK_CLOCK = step(
  "client",
  "Compare the client's clock with the host's",
  "w32tm /stripchart /computer:<kms host> /samples:3 /dataonly",
);
const LOOK_ZONE = step(
  "dns",
  "See who may write the record, and who owns it; then restart the service on the host and read event 12293 or 12294",
  "Get-DnsServerResourceRecord -ZoneName <zone> -Name _vlmcs._tcp -RRType Srv",
);

export function conclude(id: number, facts: Facts, all: readonly string[]): Said {
  const codes = facts.errorCodes ?? [];
  const claims: Claim[] = [...codeClaims(codes)];
  const clock = codes.includes("0xC004F06C");
  const worked = all.length > 0 && codes.length === 0;
  const said = (
    says: string,
    doesNotTell: string,
    next: Said["next"],
    cause: Said["cause"] = null,
  ): Said => ({
    says,
    doesNotTell,
    next,
    claims,
    cause:
      cause ?? (claims.some(({ state }) => state === "confirmed" || state === "possible") ? null : "unknown"),
  });
  switch (id) {
    case 12288:
      return said(
        clock
          ? "The host was reached and refused the time stamp."
          : worked
            ? "A request was sent."
            : `The client tried ${facts.kmsHost ?? "a host"}, and got ${codes[0] ?? "an answer that is not here"}.`,
        "The host's answer, which is in event 12289; and the time zone of its time.",
        clock ? [LOOK_CLOCK] : [LOOK_12289, LOOK_12290],
      );
    case 12289:
      return answerSays(facts, claims, said);
    case 12290: {
      claims.push(
        claim(
          "connectivity",
          "ruled-out",
          `A request of ${facts.clientName ?? "a client"} arrived at the host`,
          "clientName",
        ),
      );
      const fine = worked ? "none" : null;
      return said(
        clock
          ? "The request arrived, so path and discovery are fine; the host refuses its time stamp."
          : worked
            ? "The request arrived and was processed."
            : `The request arrived, and the host answered ${codes[0] ?? "something"}.`,
        "Whether the count was enough: that is in event 12289 on the client.",
        clock
          ? [step("client", "Read the time source of client and host", "w32tm /query /status"), LOOK_CLOCK]
          : [LOOK_12289],
        fine,
      );
    }
    case 12291:
    case 12292:
      claims.push(
        claim("kms-host", "confirmed", "The Key Management Service did not start on the host", "eventIds"),
      );
      return said("The Key Management Service did not start on the host.", "Why, beyond its code.", [
        step("kms-host", "Restart the service, then read the log again", "Restart-Service sppsvc"),
      ]);
    case 12293:
      claims.push(
        claim(
          "dns",
          "possible",
          `The host could not publish itself${facts.zone === undefined ? "" : ` in ${facts.zone}`}`,
          "eventIds",
        ),
      );
      return said(
        `The host could not publish its record${facts.zone === undefined ? "" : ` in ${facts.zone}`}.`,
        "Whether an older record stands there, or one made by hand.",
        [LOOK_ZONE],
      );
    case 12294:
      return said("The host published its record.", "Whether clients ask under that zone.", [], "none");
    case 12308:
      return said("Activated by Active Directory: KMS was not asked.", "Anything about KMS.", [], "none");
    default:
      return said(
        `Windows tried to activate by itself, and failed${codes[0] === undefined ? "" : ` with ${codes[0]}`}.`,
        "Which host was tried, and the code behind an umbrella code.",
        [LOOK_12288],
      );
  }
}

function answerSays(
  { currentCount, activated, statusFlags }: Facts,
  claims: Claim[],
  said: (says: string, doesNotTell: string, next: Said["next"], cause?: Said["cause"]) => Said,
): Said {
  claims.push(claim("connectivity", "ruled-out", "The host's answer arrived", "statusFlags"));
  const few = statusFlags !== undefined && (Number(statusFlags) & 0x04_00_00_00) !== 0;
  if (few && !claims.some(({ cause }) => cause === "activation-threshold"))
    claims.push(
      claim(
        "activation-threshold",
        "confirmed",
        `The host says that its count of ${currentCount ?? "?"} is too low`,
        "currentCount",
      ),
    );
  const rest = "How many the product needs: that is the last field of event 12288.";
  return said(
    `The host answered with a count of ${currentCount ?? "?"}; ${activated === true ? "the client is activated" : "the client is not activated"}.`,
    rest,
    few ? [step("kms-host", "Read the current count", "cscript //nologo slmgr.vbs /dli")] : [],
    activated === true ? "none" : null,
  );
}
