#!/usr/bin/env bash
# make fuzz: run.sh FUZZER… runs each for FUZZ_SECONDS. The seeds of corpus/ stay as they are; finds are kept under build/fuzz.
set -eu
cd "$(dirname "$0")/../.."

failed=0
for fuzzer in "$@"; do
	name=${fuzzer##*/fuzz_}
	finds=build/fuzz/$name
	mkdir -p "$finds/corpus"
	if "$fuzzer" -max_total_time="${FUZZ_SECONDS:-10}" -rss_limit_mb=2048 -timeout=5 -artifact_prefix="$finds/" \
		"$finds/corpus" "tests/fuzz/corpus/$name" >"$finds/log" 2>&1; then
		printf '%-12s ok      %s\n' "$name" "$(grep '^Done' "$finds/log")"
	else
		printf '%-12s FAILED  see %s\n' "$name" "$finds/log"
		grep -aE '^SUMMARY|Test unit written|broken promise|ended itself' "$finds/log" || tail -n 5 "$finds/log"
		failed=1
	fi
done
exit $failed
