#!/bin/sh
# Sees to a Chromium for the tests that open the report as a reader does. It comes from Debian's or Ubuntu's own
# packages; where it cannot be had this says so and goes on, and those tests are skipped.
set -eu

for name in chromium chromium-browser google-chrome; do
	if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done

give_up() {
	echo "No Chromium: $1. The tests that open the report in a browser will be skipped." >&2
	exit 0
}

command -v apt-get >/dev/null 2>&1 || give_up "install it by hand, there is no apt-get here"
test "$(id -u)" = 0 || give_up "install it first (sudo apt-get install chromium)"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if apt-get -q update >"$log" 2>&1 && apt-get -q install -y --no-install-recommends chromium fonts-dejavu-core >>"$log" 2>&1; then
	exit 0
fi
tail -n 5 "$log" >&2
give_up "apt-get could not install it"
