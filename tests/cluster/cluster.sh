#!/usr/bin/env bash
# The whole system on this machine: PostgreSQL with streaming replicas, Redis, pools of `quire serve`, nginx.
#
#   cluster.sh up                  makes what is not there yet, starts what does not run, prints the address
#   cluster.sh down                stops everything, keeps the data
#   cluster.sh status              shows each part; exits with 1 if one is down
#   cluster.sh logs                follows all logs
#   cluster.sh env                 prints RUN/env, for shells: addresses, folders
#   cluster.sh restart-pool NAME…  one pool after the other on the newly built program; without a name all pools
#   cluster.sh migrate             applies new migrations of the newly built program
#   cluster.sh reload              hands nginx its changed configuration
#   cluster.sh develop             takes templates and static files from the checkout as they are now, until the next `up`
#   cluster.sh forget              down, and the data goes too
#   cluster.sh nginx-test          runs nginx -t on the cluster's configuration and on that of an installation
#
# The environment says how, at an `up` while nothing runs:
#   RUN=build/run        its folder              PROGRAM=build/quire  what to run
#   PORT=8080            nginx's port            NGINX_WORKERS        nginx's processes (one per core)
#   POOLS="a b"          the pools' names        WORKERS=8            workers of each pool
#   SEED="--users 40 …"  content, once; or none  FSYNC=on             off: faster, data may be lost with the machine
#   LIMITS=raise         or default              SETTINGS             lines KEY=VALUE for quire.conf
#   TRUSTED_PROXIES=     addresses whose X-Forwarded-For is believed
#   REPLICAS=1           PostgreSQL's replicas   DELAY=0              how far each stays behind, such as 2s
#   BUFFERS=128MB        PostgreSQL's shared_buffers, at each start
set -eu
umask 022
# What a shell has from another cluster's env file or from libpq's variables must not reach the programs.
unset "${!QUIRE_@}" "${!PG@}"

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
RUN=$(realpath -m "${RUN:-$project/build/run}")
PROGRAM=$(realpath -m "${PROGRAM:-$project/build/quire}")
PORT=${PORT:-8080}
POOLS=${POOLS:-a b}
WORKERS=${WORKERS:-8}
NGINX_WORKERS=${NGINX_WORKERS:-$(nproc)}
SEED=${SEED---users 40 --articles 200 --comments 600 --favorites 800 --follows 200 --tags 25}
FSYNC=${FSYNC:-on}
LIMITS=${LIMITS:-raise}
SETTINGS=${SETTINGS:-}
TRUSTED_PROXIES=${TRUSTED_PROXIES:-}
REPLICAS=${REPLICAS:-1}
DELAY=${DELAY:-0}
BUFFERS=${BUFFERS:-128MB}
PATH=$PATH:/usr/sbin:/sbin

# PostgreSQL refuses root. Root's cluster belongs to www-data, as everywhere on Debian; anybody else's to himself.
user=$(id -un) become=()
if [ "$(id -u)" = 0 ]; then
	user=www-data become=(setpriv --reuid=www-data --regid=www-data --init-groups)
fi
# Descriptor 9 is the lock, which no server may inherit.
as_user() { "${become[@]}" "$@" 9>&-; }

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# wait_for SECONDS COMMAND…: until the command succeeds.
wait_for() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/[.,]/}" -lt $end ] || return 1
		sleep 0.05
	done
}

# shellcheck source=tests/cluster/configuration.sh
. "$project/tests/cluster/configuration.sh"
# shellcheck source=tests/cluster/parts.sh
. "$project/tests/cluster/parts.sh"

start_missing() {
	local part
	for part in "$@"; do
		running "$part" >/dev/null || "start_${part%%-*}" "$part"
	done
}

up() {
	mkdir -p "$RUN"
	find_folders
	exec 9>"$RUN/lock"
	flock 9
	if [ -f "$RUN/env" ] && read_env && anything_runs; then
		if all_run && ready; then
			say "Already up: $QUIRE_URL"
			cmp -s "$PROGRAM" "$home/bin/quire" || say "It runs an older build: tests/cluster/cluster.sh restart-pool"
			return
		fi
		say "Not all of it runs: starting what is missing, configured as the rest"
	else
		write_configuration
		read_env
	fi
	running nginx >/dev/null || ! port_taken ||
		die "Port ${QUIRE_URL##*:} is taken by another program: choose one with PORT="
	install_program
	start_missing primary "${replicas[@]}" redis
	prepare_database
	start_missing "${pools[@]}" nginx
	wait_for 15 ready || die "$QUIRE_URL/readyz does not say that it is ready: $(ask_ready)"
	say "Quire is up: $QUIRE_URL"
}

down() {
	stop QUIT nginx
	stop TERM "${pools[@]}"
	stop TERM redis
	stop INT "${replicas[@]}"
	stop INT primary
}

status() {
	local part pid detail failed=0
	printf '%-10s %-6s %-8s %s\n' part state pid detail
	for part in "${parts[@]}"; do
		if pid=$(running "$part"); then
			detail=$(describe "$part" "$pid") || failed=1
			printf '%-10s %-6s %-8s %s\n' "$part" up "$pid" "$detail"
		else
			printf '%-10s %-6s %-8s %s\n' "$part" DOWN - "see $home/logs/$part.log"
			failed=1
		fi
	done
	return $failed
}

restart_pools() {
	local part
	install_program
	for part in "${pools[@]}"; do
		[ $# = 0 ] || [[ " $* " == *" ${part#pool-} "* ]] || continue
		stop TERM "$part"
		start_pool "$part"
	done
}

reload() {
	copy_nginx
	as_user nginx -q -t -p "$home/" -c nginx/nginx.conf -e stderr -g "$(cat site/global)"
	kill -s HUP "$(running nginx)"
}

develop() {
	copy_sources
	if ! grep -q '^QUIRE_VIEWS=' quire.conf; then
		say "QUIRE_VIEWS=$home/views" >>quire.conf
		say "fastcgi_cache_bypass 1; fastcgi_no_cache 1;" >>site/site.conf
		reload
		restart_pools
	fi
}

forget() {
	local link name
	down
	cd /
	for link in "$home/short" "$RUN/where"; do
		[ ! -L "$link" ] || rm -rf "$(readlink "$link")"
	done
	for name in bin cache logs new nginx pids primary redis site sockets temporary quire.conf redis.conf delay seeded short views where lock env; do
		rm -rf "${RUN:?}/$name"
	done
	rm -rf "${RUN:?}"/replica{,-[2-9]}
	rmdir --ignore-fail-on-non-empty "$RUN"
}

command=${1:-}
[ $# = 0 ] || shift
case $command in
up) up ;;
nginx-test) nginx_test ;;
down | status | logs | env | restart-pool | migrate | reload | develop | forget)
	if [ ! -f "$RUN/env" ]; then
		say "There is no cluster in $RUN"
		[ "$command" = down ] || [ "$command" = forget ]
		exit
	fi
	find_folders
	read_env
	case $command in
	down)
		down
		say "Quire is down; its data stays in $home"
		;;
	status) status ;;
	logs) exec tail -n 20 -F "$home"/logs/*.log ;;
	env) cat "$RUN/env" ;;
	restart-pool) restart_pools "$@" ;;
	migrate)
		install_program
		migrate
		;;
	reload) reload ;;
	develop) develop ;;
	forget)
		forget
		say "Quire is down and forgotten"
		;;
	esac
	;;
*) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" && exit 64 ;;
esac
