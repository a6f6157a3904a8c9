# shellcheck shell=bash disable=SC1091,SC2034,SC2153,SC2154 # variables are shared with cluster.sh
# Part of cluster.sh: its folders and the files the servers are configured by.
#
# $RUN holds env and, where www-data can enter it, everything else too. $home is where the cluster lives, $sockets where its
# unix sockets are. What belongs to root there is read by www-data, never written.

# remembered LINK PARENT: a folder of our own below PARENT, where anybody may write. Its name is a guess to others and
# remembered by a symbolic link. Should it vanish and another user take the name, it is not ours.
remembered() {
	local folder
	folder=$(readlink "$1") || folder=
	if [ -L "$folder" ] || [ ! -d "$folder" ] || [ ! -O "$folder" ]; then
		folder=$(mktemp -d "$2/quire-XXXXXX")
		chmod 755 "$folder"
		ln -sfn "$folder" "$1"
	fi
	say "$folder"
}

find_folders() {
	local temporary=${TMPDIR:-/tmp}
	[ -O "$RUN" ] || die "$RUN belongs to $(stat -c %U "$RUN"): be that user, or choose another folder with RUN="
	home=$RUN
	if ! as_user test -x "$RUN"; then
		home=$(remembered "$RUN/where" /var/tmp)
		ln -sfn "$home/logs" "$RUN/logs"
	fi
	cd "$home" || die "Cannot enter $home"
	# A unix socket's path has at most 107 bytes, and lists of them are separated by spaces and commas.
	sockets=$home/sockets
	if [ ${#sockets} -gt 90 ] || [[ $sockets == *[!A-Za-z0-9/._+-]* ]]; then
		as_user test -x "$temporary" || temporary=/tmp
		sockets=$(remembered "$home/short" "$temporary")/sockets
	fi
	install -d -o "$user" -g "$(id -gn "$user")" -m 750 cache logs pids redis temporary "$sockets"
}

# Fills QUIRE_…, $replicas, $pools and $parts, in the order of starting.
read_env() {
	local socket strings
	. "$RUN/env"
	IFS=';' read -r -a strings <<<"$QUIRE_DATABASE_REPLICAS"
	mapfile -t replicas < <(replica_names ${#strings[@]})
	pools=()
	for socket in $QUIRE_POOL_SOCKETS; do
		pools+=("pool-$(basename "$socket" .sock)")
	done
	parts=(primary "${replicas[@]}" redis "${pools[@]}" nginx)
}

write_configuration() {
	[[ $PORT =~ ^[0-9]+$ && $WORKERS =~ ^[1-9][0-9]*$ && $NGINX_WORKERS =~ ^[1-9][0-9]*$ && $REPLICAS =~ ^[1-9]$ ]] ||
		die "PORT, WORKERS, NGINX_WORKERS and REPLICAS are numbers"
	[[ $DELAY =~ ^[0-9]+(ms|s|min)?$ ]] || die "DELAY is a time, such as 2s"
	[[ $POOLS =~ ^[a-z0-9]+(\ [a-z0-9]+)*$ ]] || die "POOLS are names of small letters and digits, separated by one space"
	write_env
	say "$DELAY" >delay
	write_settings
	write_redis
	write_nginx
}

# replica, replica-2, replica-3 …
replica_names() {
	local number
	say replica
	for ((number = 2; number <= $1; number++)); do
		say "replica-$number"
	done
}

port_of() {
	case $1 in
	primary) say 5432 ;;
	replica) say 5433 ;;
	replica-*) say $((5432 + ${1#replica-})) ;;
	esac
}

write_env() {
	local database="host=$sockets port=5432 dbname=quire" replica replicas=() pool pools=()
	for replica in $(replica_names "$REPLICAS"); do
		replicas+=("host=$sockets port=$(port_of "$replica") dbname=quire user=quire")
	done
	for pool in $POOLS; do
		pools+=("$sockets/$pool.sock")
	done
	{
		declare -A values=(
			[QUIRE_URL]="http://localhost:$PORT"
			[QUIRE_DATABASE_PRIMARY]="$database user=quire"
			[QUIRE_DATABASE_REPLICAS]=$(IFS=';' && say "${replicas[*]}")
			[QUIRE_DATABASE_OWNER]="$database user=quire_owner"
			[QUIRE_DATABASE_ADMIN]="$database user=postgres"
			[QUIRE_REDIS]="unix:$sockets/redis.sock"
			[QUIRE_POOL_SOCKETS]="${pools[*]}"
			[QUIRE_CONFIG]="$home/quire.conf"
			[QUIRE_RUN]="$RUN"
			[QUIRE_LOGS]="$home/logs"
			[QUIRE_PIDS]="$home/pids"
		)
		for name in "${!values[@]}"; do
			printf '%s=%s\n' "$name" "${values[$name]@Q}"
		done | sort
	} >"$RUN/env"
}

# quire.conf: a key in $SETTINGS replaces ours, since a doubled one is an error.
write_settings() {
	local key
	{
		printf 'QUIRE_WORKERS=%s\n' "$WORKERS"
		grep -E '^QUIRE_(URL|REDIS|DATABASE_(PRIMARY|REPLICAS|OWNER))=' "$RUN/env" | tr -d "'"
		if [ "$LIMITS" = raise ]; then
			for key in GENERAL LOGIN_ADDRESS LOGIN_EMAIL SIGNUP; do
				printf 'QUIRE_LIMIT_%s=1000000/1\n' $key
			done
			# dozens register at once here, and none is to be turned away
			printf 'QUIRE_PASSWORD_WAITING_MAX=512\nQUIRE_PASSWORD_WAIT_MS=9000\nQUIRE_QUEUE_MS=9000\n'
		fi
		printf '%s\n' "$SETTINGS"
	} | awk -F= 'NF { if (!($1 in line)) key[++n] = $1; line[$1] = $0 } END { for (i = 1; i <= n; i++) print line[key[i]] }' \
		>quire.conf
}

write_redis() {
	local synced=no
	[ "$FSYNC" != on ] || synced=everysec
	cat >redis.conf <<-END
		port 0
		unixsocket $sockets/redis.sock
		unixsocketperm 700
		daemonize yes
		pidfile "$home/pids/redis.pid"
		logfile "$home/logs/redis.log"
		dir "$home/redis"
		# Sessions outlive a restart, and none is evicted.
		save ""
		appendonly yes
		appendfsync $synced
		maxmemory-policy noeviction
	END
}

# The five files that differ from site to site, and what goes to nginx's command line.
write_nginx() {
	local proxy kept socket workers
	. "$RUN/env"
	workers=$((WORKERS * $(wc -w <<<"$QUIRE_POOL_SOCKETS")))
	[ "$NGINX_WORKERS" -le $workers ] || NGINX_WORKERS=$workers
	kept=$((workers / NGINX_WORKERS / 2))
	[ $kept -gt 0 ] || kept=1
	rm -rf nginx site
	mkdir site
	printf 'worker_processes %s;' "$NGINX_WORKERS" >site/global
	for socket in $QUIRE_POOL_SOCKETS; do
		printf 'server unix:%s max_fails=0 max_conns=%s;\n' "$socket" $((16 * WORKERS))
	done >site/sockets.conf
	sed "s/keepalive 2;/keepalive $kept;/" "$project/nginx/quire/upstreams.conf" >site/upstreams.conf
	cp "$project/nginx/quire/limits.conf" site/limits.conf
	# dozens register at once, and wait for their turn where it costs nothing
	[ "$LIMITS" != raise ] || sed -i 's/rate=[0-9]*r/rate=50r/' site/limits.conf
	{
		printf 'listen %s;\n' "$PORT"
		! grep -q . /proc/net/if_inet6 2>/dev/null || printf 'listen [::]:%s;\n' "$PORT"
		printf 'server_name localhost;\nroot nginx/static;\naccess_log logs/access.log quire buffer=32k flush=1s;\n'
	} >site/site.conf
	sed 's|/var/cache/nginx/quire|cache|' "$project/nginx/quire/cache.conf" >site/cache.conf
	for proxy in $TRUSTED_PROXIES; do
		printf 'set_real_ip_from %s;\n' "$proxy"
	done >site/proxies.conf
	copy_nginx
}

copy_nginx() {
	mkdir -p nginx
	cp -R "$project"/nginx/nginx.conf "$project"/nginx/quire.conf "$project"/nginx/quire nginx
	cp site/*.conf nginx/quire
	! grep -q 'rate=50r' site/limits.conf || sed -i -E 's/(zone=quire_hash[a-z_]* burst)=[0-9]+/\1=1000/' nginx/quire.conf
	chmod -R a+rX nginx
}

# What an older program's pages ask for stays.
copy_static() {
	mkdir -p nginx/static
	cp -R --preserve=timestamps "$(dirname "$PROGRAM")/static/." nginx/static
	chmod -R a+rX nginx/static
}

# Templates and static files as they are in the checkout, where $user can read them.
copy_sources() {
	mkdir -p views
	cp --preserve=timestamps "$project"/handlers/views/*.mustache views
	cp --preserve=timestamps "$project"/nginx/static/*.* nginx/static/static
	chmod -R a+rX views nginx/static
}

# nginx -t needs no cluster. For an installation it stands under Debian's own nginx.conf, without its default site.
nginx_test() {
	RUN=$(mktemp -d)
	trap 'rm -rf "$RUN"' EXIT
	home=$RUN sockets=$RUN
	cd "$RUN" || die "Cannot enter $RUN"
	mkdir -p pids logs temporary debian/conf.d
	ln -s /usr/lib/nginx/modules modules
	write_configuration
	nginx -t -q -p "$RUN/" -c nginx/nginx.conf -e stderr -g "$(cat site/global)"

	cp "$project/nginx/quire.conf" debian/conf.d
	cp -R "$project/nginx/quire" debian
	sed -e '/^user\|sites-enabled/d' -e 's|/run/||; s|/etc/nginx/conf.d|conf.d|; s|/var/log/nginx|logs|' \
		/etc/nginx/nginx.conf >debian/nginx.conf
	sed -i -e 's|/var/log/nginx|logs|' -e '/^listen/s/80 /8080 /' debian/quire/site.conf
	cp site/cache.conf debian/quire
	nginx -t -q -p "$RUN/" -c debian/nginx.conf -e stderr
}
