# Sourced from the root of the tree. publish_native RID DIR publishes the program as one native executable for a platform.
# Needs clang, and npm for the source of SQLite: the same version, with the same options, as the shared library of the jitted build.
. build/need.sh

sqlite_package=better-sqlite3@12.4.1
sqlite_sha256=90b7189566ea710ee18361b25d893f5cda3fcf43033223a16384762f53e99a85 # sqlite3.c, 3.50.4
sqlite_options=(
  -DSQLITE_DEFAULT_FOREIGN_KEYS=1 -DSQLITE_DQS=0 -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_ENABLE_COLUMN_METADATA
  -DSQLITE_ENABLE_FTS3 -DSQLITE_ENABLE_FTS3_PARENTHESIS -DSQLITE_ENABLE_FTS4 -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_GEOPOLY
  -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_ENABLE_PREUPDATE_HOOK -DSQLITE_ENABLE_RTREE -DSQLITE_ENABLE_SESSION
  -DSQLITE_ENABLE_SNAPSHOT -DSQLITE_ENABLE_UPDATE_DELETE_LIMIT
)

# The platform that this machine builds for by itself.
native_rid() {
  case "$(uname -s) $(uname -m)" in
    "Linux x86_64") echo linux-x64 ;;
    "Linux aarch64") echo linux-arm64 ;;
    "Darwin arm64") echo osx-arm64 ;;
    MINGW*x86_64 | MSYS*x86_64) echo win-x64 ;;
    *) echo "No native build is made for $(uname -s) $(uname -m)." >&2 && return 1 ;;
  esac
}

sqlite_source() { # prints the folder that has sqlite3.c
  local folder=.cache/sqlite
  if [ ! -e "$folder/sqlite3.c" ]; then
    need npm npm
    mkdir -p "$folder"
    (cd "$folder" && npm pack --silent "$sqlite_package" >/dev/null && tar -xzf ./*.tgz --strip-components=3 package/deps/sqlite3 && rm ./*.tgz)
  fi
  if [ "$(openssl dgst -sha256 -r "$folder/sqlite3.c" | cut -c1-64)" != "$sqlite_sha256" ]; then
    echo "$folder/sqlite3.c is not the source that was expected. Delete the folder and try again." >&2
    return 1
  fi
  echo "$folder"
}

sqlite_library() { # RID; prints the path of the static library
  local folder=$PWD/artifacts/sqlite/$1 file=libe_sqlite3.a source options=(-fPIC)
  source=$(sqlite_source) || return
  case "$1 $(uname -m)" in
    "linux-arm64 x86_64") options=(-fPIC --target=aarch64-linux-gnu) ;;
    win-x64*) options=() file=e_sqlite3.lib folder=$(cygpath -m "$folder") ;;
  esac
  mkdir -p "$folder"
  if [ ! -e "$folder/$file" ]; then
    clang "${options[@]}" -O2 -DNDEBUG "${sqlite_options[@]}" -c "$source/sqlite3.c" -o "$folder/sqlite3.o" || return
    "$(command -v llvm-ar || echo ar)" rcs "$folder/$file" "$folder/sqlite3.o" || return
  fi
  echo "$folder/$file"
}

publish_native() { # RID, folder
  local library
  need clang clang
  case "$1 $(uname -m)" in "linux-arm64 x86_64")
    need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu binutils-aarch64-linux-gnu libc6-dev-arm64-cross
  esac
  library=$(sqlite_library "$1") || return
  rm -rf "$2"
  dotnet publish src/Cli -c Release -r "$1" -o "$2" -p:SqliteLibrary="$library" -p:ContinuousIntegrationBuild=true -v quiet --nologo
}
