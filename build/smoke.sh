#!/usr/bin/env bash
# Starts a program's sandbox in an empty folder, reads and changes a SIM through it, and stops it: ./build/smoke.sh PROGRAM
# QEMU=qemu-aarch64-static and the like in front of a program of another processor.
set -euo pipefail
data=$(mktemp -d)
${QEMU:-} "$1" serve --sandbox --urls http://127.0.0.1:0 --data "$data" >"$data/log" &
server=$!
trap 'kill $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -rf "$data"' EXIT
url=
for _ in $(seq 300); do
  url=$(sed -n 's/.*listens on \(http[^ ]*[0-9]\).*/\1/p' "$data/log")
  [ -z "$url" ] || break
  kill -0 $server
  sleep 0.1
done
[ -n "$url" ] || { cat "$data/log" >&2; exit 1; }
call() { curl -fsS -H "$@" >"$data/answer"; }
call 'Authorization: Bearer gpk_sandbox' "$url/projects/sandbox/sims?limit=1"
id=$(grep -o '"id":"sim_[^"]*' "$data/answer" | head -n 1 | cut -d'"' -f4)
call 'Authorization: Bearer gpk_sandbox' -H 'Content-Type: application/json' -X PATCH -d '{"metadata":{"smoke":"yes"}}' "$url/projects/sandbox/sims/$id"
call 'Authorization: Bearer skop_sandbox' "$url/operator/v1/sims/$id"
export SIMKEEPER_URL=$url SIMKEEPER_KEY=skop_sandbox
${QEMU:-} "$1" sims get "$id" --json | grep -q '"smoke":"yes"'
echo "The program works: $1"
