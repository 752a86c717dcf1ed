// Writes docs/monitoring/grafana-dashboard.json with Grafana's own builders. The data source is a variable, so that the
// file works when it is imported and when it is provisioned; ids and refIds are set, which the builders leave out.
import { readFileSync, writeFileSync } from "node:fs";
import {
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  MappingType,
  QueryVariableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as Timeline } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as Series } from "@grafana/grafana-foundation-sdk/timeseries";

const FILE = "docs/monitoring/grafana-dashboard.json";
const SOURCE = { type: "prometheus", uid: "${datasource}" };
const CHOSEN = 'place=~"$place",target=~"$target"';

const query = (expr, legend) =>
  new DataqueryBuilder().datasource(SOURCE).refId("A").expr(expr).legendFormat(legend);

const panel = (builder, title, [expr, legend], { span = 12, height = 8, unit = "short" } = {}) =>
  builder
    .title(title)
    .datasource(SOURCE)
    .unit(unit)
    .span(span)
    .height(height)
    .withTarget(query(expr, legend));

// Without colours of its own Grafana draws 0 and 1 in the same green.
const says = (texts) => [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(texts).map(([value, [text, color]], index) => [value, { text, color, index }]),
    ),
  },
];
const YES_NO = says({ 1: ["yes", "green"], 0: ["no", "red"] });
const VERDICT = says({ 1: ["seen", "blue"] });
const steps = (...values) =>
  new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(values.map(([value, color]) => ({ value, color })));

const stat = () => new Stat().reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]));

/** One line a place and host: it takes its name to tell them apart. */
const series = () =>
  new Series()
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
    .tooltip({ build: () => ({ mode: TooltipDisplayMode.Multi, sort: SortOrder.Descending }) });

const of = (metric) => `${metric}{${CHOSEN}}`;
const variable = (name, label) =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(SOURCE)
    .query(`label_values(kms_probe_success, ${name})`)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ selected: true, text: "All", value: "$__all" });

const dashboard = new DashboardBuilder("KMS, as kmsprobe sees it")
  .uid("kmsprobe")
  .tags(["kms", "kmsprobe"])
  .refresh("1m")
  .time({ from: "now-6h", to: "now" })
  .timezone("browser")
  .withVariable(new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"))
  .withVariable(variable("place", "Place"))
  .withVariable(variable("target", "Target"))
  .withPanel(
    panel(stat().mappings(YES_NO), "Served", [of("kms_probe_success"), "{{place}} {{target}}"], {
      span: 8,
      height: 5,
    }),
  )
  .withPanel(
    panel(
      stat().thresholds(steps([null, "red"], [1, "green"])),
      "Hosts that serve",
      [`sum by (place, target) (kms_source_hosts{${CHOSEN},state="serving"})`, "{{place}} {{target}}"],
      { span: 8, height: 5 },
    ),
  )
  .withPanel(
    panel(
      stat().thresholds(steps([null, "red"], [0.5, "orange"], [1, "green"])),
      "First host tried serves",
      [of("kms_outlook_first_try_ratio"), "{{place}} {{domain}}"],
      {
        span: 8,
        height: 5,
        unit: "percentunit",
      },
    ),
  )
  .withPanel(
    panel(
      new Timeline().mappings(YES_NO),
      "Who serves, place by host",
      [`min by (place, host, address) (${of("kms_host_serves")})`, "{{place}}: {{host}} {{address}}"],
      { span: 24, height: 9 },
    ),
  )
  .withPanel(
    panel(
      new Timeline().mappings(VERDICT),
      "Verdicts",
      [`max by (place, host, verdict) (${of("kms_host_verdict")})`, "{{place}}: {{host}} {{verdict}}"],
      { span: 24, height: 9 },
    ),
  )
  .withPanel(
    panel(
      series(),
      "RPC round trip by host",
      [of("kms_host_rpc_seconds"), "{{place}}: {{host}} {{address}}"],
      { unit: "s" },
    ),
  )
  .withPanel(
    panel(
      series(),
      "TCP connect, 95th percentile",
      [
        `histogram_quantile(0.95, sum by (le, place, target) (rate(kms_tcp_connect_duration_seconds_bucket{${CHOSEN}}[$__rate_interval])))`,
        "{{place}} {{target}}",
      ],
      { unit: "s" },
    ),
  )
  .withPanel(
    panel(
      series(),
      "Lost on silent hosts before one serves",
      [of("kms_outlook_lost_seconds"), "{{place}} {{domain}}"],
      { unit: "s" },
    ),
  )
  .withPanel(
    panel(series(), "SRV records by resolver", [
      of("kms_srv_records"),
      "{{place}}: {{domain}} at {{resolver}}",
    ]),
  )
  .build();

dashboard.panels.forEach((each, index) => (each.id = index + 1));
const text = `${JSON.stringify(dashboard, null, 2)}\n`;
if (!process.argv.includes("--check")) writeFileSync(FILE, text);
else if (readFileSync(FILE, "utf8") !== text) {
  console.log(`${FILE} is not what scripts/dashboard.mjs says: run it`);
  process.exitCode = 1;
}
