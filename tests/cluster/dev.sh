#!/usr/bin/env bash
# make dev: the cluster, with templates, styles and scripts as they are in the checkout. When a source of the program changes
# it is rebuilt and its pools restarted one after the other; nginx is reloaded when its configuration does. Ctrl-C ends the
# watching; the cluster runs on.
set -eu
cd "$(dirname "$0")/../.."
PROGRAM=${PROGRAM:-build/quire}
cluster=tests/cluster/cluster.sh

seen=$(mktemp)
now=$(mktemp)
trap 'rm -f "$seen" "$now"; printf "\nThe cluster runs on; make down stops it.\n"' EXIT
trap 'exit 0' INT TERM

changed() { find "$@" -newer "$seen" -print -quit | grep -q .; }
told() { printf "%(%H:%M:%S)T  %s\n" -1 "$1"; }

# The program knows its templates and static files by their names.
names() { echo handlers/views/*.mustache nginx/static/*.*; }

restart() {
	make -s --no-print-directory all || return
	[ "$PROGRAM" -nt "$seen" ] || return 0
	$cluster migrate && $cluster restart-pool && told "the pools run the new program"
}

$cluster up
$cluster develop
known=$(names)
echo "Watching app, handlers, sql and nginx. Ctrl-C ends that; the cluster runs on."
while sleep 0.5; do
	touch "$now"
	program=no sources=no edge=no
	! changed app handlers sql Makefile -not -path 'handlers/views*' || program=yes
	! changed handlers/views nginx/static || sources=yes
	! changed nginx -not -path 'nginx/static*' || edge=yes
	[ "$known" = "$(names)" ] || program=yes known=$(names)
	touch -r "$now" "$seen"
	[ $sources = no ] || { $cluster develop && told "pages show the new sources"; } || echo "What ran before runs on."
	[ $program = no ] || restart || echo "What ran before runs on."
	[ $edge = no ] || { $cluster reload && told "nginx has its new configuration"; } || echo "What ran before runs on."
done
