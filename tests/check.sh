#!/usr/bin/env bash
# make check: what can be known without running the program.
# shellcheck disable=SC2317 # check calls the functions by their names
set -eu
cd "$(dirname "$0")/.."

failed=0
check() {
	local name=$1
	shift
	if output=$("$@" 2>&1); then
		printf '%-14s ok\n' "$name"
	else
		printf '%-14s FAILED: %s\n%s\n' "$name" "$*" "$output"
		failed=1
	fi
}

compile_with() { make --no-print-directory -s -j2 BUILD="build/check-$1" CC="$1" "build/check-$1/quire"; }

tidy() {
	local flags
	flags="-std=c17 -D_GNU_SOURCE -DQUIRE_VERSION=\"\" -Iapp -Ihandlers -Ibuild/check-clang/generated"
	flags="$flags $(pkg-config --cflags libpq hiredis json-c libsodium libsystemd libutf8proc libcmark-gfm icu-i18n icu-uc)"
	# shellcheck disable=SC2016 # expanded by the inner shell
	printf '%s\n' app/*.c handlers/*.c | xargs -P2 -n1 sh -c 'clang-tidy --quiet "$@" -- $0' "$flags"
}

formatted() { clang-format --dry-run --Werror app/*.[ch] handlers/*.[ch] tests/*.h tests/*/*.c; }

static_analysis() {
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr --std=c11 \
		--suppress=syntaxError:app/settings_rows.h --suppress=missingInclude --suppress=missingIncludeSystem -Iapp -Ihandlers app handlers
}

no_arrow_up() { ! grep -nE '#include "(\.\./)?(handlers|queries|answers)' app/*.[ch]; }

no_sql_in_c() { ! grep -nE '"[^"]*\b(SELECT|INSERT INTO|UPDATE|DELETE FROM) ' app/*.c handlers/*.c; }

check gcc compile_with gcc
check clang compile_with clang
check clang-tidy tidy
check cppcheck static_analysis
check clang-format formatted
mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
check shellcheck shellcheck "${scripts[@]}"
check nginx tests/cluster/cluster.sh nginx-test
check arrows no_arrow_up
check sql no_sql_in_c
exit $failed
