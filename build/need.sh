# Sourced. need COMMAND PACKAGE…: installs the Debian packages that bring a command which is missing, or says that they are needed.
need() {
  command -v "$1" >/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    mkdir -p .cache
    [ -e .cache/apt-updated ] || { apt-get update -qq && touch .cache/apt-updated; }
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${@:2}" >/dev/null
  else
    echo "$1 is missing; install ${*:2}." >&2
  fi
}
