/** One look at each line before the recognisers take theirs, one after the other: most lines of other texts begin nothing. */
import type { Line } from "./clean.ts";
import { fieldOf } from "./fields.ts";

/** What a tool's first line begins with where that is no label of the table. A recogniser that has another adds it here. */
const HEADS = [
  // events: their sentences, with or without a label in front
  "Message|Description|<|The |Key Management Service|An activation|Publishing the Key|License Activation|Active Directory",
  // Windows Management and the registry
  "(?:ID|Name|ApplicationID|ProductKeyChannel|ClientMachineID)\\s{0,60}[:=]|License(?:Status|Family)|PartialProductKey",
  "GracePeriodRemaining|RequiredClientCount|VL(?:Activation|Renewal)Interval|Disable(?:Dns|Key)|DnsDomainPublishList|EnableKmsLow",
  "(?:Is|Discovered)?KeyManagementService",
  // ospp.vbs
  "-{3,} ?Processing|Installed product key detected|<?No installed product key|Coordinated Universal|ERROR/HOST",
  // slmgr.vbs /xpr and /ato; a product by itself
  "Windows|Office|Microsoft|Visio|Project|(?:Volume|Timebased|Automatic VM) activation|批量激活|此计算机|De machine",
  "(?:Initial|Additional|Non-genuine|Extended) grace period ends",
  "Activating|正在激活|Product activated|成功地激活",
  // Test-NetConnection, netstat
  "ComputerName|Remote(?:Address|Port)|InterfaceAlias|SourceAddress|Ping(?:Succeeded|ReplyDetails)|TcpTestSucceeded",
  "NameResolution|MatchingIPsecRules|NetworkIsolationContext|NetRoute|IsAdmin|\\p{L}{2,16} ?: (?:TCP connect|Name resolution) |TCP\\s",
  // nc, psping
  "nc: connect|Connection to ",
  // Resolve-DnsName, nslookup
  "DNS request timed out|Resolve-DnsName|(?:Server|Serveur|Servidor|Сервер|服务器|サーバー) ?:",
  // w32tm
  "\\d{1,2}:\\d{2}:\\d{2},? (?:d:|error|[+-])|Stratum ?:",
  // ipconfig
  "Windows.IP|Configura\\S{2,8} (?:de )?IP|Konfiguracja IP|Настройка протокола IP|={5,} ?ipconfig",
];
const HEAD = new RegExp(`^(?:${HEADS.join("|")})`, "iu");

/** What stands anywhere in a first line: a code, telnet's dots, the port of a time server, the record, the service, the end of a product's name or channel. */
const WITHIN =
  /0x(?:[89a-f][0-9a-f]{3}|4004|[0-9a-f]{1,8},|[0-9a-f]{0,7}$)|"[,;]"|\b(?:tnc|Test-(?:Net)?Connection) |(?:12(?:28|29|30)\d|8198|8233)[ |,;"]|\.\.\.|:123\]|_vlmcs|(?:spp|sl)svc|\bedition \(|\b(?:channel|edition)$/i;

/** @returns false where no recogniser takes a piece that begins with this line, whatever stands behind it */
export function mayBegin(line: Line): boolean {
  return line.text !== "" && (HEAD.test(line.text) || WITHIN.test(line.text) || fieldOf(line) !== null);
}
