/** Lines at which another tool's output begins: where a block before it ends, wherever it was torn. */
import type { Line } from "../clean.ts";
import { fieldOf } from "../fields.ts";

const HEADS =
  /^(?:-{3,} ?Processing|Installed product key detected|SERVICE_NAME|ComputerName +:|Windows-IP-Konfiguration|Windows IP Configuration|Windows IP (?:配置|構成|구성)|(?:Configuration|Configuración|Configurazione|Configuração de|Konfiguracja) IP |Настройка протокола IP|={5,} ?ipconfig|<Event\b|Event\[\d+\]|Log Name|Test-NetConnection|_vlmcs\._tcp|Microsoft \(R\) Windows Script Host|Server: |\*\*\* |Active Connections|Aktive Verbindungen|KeyManagementService|HKEY_LOCAL_MACHINE|PS [A-Z]:\\|[A-Z]:\\[^>]{0,120}>)/;

const OWN = new Set(["ospp", "ipconfig", "event"]);

export function beginsOther(line: Line): boolean {
  if (HEADS.test(line.text)) return true;
  return fieldOf(line)?.labels.every(({ family }) => OWN.has(family)) ?? false;
}
