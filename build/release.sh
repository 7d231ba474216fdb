#!/usr/bin/env bash
# Makes a release's archives and SHA256SUMS in artifacts/release: ./build/release.sh [linux-x64|linux-arm64|win-x64|osx-arm64 …]
# Without a name, every platform that this machine can build for: its own, and linux-arm64 from linux-x64. No other crosses a system.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/native.sh
own=$(native_rid)
if [ $# = 0 ]; then
  set -- "$own"
  [ "$own" != linux-x64 ] || set -- linux-x64 linux-arm64
fi
version=$(dotnet msbuild src/Cli -getProperty:Version)
# The files bear the time of the commit, so that the same commit makes the same archive.
stamp=$(TZ=UTC git log -1 --format=%cd --date=format-local:%Y%m%d%H%M.%S)
out=$PWD/artifacts/release
rm -rf "$out"
mkdir -p "$out"

# The licences of every package whose code may be in the executable, as the packages state them.
notices() { # RID
  local package
  echo "Simkeeper contains code of the following packages, and SQLite, which is in the public domain."
  {
    sed -n 's/^ *"path": "\([^"]*\)".*/\1/p' artifacts/obj/Cli/project.assets.json
    (cd "$packages" && ls -d "microsoft.netcore.app.runtime.nativeaot.$1"/* "microsoft.aspnetcore.app.runtime.$1"/*)
  } | grep -vE '^\.\./|analyzers/|illink' | sort -u | while read -r package; do
    printf '\n---- %s\n' "$package"
    sed -n 's/.*<license type="expression">\([^<]*\)<.*/Licence: \1/p; s/.*<copyright>\([^<]*\)<.*/\1/p' "$packages/$package"/*.nuspec
    find "$packages/$package" -maxdepth 1 \( -iname 'licen[cs]e*' -o -iname 'third-party-notices*' \) -exec cat {} +
  done
}
packages=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//; s|\\|/|g; s|/$||')

archive() { # name of the folder; makes NAME.tar.gz, or NAME.zip on Windows
  (
    cd artifacts/release-files
    TZ=UTC find "$1" -exec touch -t "$stamp" {} +
    if [ "$own" = win-x64 ]; then
      powershell -NoProfile -Command "Compress-Archive -Path '$1' -DestinationPath '$(cygpath -w "$out")\\$1.zip'"
    elif tar --version | grep -q GNU; then
      tar --sort=name --format=ustar --owner=0 --group=0 --numeric-owner -cf - "$1" | gzip -n9 >"$out/$1.tar.gz"
    else
      tar --format=ustar --uid 0 --gid 0 --numeric-owner -cf - "$1" | gzip -n9 >"$out/$1.tar.gz"
    fi
  )
}

rm -rf artifacts/release-files
for rid in "$@"; do
  name=simkeeper-$version-$rid
  publish_native "$rid" "artifacts/release-files/$name"
  cp LICENSE README.md "artifacts/release-files/$name/"
  notices "$rid" >"artifacts/release-files/$name/THIRD-PARTY-NOTICES.txt"
  archive "$name"
done
(cd "$out" && openssl dgst -sha256 -r simkeeper-* >SHA256SUMS)
cat "$out/SHA256SUMS"
