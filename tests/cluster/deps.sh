#!/usr/bin/env bash
# deps.sh GROUP…: installs the Debian packages of these groups that are missing, as root or through sudo.
set -eu

declare -A packages=(
	[build]="gcc libc6-dev make pkg-config python3 libfcgi-dev libpq-dev libhiredis-dev libjson-c-dev libsodium-dev
		libsystemd-dev libutf8proc-dev libcmark-gfm-dev libcmark-gfm-extensions-dev libicu-dev brotli"
	[run]="postgresql redis-server nginx libnginx-mod-http-brotli-static curl ca-certificates procps"
	[test]="python3-pytest python3-psycopg2 libcmocka-dev redis-tools systemd systemd-container iproute2
		redis-sentinel pgbouncer pg-auto-failover-cli
		chromium chromium-driver python3-selenium python3-lxml python3-feedparser fonts-dejavu-core"
	[check]="clang libclang-rt-dev clang-tidy clang-format cppcheck shellcheck nginx libnginx-mod-http-brotli-static systemd"
	[bench]="wrk redis-tools python3-psycopg2"
)
servers=(postgresql redis-server redis-sentinel pgbouncer nginx)

# Of the PostgreSQL that this Debian has.
postgresql=$(apt-cache depends postgresql 2>/dev/null | grep -o -m 1 'postgresql-[0-9]*' || true)
[ -z "$postgresql" ] || packages[test]+=" $postgresql-auto-failover"

# Wherever it is from: other packages of Node.js bring an npm of their own, which Debian's would be in the way of.
command -v npm >/dev/null || packages[test]+=" npm"

wanted=()
for group in "$@"; do
	[ -n "${packages[$group]:-}" ] || { echo "deps.sh: no group \"$group\", there are: ${!packages[*]}" >&2; exit 64; }
	read -r -d '' -a names <<<"${packages[$group]}" || true
	wanted+=("${names[@]}")
done

declare -A installed=()
while read -r name state; do
	[ "$state" = installed ] && installed[$name]=yes
done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null)
missing=()
for name in "${wanted[@]}"; do
	[ -n "${installed[$name]:-}" ] || { missing+=("$name"); installed[$name]=soon; }
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || {
		echo "Missing Debian packages, and neither root nor sudo to install them. As root: apt-get install ${missing[*]}" >&2
		exit 1
	}
	echo "Missing Debian packages, to be installed through sudo: ${missing[*]}"
	exec sudo "$0" "$@"
fi

# Debian starts a server when it is installed and again at every boot, on its standard port. The cluster starts its own.
if [ ! -e /usr/sbin/policy-rc.d ]; then
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
fi

apt() { DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 "$@"; }
echo "Installing Debian packages: ${missing[*]}"
if ! apt install --simulate --no-install-recommends "${missing[@]}" >/dev/null 2>&1; then
	echo "Not all are known here: refreshing the lists of packages"
	apt update
fi
apt install -y --no-install-recommends "${missing[@]}" || {
	echo "Trying once more with fresh lists of packages"
	apt update
	apt install -y --no-install-recommends "${missing[@]}"
}

for name in "${servers[@]}"; do
	if [ "${installed[$name]:-}" = soon ] && command -v systemctl >/dev/null; then
		systemctl --quiet disable "$name" 2>/dev/null || true
	fi
done
