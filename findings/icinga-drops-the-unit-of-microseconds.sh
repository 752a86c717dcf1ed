#!/usr/bin/env bash
# Icinga: a plugin's "3us" is 0.000003 to its performance data writers, and its "3µs" is 3.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  want() {
    local there
    there=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null || true)
    if [[ -z $there ]]; then
      DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq --no-install-recommends "$1=$2" >/dev/null
    elif [[ $there != "$2" ]]; then
      printf 'measured with %s %s, and here is %s\n' "$1" "$2" "$there" >&2
      exit 2
    fi
    printf '%s %s\n' "$1" "$2"
  }
  want icinga2-bin 2.13.6-2+deb12u2
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

# Stands where Graphite would: prints what Icinga writes to it.
python3 - >"$work/written" <<'PYTHON' &
import socket
with socket.create_server(("127.0.0.1", 2003)) as server:
    writer, _ = server.accept()
    while data := writer.recv(65536):
        print(data.decode(), end="", flush=True)
PYTHON
for _ in {1..50}; do
  if [[ -n $(ss -Hltn 'sport = :2003') ]]; then break; fi
  sleep 0.1
done
cat >"$work/icinga2.conf" <<'EOF'
const NodeName = "here"
object IcingaApplication "app" { }
object CheckerComponent "checker" { }
object CheckCommand "plugin" { command = [ "/bin/echo", "OK | ascii=3us greek=3µs milli=3ms" ] }
object Host "kms1" {
  check_command = "plugin"
  check_interval = 1s
  retry_interval = 1s
}
object GraphiteWriter "graphite" { }
EOF
folders=()
for name in DataDir CacheDir LogDir InitRunDir SpoolDir; do
  mkdir -m 777 "$work/$name"
  folders+=("-D$name=$work/$name")
done
chmod 755 "$work"
icinga2 daemon -c "$work/icinga2.conf" -DRunAsUser=root -DRunAsGroup=root "${folders[@]}" >"$work/log" 2>&1 &
for _ in {1..150}; do
  if grep -q 'perfdata\.milli\.value' "$work/written"; then break; fi
  sleep 0.2
done

value() { awk -v name=".perfdata.$1.value" 'index($1, name) { print $2; exit }' "$work/written"; }
ascii=$(value ascii)
greek=$(value greek)
milli=$(value milli)
echo "'ascii=3us greek=3µs milli=3ms' of a plugin comes to Graphite as $ascii, $greek and $milli"
[[ $ascii == 0.000003 && $greek == 3 && $milli == 0.003000 ]]
