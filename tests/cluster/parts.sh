# shellcheck shell=bash disable=SC2154 # variables are shared with cluster.sh
# Part of cluster.sh: the processes. A part is primary, replica, replica-2 …, redis, pool-NAME or nginx.

postgres=$(pg_config --bindir 2>/dev/null) || postgres=
if [ ! -x "$postgres/initdb" ]; then
	postgres=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
fi

# The process that the part's pid file names.
recorded() {
	local file=$home/pids/$1.pid pid
	case $1 in primary | replica*) file=$home/$1/postmaster.pid ;; esac
	read -r pid 2>/dev/null <"$file" && [[ $pid =~ ^[0-9]+$ ]] && say "$pid"
}

# A number in a file may belong to another process by now. Ours name the cluster's folder or stand in it.
ours() {
	local what
	what="$(tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline") $(readlink "/proc/$1/cwd")/"
	[[ $what == *"$home/"* || $what == *"$sockets/"* ]]
}

running() {
	local pid
	pid=$(recorded "$1") && ours "$pid" && say "$pid"
}
stopped() { ! running "$1" >/dev/null; }
all_run() { for part in "${parts[@]}"; do running "$part" >/dev/null || return 1; done; }
anything_runs() { for part in "${parts[@]}"; do ! running "$part" >/dev/null || return 0; done; return 1; }

# Ends what a killed leader left behind.
sweep() {
	local leader pid
	leader=$(recorded "$1") || return 0
	for pid in $(pgrep -g "$leader"); do
		! ours "$pid" || kill -s KILL "$pid"
	done
	wait_for 5 stopped "$1"
}

# stop SIGNAL PART…: all at once, then waits for each.
stop() {
	local signal=$1 part pid
	shift
	for part in "$@"; do
		! pid=$(running "$part") || kill -s "$signal" "$pid"
	done
	for part in "$@"; do
		wait_for 20 stopped "$part" || say "$part does not stop: it is killed"
		case $part in
		primary | replica*) ! pid=$(running "$part") || kill -s QUIT "$pid" ;;
		*) sweep "$part" && rm -f "pids/$part.pid" ;;
		esac
	done
}

# failed PART: the end of its log, and of this run.
failed() {
	tail -n 5 "logs/$1.log" >&2 || true
	die "$1 does not start: see $home/logs/$1.log"
}

# A data folder gets its name when it is complete. $user may make new/data.
new_folder() {
	rm -rf new
	install -d -o "$user" -m 700 new
}

complete() {
	mv new/data "$1"
	rm -r new logs/making.log
}

sql() { as_user "$postgres/psql" -XqAt -v ON_ERROR_STOP=1 -h "$sockets" -p 5432 -U postgres "$@"; }

start_primary() {
	if [ ! -d primary ]; then
		new_folder
		as_user "$postgres/initdb" -D new/data -U postgres --auth-local=trust --auth-host=reject --locale=C.UTF-8 -E UTF8 \
			--no-instructions --no-sync >logs/making.log 2>&1 || failed making
		as_user tee -a new/data/postgresql.conf >/dev/null <<-END
			listen_addresses = ''
			unix_socket_directories = '$sockets'
			port = 5432
			max_connections = $((WORKERS * $(wc -w <<<"$QUIRE_POOL_SOCKETS") + 100))
			fsync = $FSYNC
			max_slot_wal_keep_size = 2GB
			wal_receiver_status_interval = 1s
			log_line_prefix = '%m [%p] %q%u '
		END
		complete primary
	fi
	start_postgres primary
}

start_replica() {
	local slot=${1//-/_}
	if [ ! -d "$1" ]; then
		sql -d postgres -o /dev/null -c "SELECT pg_create_physical_replication_slot('$slot')
			WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '$slot')"
		new_folder
		as_user "$postgres/pg_basebackup" -D new/data -R -X stream -c fast -S "$slot" --no-sync \
			-d "host=$sockets port=5432 user=postgres application_name=$1" >logs/making.log 2>&1 || failed making
		say "port = $(port_of "$1")" | as_user tee -a new/data/postgresql.conf >/dev/null
		complete "$1"
	fi
	start_postgres "$1" "-c recovery_min_apply_delay=$(cat delay)"
}

# start_postgres PART [OPTIONS]. The number in a crashed server's lock files may be another process now, or a zombie: PostgreSQL
# would refuse to start. Its last children may outlive it by a moment: hence the wait.
start_postgres() {
	local pid
	if pid=$(recorded "$1") && ! wait_for 2 test ! -e "/proc/$pid"; then
		rm -f "$1/postmaster.pid" "$sockets/.s.PGSQL.$(port_of "$1").lock"
	fi
	wait_for 10 as_user "$postgres/pg_ctl" start -s -w -D "$home/$1" -l "$home/logs/$1.log" \
		-o "-c shared_buffers=$BUFFERS ${2:-}" >/dev/null 2>&1 || failed "$1"
}

# Roles, database, schema, and once the content.
prepare_database() {
	if [ "$(sql -d postgres -c "SELECT count(*) FROM pg_database WHERE datname = 'quire'")" = 0 ]; then
		sql -d postgres <"$project/sql/roles.sql"
		sql -d postgres -c "CREATE DATABASE quire OWNER quire_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
	fi
	migrate
	if [ -n "$SEED" ] && [ ! -f seeded ]; then
		read -r -a options <<<"$SEED"
		as_user bin/quire seed --config quire.conf "${options[@]}"
		touch seeded
	fi
}

migrate() { as_user bin/quire migrate --config quire.conf; }

start_redis() {
	sweep redis
	as_user redis-server "$home/redis.conf" >/dev/null 2>&1 || failed redis
	wait_for 5 as_user redis-cli -s "$sockets/redis.sock" ping >/dev/null 2>&1 || failed redis
}

# The program and its static files where $user can read them. A running one keeps its file.
install_program() {
	[ -x "$PROGRAM" ] || die "There is no program $PROGRAM: make build"
	copy_static
	mkdir -p bin
	install -m 755 "$PROGRAM" bin/quire
}

# A pool leads a session of its own. In the inner shell $0 is the part's name, $1 the cluster's folder.
start_pool() {
	local socket=$sockets/${1#pool-}.sock
	sweep "$1"
	# shellcheck disable=SC2016 # expanded by the inner shell
	QUIRE_LISTEN=$socket "${become[@]}" setsid sh -c '
		echo $$ >"pids/$0.pid"
		exec "$1/bin/quire" serve --config "$1/quire.conf" 2>>"logs/$0.log"
	' "$1" "$home" </dev/null >/dev/null 2>&1 9>&- &
	wait_for 5 listening "$socket" || failed "$1"
}

listening() { grep -q " 00010000 .* $1\$" /proc/net/unix; }

start_nginx() {
	sweep nginx
	as_user nginx -p "$home/" -c nginx/nginx.conf -e logs/nginx.log -g "$(cat site/global)" >/dev/null 2>&1 || failed nginx
}

port_taken() { (: <"/dev/tcp/127.0.0.1/${QUIRE_URL##*:}") 2>/dev/null; }

ask_ready() { curl -s --noproxy '*' --max-time 3 "$@" "http://127.0.0.1:${QUIRE_URL##*:}/readyz"; }
ready() { ask_ready -f -o /dev/null; }

# describe PART PID: one line; fails if the part runs and yet does not do its work.
describe() {
	local answer
	case $1 in
	primary) say "host=$sockets port=5432" ;;
	replica*)
		answer=$(sql -d postgres -c "SELECT state || ', ' || pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) || ' bytes behind'
			FROM pg_stat_replication WHERE application_name = '$1'" 2>/dev/null) || true
		say "${answer:-not connected to the primary}"
		[ -n "$answer" ]
		;;
	redis) say "$QUIRE_REDIS" ;;
	pool-*) say "$(pgrep -c -x -P "$2" quire) workers" ;;
	nginx)
		answer=$(ask_ready) || true
		say "$QUIRE_URL ${answer:-does not answer}"
		ready
		;;
	esac
}
