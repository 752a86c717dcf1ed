/**
 * The labels that Windows' tools print, by language: keys are values, labels come second. `de`, `fr`... of slmgr are
 * holes where no output in that language was found in public; what is here was read on 2026-11-27.
 */
import { languageNamed, row } from "./label-row.ts";
import type { Language, LabelRow } from "./label-row.ts";
import { REMEMBERED } from "./labels-remembered.ts";

export const LABEL_ROWS: readonly LabelRow[] = [
  ...REMEMBERED,
  slmgr("serviceVersion", {
    en: ["Software licensing service version"],
    "zh-CN": ["软件授权服务器版本"],
    es: ["Versión del Servicio de licencias de software"],
  }),
  slmgr("product", { en: ["Name"], "zh-CN": ["名称"], es: ["Nombre"] }),
  slmgr("description", { en: ["Description"], "zh-CN": ["描述"], es: ["Descripción"], de: ["Beschreibung"] }),
  slmgr("activationId", { en: ["Activation ID"], "zh-CN": ["激活 ID"], es: ["Id. de activación"] }),
  slmgr("applicationId", { en: ["Application ID"], "zh-CN": ["应用程序 ID"], es: ["Id. de aplicación"] }),
  slmgr("extendedPid", { en: ["Extended PID"], "zh-CN": ["扩展 PID"], es: ["PID extendido"] }),
  slmgr("keyChannel", {
    en: ["Product Key Channel"],
    "zh-CN": ["产品密钥通道"],
    es: ["Canal de clave de producto"],
  }),
  slmgr("installationId", { en: ["Installation ID"], "zh-CN": ["安装 ID"], es: ["Id. de instalación"] }),
  slmgr("useLicenseUrl", { en: ["Use License URL"], es: ["URL de la licencia de uso"] }),
  slmgr("validationUrl", { en: ["Validation URL"], es: ["URL de validación"] }),
  slmgr("partialKey", {
    en: ["Partial Product Key"],
    "zh-CN": ["部分产品密钥"],
    es: ["Clave de producto parcial"],
    ru: ["Частичный ключ продукта"],
    de: ["Product Key (teilweise)", "Teil-Product Key", "Teil-Produktschlüssel"],
    fr: ["Clé de produit partielle"],
  }),
  slmgr("licenceStatus", {
    en: ["License Status"],
    "zh-CN": ["许可证状态"],
    es: ["Estado de la licencia", "Estado de licencia"],
    de: ["Lizenzstatus"],
    ru: ["Состояние лицензии"],
    ja: ["ライセンスの状態"],
    tr: ["Lisans Durumu"],
  }),
  slmgr("notificationReason", { en: ["Notification Reason"], es: ["Razón de la notificación"] }),
  slmgr("expiration", {
    en: ["Volume activation expiration", "Timebased activation expiration", "Time remaining"],
    "zh-CN": ["批量激活过期"],
  }),
  slmgr("rearm", {
    en: ["Remaining Windows rearm count", "Remaining SKU rearm count", "Remaining App rearm count"],
    "zh-CN": ["剩余 Windows 重置计数", "剩余 SKU 重置计数"],
    es: ["Recuento de rearmado de Windows restante", "Recuento de rearmados de SKU restantes"],
  }),
  slmgr("trustedTime", { en: ["Trusted time"], "zh-CN": ["信任时间"], es: ["Hora de confianza"] }),
  slmgr("activationType", { en: ["Configured Activation Type"], "zh-CN": ["已配置的激活类型"] }),
  slmgr("recent", { en: ["Most recent activation information"], "zh-CN": ["最新激活信息"] }),
  slmgr("clientBlock", {
    en: ["Key Management Service client information"],
    "zh-CN": ["密钥管理服务客户端信息"],
  }),
  slmgr("cmid", {
    en: ["Client Machine ID (CMID)"],
    "zh-CN": ["客户端计算机 ID (CMID)"],
    de: ["Clientcomputer-ID (CMID)"],
  }),
  slmgr("kmsFromDns", {
    en: ["KMS machine name from DNS"],
    "zh-CN": ["来自 DNS 的 KMS 计算机名称"],
    de: ["KMS-Computername aus DNS"],
  }),
  slmgr("kmsRegistered", { en: ["Registered KMS machine name"], "zh-CN": ["已注册的 KMS 计算机名称"] }),
  slmgr("kmsLookupDomain", { en: ["Registered KMS SRV record lookup domain"] }),
  slmgr("autoDiscovery", { en: ["DNS auto-discovery"], "zh-CN": ["DNS 自动发现"] }),
  slmgr("kmsIp", { en: ["KMS machine IP address"], "zh-CN": ["KMS 计算机 IP 地址"] }),
  slmgr("kmsPid", {
    en: ["KMS machine extended PID"],
    "zh-CN": ["KMS 计算机扩展的 PID", "KMS 计算扩展的 PID"],
  }),
  slmgr("activationInterval", { en: ["Activation interval"], "zh-CN": ["激活时间间隔"] }),
  slmgr("renewalInterval", { en: ["Renewal interval"], "zh-CN": ["续订间隔"] }),
  slmgr("cachingOn", { en: ["KMS host caching is enabled"], "zh-CN": ["已启用 KMS 主机缓存"] }),
  slmgr("cachingOff", { en: ["KMS host caching is disabled"], "zh-CN": ["已禁用 KMS 主机缓存"] }),
  slmgr("hostBlock", { en: ["Key Management Service is enabled on this machine"] }),
  slmgr("currentCount", { en: ["Current count"] }),
  slmgr("listeningPort", { en: ["Listening on Port"], de: ["Lauschen am Port"] }),
  slmgr("publishingOn", { en: ["DNS publishing enabled"] }),
  slmgr("publishingOff", { en: ["DNS publishing disabled"] }),
  slmgr("kmsPriority", { en: ["KMS priority"] }),
  slmgr("requestsBlock", { en: ["Key Management Service cumulative requests received from clients"] }),
  slmgr("requestsTotal", { en: ["Total requests received"] }),
  slmgr("requestsFailed", { en: ["Failed requests received"] }),
  slmgr("requestsUnlicensed", { en: ["Requests with License Status Unlicensed"] }),
  slmgr("requestsLicensed", { en: ["Requests with License Status Licensed"] }),
  slmgr("requestsInitialGrace", { en: ["Requests with License Status Initial grace period"] }),
  slmgr("requestsExpired", {
    en: ["Requests with License Status License expired or Hardware out of tolerance"],
  }),
  slmgr("requestsNonGenuine", { en: ["Requests with License Status Non-genuine grace period"] }),
  slmgr("requestsNotification", { en: ["Requests with License Status Notification"] }),
  slmgr("evaluationEnd", { en: ["Evaluation End Date"] }),
  slmgr("adBlock", { en: ["AD Activation client information"] }),
  slmgr("activationObject", { en: ["Activation Object name"] }),
  slmgr("activationObjectDetail", { en: ["AO DN", "AO extended PID", "AO activation ID"] }),
  ospp("osppProductId", { en: ["PRODUCT ID"] }),
  ospp("osppSku", { en: ["SKU ID"] }),
  ospp("osppName", { en: ["LICENSE NAME"], "zh-CN": ["许可证名称"] }),
  ospp("osppDescription", { en: ["LICENSE DESCRIPTION"], "zh-CN": ["许可证说明"] }),
  ospp("osppStatus", { en: ["LICENSE STATUS"] }),
  ospp("errorCode", { en: ["ERROR CODE"], "zh-CN": ["错误代码"] }),
  ospp("errorText", { en: ["ERROR DESCRIPTION"], "zh-CN": ["错误信息"] }),
  ospp("betaExpiration", { en: ["BETA EXPIRATION"] }),
  ospp("remainingGrace", { en: ["REMAINING GRACE"] }),
  ospp("lastFive", {
    en: ["Last 5 characters of installed product key"],
    "zh-CN": ["产品密钥的最后五个字符"],
  }),
  ospp("osppActivationType", { en: ["Activation Type Configuration"] }),
  ospp("override", { en: ["KMS machine registry override defined"] }),
  ospp("caching", { en: ["KMS host caching"] }),
  ipconfig("hostName", { en: ["Host Name"], de: ["Hostname"], fr: ["Nom de l'hôte"], "zh-CN": ["主机名"] }),
  ipconfig("primarySuffix", {
    en: ["Primary Dns Suffix"],
    de: ["Primäres DNS-Suffix"],
    fr: ["Suffixe DNS principal"],
    "zh-CN": ["主 DNS 后缀"],
  }),
  ipconfig("searchList", {
    en: ["DNS Suffix Search List"],
    de: ["DNS-Suffixsuchliste"],
    fr: ["Liste de recherche du suffixe DNS"],
    "zh-CN": ["DNS 后缀搜索列表"],
  }),
  ipconfig("connectionSuffix", {
    en: ["Connection-specific DNS Suffix"],
    de: ["Verbindungsspezifisches DNS-Suffix"],
    fr: ["Suffixe DNS propre à la connexion"],
    "zh-CN": ["连接特定的 DNS 后缀"],
  }),
  ipconfig("dhcp", {
    en: ["DHCP Enabled"],
    de: ["DHCP aktiviert"],
    fr: ["DHCP activé"],
    "zh-CN": ["DHCP 已启用"],
  }),
  ipconfig("ipv4", {
    en: ["IPv4 Address", "IP Address", "Autoconfiguration IPv4 Address"],
    de: ["IPv4-Adresse", "IPv4-Adresse (Auto. Konfiguration)"],
    fr: ["Adresse IPv4"],
    "zh-CN": ["IPv4 地址"],
  }),
  ipconfig("dnsServers", {
    en: ["DNS Servers"],
    de: ["DNS-Server"],
    fr: ["Serveurs DNS"],
    "zh-CN": ["DNS 服务器"],
  }),
  ipconfig("mediaState", { en: ["Media State"], de: ["Medienstatus"], fr: ["Statut du média"] }),
  ipconfig("ipconfigOther", {
    en: [
      "Node Type",
      "IP Routing Enabled",
      "WINS Proxy Enabled",
      "Physical Address",
      "Autoconfiguration Enabled",
      "Link-local IPv6 Address",
      "IPv6 Address",
      "Temporary IPv6 Address",
      "Subnet Mask",
      "Lease Obtained",
      "Lease Expires",
      "Default Gateway",
      "DHCP Server",
      "DHCPv6 IAID",
      "DHCPv6 Client DUID",
      "NetBIOS over Tcpip",
    ],
    de: [
      "Knotentyp",
      "IP-Routing aktiviert",
      "WINS-Proxy aktiviert",
      "Physische Adresse",
      "Physikalische Adresse",
      "Autokonfiguration aktiviert",
      "IPv6-Adresse",
      "Temporäre IPv6-Adresse",
      "Verbindungslokale IPv6-Adresse",
      "Subnetzmaske",
      "Lease erhalten",
      "Lease läuft ab",
      "Standardgateway",
      "DHCP-Server",
      "DHCPv6-IAID",
      "DHCPv6-Client-DUID",
      "NetBIOS über TCP/IP",
      "NetBIOS über TCPIP",
    ],
    fr: [
      "Type de noeud",
      "Routage IP activé",
      "Proxy WINS activé",
      "Adresse physique",
      "Configuration automatique activée",
      "Adresse IPv6 de liaison locale",
      "Masque de sous-réseau",
      "Bail obtenu",
      "Bail expirant",
      "Passerelle par défaut",
      "Serveur DHCP",
      "IAID DHCPv6",
      "DUID de client DHCPv6",
      "NetBIOS sur Tcpip",
    ],
    "zh-CN": [
      "节点类型",
      "IP 路由已启用",
      "WINS 代理已启用",
      "物理地址",
      "自动配置已启用",
      "本地链接 IPv6 地址",
      "子网掩码",
      "默认网关",
      "DHCP 服务器",
    ],
  }),
  row("event", "eventId", "tool", { en: ["Event ID", "EventID", "Id"], de: ["Ereignis-ID"] }),
  row("event", "eventTime", "tool", { en: ["Date", "TimeCreated"], de: ["Datum"] }),
  row("event", "eventSource", "tool", { en: ["Source", "ProviderName", "Provider"], de: ["Quelle"] }),
  row("event", "eventLog", "tool", { en: ["Log Name", "LogName"], de: ["Protokollname"] }),
  row("event", "eventOther", "tool", {
    en: [
      "Task Category",
      "Level",
      "LevelDisplayName",
      "Keywords",
      "User",
      "Computer",
      "MachineName",
      "Message",
    ],
    de: ["Aufgabenkategorie", "Ebene", "Schlüsselwörter", "Benutzer"],
  }),
  row("error", "error", "docs", {
    en: ["Error"],
    de: ["Fehler"],
    fr: ["Erreur"],
    es: ["Error"],
    it: ["Errore"],
    pt: ["Erro"],
    ru: ["Ошибка"],
    "zh-CN": ["错误"],
    ja: ["エラー"],
    ko: ["오류"],
    pl: ["Błąd"],
    cs: ["Chyba"],
    tr: ["Hata"],
    nl: ["Fout"],
  }),
];

function slmgr(field: string, labels: LabelRow["labels"]): LabelRow {
  return row("slmgr", field, "tool", labels);
}

function ospp(field: string, labels: LabelRow["labels"]): LabelRow {
  return row("ospp", field, "tool", labels);
}

function ipconfig(field: string, labels: LabelRow["labels"]): LabelRow {
  return row("ipconfig", field, "tool", labels);
}

/** A key already, as most lines are. */
const PLAIN = /^[a-z0-9()]+(?: [a-z0-9()]+)*$/;

/** One label as it is looked up: without case, blanks and the dots that fill a column. */
export function labelKey(text: string): string {
  const low = text.toLowerCase();
  if (PLAIN.test(low)) return low;
  return low
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("’", "'")
    .replace(/\s+/g, " ")
    .replace(/[ .]+$/, "")
    .replace(/^ /, "");
}

export type Label = {
  readonly family: LabelRow["family"];
  readonly field: string;
  readonly language: Language;
};

/** A line that begins with one of them. */
export type Field = { readonly labels: readonly Label[]; readonly value: string };

/** By key; a key that stands for several fields, as `name` does, has them all. */
const TABLE = new Map<string, Label[]>();
for (const { family, field, labels } of LABEL_ROWS) {
  for (const [language, texts] of Object.entries(labels)) {
    for (const text of texts) {
      const key = labelKey(text);
      TABLE.set(key, [...(TABLE.get(key) ?? []), { family, field, language: languageNamed(language) }]);
    }
  }
}

/** Whether a label begins with the same two signs: most lines of other texts are told by them. */
const FIRST = new Set([...TABLE.keys()].map((key) => key.slice(0, 2)));
/** The same by the codes of both, for ASCII: every line of a text is looked up here, many times. */
const ASCII = 128;
const FIRST_ASCII = new Uint8Array(ASCII * ASCII);
for (const key of FIRST)
  for (const first of [key.charAt(0), key.charAt(0).toUpperCase()])
    for (const second of [key.charAt(1), key.charAt(1).toUpperCase()]) {
      const [a, b] = [first.charCodeAt(0), second.charCodeAt(0)];
      if (a < ASCII && b < ASCII) FIRST_ASCII[a * ASCII + b] = 1;
    }

const FOUR = new Set([...TABLE.keys()].map((key) => key.slice(0, 4)));

/** Fast, and wrong towards yes only: most lines of a log begin as no label does. */
export function mayBeLabel(text: string): boolean {
  const first = text.charCodeAt(0);
  const second = text.charCodeAt(1);
  if (first < ASCII && second < ASCII) {
    if (FIRST_ASCII[first * ASCII + second] !== 1) return false;
    // Four letters are those of the key, too, and of three letters with a blank the blank may be its end.
    const four = text.slice(0, 4).toLowerCase();
    return !/^[a-z]{3}[a-z ]$/.test(four) || FOUR.has(four) || FOUR.has(four.trimEnd());
  }
  return FIRST.has(text.slice(0, 2).toLowerCase().slice(0, 2));
}

/**
 * All that a label may mean, in whatever languages have it.
 * @param key the label as it is compared: see `labelKey`
 */
export function labelsFor(key: string): readonly Label[] {
  return TABLE.get(key) ?? [];
}

/** Labels that are not plain ASCII: what tells one code page from another. */
const FOREIGN = [...TABLE.keys()].filter((key) => /[^ -~]/.test(key));

/** How many such labels a text holds, each counted once. */
export function labelsIn(text: string): number {
  const low = text.toLowerCase();
  return FOREIGN.filter((key) => low.includes(key)).length;
}
