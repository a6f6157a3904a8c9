#!/usr/bin/env bash
# make dev: the cluster, with the program rebuilt and its pools restarted one after the other when a source changes, and
# nginx reloaded when its files do. Ctrl-C ends the watching; the cluster runs on.
set -eu
cd "$(dirname "$0")/../.."
PROGRAM=${PROGRAM:-build/quire}
cluster=tests/cluster/cluster.sh

seen=$(mktemp)
now=$(mktemp)
trap 'rm -f "$seen" "$now"; printf "\nThe cluster runs on; make down stops it.\n"' EXIT
trap 'exit 0' INT TERM

changed() { find "$@" -newer "$seen" -print -quit | grep -q .; }

restart() {
	make -s --no-print-directory "$PROGRAM" || return
	[ "$PROGRAM" -nt "$seen" ] || return 0
	$cluster migrate && $cluster restart-pool && printf '%(%H:%M:%S)T  the pools run the new program\n'
}

$cluster up
echo "Watching app, handlers, sql and nginx. Ctrl-C ends that; the cluster runs on."
while sleep 0.5; do
	touch "$now"
	program=no edge=no
	! changed app handlers sql Makefile || program=yes
	! changed nginx || edge=yes
	touch -r "$now" "$seen"
	[ $program = no ] || restart || echo "What ran before runs on."
	[ $edge = no ] || { $cluster reload && printf '%(%H:%M:%S)T  nginx has its new files\n'; } || echo "What ran before runs on."
done
