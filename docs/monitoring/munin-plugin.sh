#!/bin/sh
# A munin plugin that reads /metrics of `kmsprobe serve`. Install it as /etc/munin/plugins/kmsprobe, executable, and restart
# munin-node. An exporter elsewhere is named in /etc/munin/plugin-conf.d/kmsprobe:
#   [kmsprobe]
#   env.url http://127.0.0.1:9688/metrics
# Always ends with 0: munin throws all values away otherwise. `config` says something even where the exporter doesn't
# answer: what prints nothing when munin-node starts is no service until the next start.
set -u
url=${url:-http://127.0.0.1:9688/metrics}
command=${1:-}

if [ "$command" = autoconf ]; then
  echo yes
  exit 0
fi
# munin-node waits ten seconds for all of it.
curl -sf --max-time 5 "$url" | awk -v command="$command" '
  function label(name) {
    return match($0, "[{,]" name "=\"[^\"]*\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
  }
  function field(text) {
    gsub(/[^A-Za-z0-9_]/, "_", text)
    return "f_" substr(text, 1, 120)
  }
  function add(graph, name, shown, value) {
    if (!((graph, name) in seen)) order[graph, ++count[graph]] = name
    seen[graph, name] = value
    title[graph, name] = shown
  }
  /^kms_probe_success[{]/ {
    shown = label("target") " (" label("module") ")"
    add("served", field(shown), shown, $NF)
  }
  /^kms_host_(serves|rpc_seconds)[{]/ {
    from = label("source") == "" ? "" : " from " label("source")
    shown = label("host") ":" label("port") " at " label("address") from
    add(/^kms_host_serves/ ? "hosts" : "rpc", field(shown), shown, $NF)
  }
  function graph(name, heading, unit,    i, each) {
    print "multigraph kmsprobe_" name
    if (command == "config") {
      print "graph_title " heading
      print "graph_vlabel " unit
      print "graph_category network"
      print "graph_args --lower-limit 0"
    }
    for (i = 1; i <= count[name]; i++) {
      each = order[name, i]
      if (command == "config") {
        print each ".label " title[name, each]
        if (name != "rpc") print each ".critical 1:"
      } else print each ".value " seen[name, each]
    }
  }
  END {
    graph("served", "KMS: targets that are served", "1 is served")
    graph("hosts", "KMS: hosts that serve", "1 serves")
    graph("rpc", "KMS: RPC round trip", "seconds")
  }'
exit 0
