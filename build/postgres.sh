# A PostgreSQL server of this run's own, in a temporary folder, as a user without rights (it refuses root), reached by a socket there.
# To be sourced. `start_postgres [setting=value …]` sets $postgres, its folder; `stop_postgres` ends it and removes the folder.
find_initdb() { type -P initdb || find /usr/lib/postgresql -name initdb 2>/dev/null | sort -V | tail -n 1; }
as_nobody() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }

start_postgres() {
  local settings="-c listen_addresses='' -c max_connections=400" setting
  for setting in "$@"; do settings+=" -c $setting"; done
  postgres_bin=$(dirname "$(readlink -f "$(find_initdb)")")
  postgres=$(mktemp -d)
  trap stop_postgres EXIT
  [ "$(id -u)" != 0 ] || chown postgres "$postgres"
  # Not the collation that the schema wants, so that a text without its own shows.
  (cd "$postgres" && as_nobody "$postgres_bin/initdb" -D data -U simkeeper --auth=trust -E UTF8 --locale-provider=icu --icu-locale=en \
    --locale=C --no-sync >initdb.log)
  (cd "$postgres" && as_nobody "$postgres_bin/pg_ctl" -D data -w -l postgres.log start -o "-k $postgres $settings" >start.log)
}

stop_postgres() {
  as_nobody "$postgres_bin/pg_ctl" -D "$postgres/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$postgres"
}
