#!/usr/bin/env bash
# Python asyncio: a name with two addresses that both refuse is no ConnectionRefusedError, but an OSError whose errno is None.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  gone() {
    printf '%s cannot be had from the package registry: it is gone, or there is no way to it\n' "$1" >&2
    exit 2
  }
  want() {
    local there
    there=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null || true)
    if [[ -z $there ]]; then
      DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq --no-install-recommends "$1=$2" >/dev/null || gone "$1=$2"
    elif [[ $there != "$2" ]]; then
      printf 'measured with %s %s, and here is %s\n' "$1" "$2" "$there" >&2
      exit 2
    fi
    printf '%s %s\n' "$1" "$2"
  }
  want python3.11 3.11.2-6+deb12u6
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

printf '127.0.0.1 localhost\n127.0.3.1 one.corp.test two.corp.test\n127.0.3.2 two.corp.test\n' >"$work/hosts"
mount --bind "$work/hosts" /etc/hosts
cat >"$work/try.py" <<'PYTHON'
import asyncio, socket
def kind(error):
    return f"{type(error).__name__}({error.errno})"
async def stream(name):
    try:
        await asyncio.open_connection(name, 1688)
    except OSError as error:
        return kind(error)
def plain(name):
    try:
        socket.create_connection((name, 1688))
    except OSError as error:
        return kind(error)
print(*(f(name) for name in ("one.corp.test", "two.corp.test") for f in (lambda name: asyncio.run(stream(name)), plain)))
PYTHON
# Debian's own: a python3 of somebody else may come first in PATH.
/usr/bin/python3 --version
read -r one one_plain two two_plain <<<"$(/usr/bin/python3 "$work/try.py")"
echo "one address that refuses: open_connection $one, create_connection $one_plain; two: $two, $two_plain"
[[ $one == 'ConnectionRefusedError(111)' && $one_plain == "$one" && $two == 'OSError(None)' && $two_plain == "$one" ]]
