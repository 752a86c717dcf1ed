#!/usr/bin/env bash
# Ruby: Resolv::DNS#getresources is an empty list for a name that does not exist, for REFUSED and for a closed port alike; nothing is raised.
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
  # One program: unpacked here, so that no service is installed.
  fetch() {
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$1" 2>/dev/null && dpkg -x "${1%%=*}"_*.deb .) || gone "$1"
    printf '%s\n' "${1/=/ }"
  }
  want bind9 1:9.18.49-1~deb12u3
  fetch ruby3.1=3.1.7+really3.1.2-0+deb12u1
  fetch libruby3.1=3.1.7+really3.1.2-0+deb12u1
  # Its own network and processes: all of it is gone with the last line.
  unshare --net --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" inside "$work"
  exit
fi
work=$2
ip link set lo up

printf '$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n_vlmcs._tcp SRV 0 0 1688 kms1\n' >"$work/zone"
cat >"$work/named.conf" <<EOF
options {
  directory "$work"; pid-file none; listen-on port 53 { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; session-keyfile none;
};
controls { };
zone "corp.test" { type primary; file "$work/zone"; };
EOF
named -g -n 1 -c "$work/named.conf" >"$work/named.log" 2>&1 &
for _ in {1..100}; do
  if grep -q ' running$' "$work/named.log" && [[ -n $(ss -Hlun 'sport = :53') ]]; then break; fi
  sleep 0.1
done
cat >"$work/try.rb" <<'EOF'
require "resolv"
def ask(server, name)
  resolver = Resolv::DNS.new(nameserver: [server], search: [], ndots: 1)
  resolver.getresources(name, Resolv::DNS::Resource::IN::SRV).map { |record| record.target.to_s }.inspect
rescue StandardError => error
  error.class.to_s
end
puts "listed: #{ask("127.0.0.1", "_vlmcs._tcp.corp.test")}"
puts "no such name: #{ask("127.0.0.1", "_kms._tcp.corp.test")}"
puts "refused: #{ask("127.0.0.1", "_vlmcs._tcp.other.test")}"
puts "closed port: #{ask("127.0.0.9", "_vlmcs._tcp.corp.test")}"
EOF
libraries=$(echo "$work"/usr/lib/*-linux-gnu)
seen=$(LD_LIBRARY_PATH=$libraries RUBYLIB=$work/usr/lib/ruby/3.1.0:$libraries/ruby/3.1.0 "$work/usr/bin/ruby3.1" --disable-gems "$work/try.rb")
echo "What getresources gives for the SRV records of a name:"
echo "$seen"
[[ $seen == $'listed: ["kms1.corp.test"]\nno such name: []\nrefused: []\nclosed port: []' ]]
