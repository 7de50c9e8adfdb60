#!/bin/sh
# Says, before anything is downloaded, what this machine lacks to build Sutra: one sentence for each thing missing,
# with how to mend it, and exit code 1. Prints the path of the Python it chose when all is there.
#
# Installs nothing, writes nothing into the checkout and never touches the network. Plain POSIX sh, because it has to
# run where nothing else is there yet.

set -u

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
missing=0

# An activated venv is what may be made anew: it must not be made from itself.
PATH=$(printf '%s' "$PATH" | sed "s|$root/venv/bin:||g")

lacks() {
    printf 'setup: %s\n' "$1" >&2
    missing=1
}

# at_least HAVE WANT: compares "major.minor" numerically.
at_least() {
    have_major=${1%%.*} have_rest=${1#*.} want_major=${2%%.*} want_minor=${2#*.}
    have_minor=${have_rest%%.*}
    [ "$have_major" -gt "$want_major" ] || { [ "$have_major" -eq "$want_major" ] && [ "$have_minor" -ge "$want_minor" ]; }
}

# The first Python that is new enough, the plain name first; $PYTHON, when set, is the only candidate.
find_python() {
    found_version=
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        if at_least "$version" "$1"; then
            python=$(command -v "$candidate")
            return 0
        fi
        found_version=${found_version:-$version}
    done
    return 1
}

check_python() {
    if ! find_python 3.11; then
        lacks "Python 3.11 or newer is needed and ${found_version:+only Python $found_version}${found_version:-none} was found: install it (Debian, Ubuntu: apt-get install python3 python3-venv), or name one with make PYTHON=/path/to/python3."
    elif ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        lacks "$python has no venv module: install it (Debian, Ubuntu: apt-get install python3-venv)."
    fi
}

check_rust() {
    wanted=$(sed -n 's/^rust-version = "\([0-9.]*\)".*/\1/p' "$root/Cargo.toml")
    if ! command -v cargo >/dev/null 2>&1 || ! command -v rustc >/dev/null 2>&1; then
        lacks "no Rust toolchain was found, and Sutra's engine is built from source: install Rust $wanted or newer with rustup (https://rustup.rs), then open a new shell."
    elif ! version=$(rustc --version 2>/dev/null) || ! cargo --version >/dev/null 2>&1; then
        lacks "rustc and cargo are installed but do not run: choose a toolchain with rustup default stable."
    else
        version=${version#rustc }
        at_least "${version%% *}" "$wanted" ||
            lacks "Rust $wanted or newer is needed and this is Rust ${version%% *}: update it with rustup update stable."
    fi
}

check_linker() {
    trial=$(mktemp -d) || exit 1
    if ! command -v cc >/dev/null 2>&1; then
        lacks "no C compiler was found, and Rust needs one to link: install it (Debian, Ubuntu: apt-get install build-essential; Fedora: dnf install gcc; macOS: xcode-select --install)."
    elif ! echo 'int main(void) { return 0; }' | cc -x c - -o "$trial/trial" >/dev/null 2>&1; then
        lacks "the C compiler cannot link a program: install the C library's development files (Debian, Ubuntu: apt-get install build-essential)."
    fi
    rm -rf "$trial"
}

check_disk() {
    free_mb=$(df -Pk "$root" | sed -n '2s/^.* \([0-9][0-9]*\)  *[0-9][0-9]*% .*$/\1/p')
    free_mb=$((${free_mb:-0} / 1024))
    [ "$free_mb" -ge 3072 ] ||
        lacks "3 GB of free disk space are needed and $free_mb MB are left under $root: free some, or move the checkout."
}

check_python
check_rust
check_linker
check_disk
[ "$missing" -eq 0 ] || exit 1
printf '%s\n' "$python"
