#!/usr/bin/env bash
# Installs the real servers that test/integration and test/e2e talk to, on Debian 12, as root. Safe to run again.
#
# The tests start every server themselves, on loopback and on ports of their own choosing. So no daemon may be
# started by its package: it would sit on a fixed port (53, 80, 22, 445) that nobody asked for.
set -euo pipefail

packages=(
  bind9            # named: zones and views (split horizon)
  bind9-dnsutils   # dig, to look at a server by hand
  knot             # knotd: a second authoritative opinion
  dnsmasq-base     # the binary alone; "dnsmasq" would add a service on port 53
  unbound          # a resolver with local zones, private addresses and forwarders that may be dead
  knot-resolver    # kresd: another
  pdns-recursor    # and another
  dnsdist          # a balancer in front of resolvers
  samba            # samba-dcerpcd and the rpcd_* workers: a real endpoint mapper and lsarpc
  nginx-light      # a web server where an RPC server was expected
  openssh-server   # a service that speaks first
  openssl          # a TLS server, and certificates
  python3          # Debian's own, /usr/bin/python3: python3-impacket belongs to it
  python3-impacket # a second DCE/RPC server
  tshark           # an independent decoder; brings text2pcap and dumpcap
  chrony           # chronyd: a real NTP server. It takes the place of systemd-timesyncd where that is installed
  faketime         # shows a server another time than this machine's
  iproute2         # ip and ss: the network namespaces and cables of test/e2e
  nftables         # nft: its firewalls
  procps           # sysctl: its routers
  util-linux       # unshare, mount, setpriv
  haproxy          # a load balancer in front of a dead backend
  wireguard-go     # WireGuard in user space: the kernel may have none
  wireguard-tools  # wg
  openvpn          # a second VPN
  sshuttle         # a forwarder on the client that accepts for every host; openssh-client is its ssh
  openssh-client
  iptables         # its rules
  redsocks         # another one, over SOCKS
  dante-server     # danted: the SOCKS proxy beyond it
  proxychains4     # a preloaded proxy
  slirp4netns      # user-mode networks, as rootless containers have them
  passt            # pasta, the other of the two
  libnginx-mod-stream # nginx as a forwarder in front of a dead backend
  stunnel4         # and one that speaks TLS
  tinc             # a VPN whose own daemon answers with ICMP
  ocserv           # a VPN over TLS, as Cisco's; its server
  openconnect      # and client
  strongswan-swanctl        # IPsec between two sites: swanctl
  charon-systemd            # its daemon, which runs in the foreground
  libstrongswan-standard-plugins # what it needs of cryptography
  libcharon-extra-plugins   # kernel-libipsec: ESP in user space, where the kernel has none
  mtr-tiny         # a walk along the path, for check --trace
  tmux             # a real terminal for the live view
  gcc              # the many hosts of a sweep are a small C program
  libc6-dev        # its headers
  parallel         # GNU parallel: shards of a sweep, as docs/sharing-a-sweep has it
  python3-yaml     # reads the manifests there
  shellcheck       # and checks the script
  nmap             # beside the sweep in its benchmark; and its XML is read
  chromium         # looks at the page of verify, with axe-core
  python3-html5lib # reads it a second time
  libxml2-utils    # xmllint: JUnit against its schemas
  cmark-gfm        # reads Markdown as GitHub does
  python3-jsonschema        # SARIF, and policies, against theirs
  python3-prometheus-client # reads metrics back
  nagios4-core     # a monitoring core that runs the plugin
  icinga2-bin      # and another; the binary alone
  groovy           # runs the Jenkinsfile of docs/verifying-in-ci
  default-jre-headless # its Java; name it, groovy does not insist on a version
  prometheus       # a real one, and promtool
  prometheus-alertmanager  # where its alerts go
  prometheus-node-exporter # reads the files that verify writes
  prometheus-blackbox-exporter # beside the exporter in its benchmark
  docker-compose   # checks the compose file; without a daemon
  munin-node       # munin-run runs the plugin
  collectd-core    # runs the script of docs/monitoring
  monit            # and a policy as a program
  php-cli          # reads the template with the classes of Zabbix' frontend, which is unpacked below
  zabbix-server-pgsql # discovers from the metrics, and alerts by them
  postgresql-15    # its database
  php-pgsql php-bcmath php-gd php-mbstring php-xml # what its frontend needs, whose API imports the template
  curl             # TLS and passwords, as a client that is not ours
  rsync            # gitlab-ci-local copies with it
  git              # and reads a repository
  systemd          # systemd-analyze
  systemd-container # systemd-nspawn: systemd itself starts the unit of serve
  strace           # which system calls serve makes: its unit permits these and few more
  zsh              # completion is typed in it
  fish             # and in it
  mandoc           # reads the manual pages, and finds fault with them
  wine64           # runs Node.js for Windows
  lintian          # finds fault with the Debian package
  binutils         # strip: what executables are made of
  binutils-aarch64-linux-gnu # and for arm64
  qemu-user-static # runs the executable for arm64
  libc6-arm64-cross      # with its C libraries
  libstdc++6-arm64-cross
  libgcc-s1-arm64-cross
)
# What those packages must have brought; checked at the end.
programs=(
  /usr/sbin/unbound /usr/sbin/kresd /usr/sbin/pdns_recursor /usr/bin/dnsdist
  /usr/local/lib/kmsprobe-test-servers/systemd-resolved
  /usr/sbin/named /usr/sbin/knotd /usr/sbin/dnsmasq /usr/libexec/samba/samba-dcerpcd /usr/sbin/nginx
  /usr/sbin/sshd /usr/bin/openssl /usr/bin/python3 /usr/bin/tshark /usr/bin/text2pcap /usr/bin/dumpcap
  /usr/sbin/chronyd /usr/bin/faketime /usr/sbin/smbd
  /usr/sbin/ip /usr/bin/ss /usr/sbin/nft /usr/sbin/sysctl /usr/bin/unshare /usr/bin/setpriv
  /usr/sbin/haproxy /usr/bin/wireguard-go /usr/bin/wg /usr/sbin/openvpn /usr/bin/mtr /usr/bin/tmux
  /usr/bin/sshuttle /usr/bin/ssh-keygen /usr/sbin/iptables /usr/sbin/redsocks /usr/sbin/danted /usr/bin/proxychains4
  /usr/bin/slirp4netns /usr/bin/pasta /usr/bin/stunnel4 /usr/sbin/tincd
  /usr/sbin/ocserv /usr/sbin/openconnect /usr/sbin/swanctl /usr/sbin/charon-systemd
  /usr/bin/cc /usr/bin/parallel /usr/bin/shellcheck /usr/bin/nmap
  /usr/bin/chromium /usr/bin/xmllint /usr/bin/cmark-gfm /usr/sbin/nagios4 /usr/sbin/icinga2
  /usr/bin/groovy /usr/bin/java /usr/bin/promtool /usr/bin/prometheus /usr/bin/prometheus-alertmanager /usr/bin/prometheus-node-exporter
  /usr/bin/amtool /usr/bin/prometheus-blackbox-exporter /usr/bin/docker-compose /usr/sbin/munin-run /usr/sbin/collectd
  /usr/bin/monit /usr/bin/php /usr/bin/systemd-socket-activate
  /usr/sbin/zabbix_server /usr/lib/postgresql/15/bin/postgres
  /usr/bin/strace /usr/bin/curl /usr/bin/rsync /usr/bin/git /usr/bin/systemd-analyze /usr/bin/systemd-nspawn
  /usr/bin/zsh /usr/bin/fish /usr/bin/mandoc
  /usr/lib/wine/wine64
  /usr/bin/lintian /usr/bin/strip /usr/bin/aarch64-linux-gnu-strip /usr/bin/qemu-aarch64-static
)

if [[ $EUID -ne 0 ]]; then
  echo "install-test-servers: run me as root (apt-get needs it)" >&2
  exit 2
fi

# invoke-rc.d asks this file before it starts a service; 101 means "not allowed". A file that is already
# there (container images often have one) is put back as it was.
policy=/usr/sbin/policy-rc.d
saved=
if [[ -e $policy || -L $policy ]]; then
  saved=$(mktemp -u "$policy.kmsprobe.XXXXXX")
  mv "$policy" "$saved"
fi
restore_policy() {
  rm -f "$policy"
  if [[ -n $saved ]]; then mv "$saved" "$policy"; fi
}
trap restore_policy EXIT
printf '#!/bin/sh\nexit 101\n' > "$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y --no-install-recommends install "${packages[@]}" < /dev/null

# The package of systemd-resolved would put itself into /etc/resolv.conf: its program alone is unpacked.
unpacked=/usr/local/lib/kmsprobe-test-servers
download=$(mktemp -d)
chmod 755 "$download"
(
  cd "$download"
  apt-get -qq download systemd-resolved
  dpkg-deb --fsys-tarfile systemd-resolved_*.deb | tar -x ./lib/systemd/systemd-resolved
)
# And that of Zabbix' frontend would bring a web server and a database: its classes alone check a template.
(
  cd "$download"
  apt-get -qq download zabbix-frontend-php
  dpkg-deb --fsys-tarfile zabbix-frontend-php_*.deb | tar -x ./usr/share/zabbix
)
rm -rf "$unpacked/zabbix"
install -d "$unpacked"
mv "$download/usr/share/zabbix" "$unpacked/zabbix"
install -D "$download/lib/systemd/systemd-resolved" "$unpacked/systemd-resolved"
rm -rf "$download"

missing=0
for program in "${programs[@]}"; do
  if [[ ! -x $program ]]; then
    echo "install-test-servers: $program is not there" >&2
    missing=1
  fi
done
if ! /usr/bin/python3 -c 'from impacket.dcerpc.v5.rpcrt import DCERPCServer' 2> /dev/null; then
  echo "install-test-servers: /usr/bin/python3 has no impacket" >&2
  missing=1
fi
if [[ $missing -ne 0 ]]; then exit 1; fi
echo "install-test-servers: ${#programs[@]} programs and impacket are in place"
