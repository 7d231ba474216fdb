#!/usr/bin/env bash
# Makes the stores of a release and records what its program answers (README.md).
set -euo pipefail
[ $# = 2 ] || { echo "Give the release and its program: $0 0.1 artifacts/bin/Cli/release/simkeeper" >&2; exit 2; }
program=$(realpath "$2")
cd "$(dirname "$0")"
. ../../../../build/postgres.sh
start_postgres fsync=off
export PGHOST=$postgres PGUSER=simkeeper PATH=$postgres_bin:$PATH
node make/make.mjs "$1" "$program"
