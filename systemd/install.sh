#!/usr/bin/env bash
# install.sh PROGRAM DESTDIR PREFIX: what `make install` does. Of the configuration, what a sysadmin edits is kept.
set -eu
program=$1 destination=$2 prefix=$3
cd "$(dirname "$0")/.."

# as_installed FILE: its text, with the prefix in its paths.
as_installed() { sed "s#/usr/\(bin/quire\|share/\)#$prefix/\1#" "$1"; }

# put FILE PLACE
put() { as_installed "$1" | install -D -m 644 /dev/stdin "$destination$2"; }

# put_edited FILE PLACE MODE: an existing one stays as it is, a new sample is laid beside it.
put_edited() {
	local place=$destination$2
	if [ -e "$place" ] && ! as_installed "$1" | cmp -s - "$place"; then
		place=$place.new
		echo "$2 is kept, see $2.new"
	fi
	as_installed "$1" | install -D -m "$3" /dev/stdin "$place"
}

install -D -m 755 "$program" "$destination$prefix/bin/quire"

for unit in quire.target quire@.socket quire@.service quire-migrate.service {quire@,quire-migrate}.service.d/sandbox.conf; do
	put "systemd/$unit" "$prefix/lib/systemd/system/$unit"
done
put systemd/quire.sysusers "$prefix/lib/sysusers.d/quire.conf"
put systemd/quire.tmpfiles "$prefix/lib/tmpfiles.d/quire.conf"
put_edited systemd/quire.conf /etc/quire/quire.conf 640

put nginx/quire.conf /etc/nginx/sites-available/quire
put nginx/quire/fastcgi.conf /etc/nginx/quire/fastcgi.conf
put nginx/quire/handlers.conf /etc/nginx/quire/handlers.conf
put nginx/quire/headers.conf /etc/nginx/quire/headers.conf
put nginx/quire/pages.conf /etc/nginx/quire/pages.conf
put nginx/quire/upstreams.conf /etc/nginx/quire/upstreams.conf
for file in cache sockets limits site proxies; do
	put_edited "nginx/quire/$file.conf" "/etc/nginx/quire/$file.conf" 644
done

# What an older program's pages ask for stays.
(cd "$(dirname "$program")" && find static -type f -exec install -D -m 644 -p {} "$destination$prefix/share/quire/{}" \;)
put sql/roles.sql "$prefix/share/quire/sql/roles.sql"
put systemd/README "$prefix/share/doc/quire/README.Debian"
for file in README.md CHANGELOG.md LICENSE; do
	put "$file" "$prefix/share/doc/quire/$file"
done
