#!/bin/sh
# Puts the hitl of version HITL_VERSION on PATH: the one that is there, its release, a cached one, or one built by cargo.
set -eu

version=${HITL_VERSION:?}
bin=${RUNNER_TEMP:?}/hitl-bin

is_it() { [ "$("$1" --version 2>/dev/null)" = "hitl $version" ]; }

finish() {
    echo "hitl $version: $1"
    [ "$1" = "on PATH already" ] || echo "$bin" >>"${GITHUB_PATH:?}"
    exit 0
}

# The asset's name for this machine; empty where there is none.
triple() {
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64) echo x86_64-unknown-linux-gnu ;;
        Linux-aarch64 | Linux-arm64) echo aarch64-unknown-linux-gnu ;;
        Darwin-x86_64) echo x86_64-apple-darwin ;;
        Darwin-arm64) echo aarch64-apple-darwin ;;
    esac
}

fetch() { curl --fail --silent --location --proto-redir '=https' --retry 3 --output "$2" "$1"; }

digest() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

from_release() {
    name=hitl-$version-$(triple).tar.gz
    url=${HITL_DOWNLOADS:-https://github.com/$HITL_REPOSITORY/releases/download}/v$version/$name
    work=$(mktemp -d "$RUNNER_TEMP/hitl.XXXXXX")
    fetch "$url" "$work/$name" || return 1
    # An archive without its digest, or of another, is never unpacked.
    if ! fetch "$url.sha256" "$work/sha256"; then
        echo "::error::$url has no SHA-256 beside it"
        exit 3
    fi
    wanted=$(cut -d ' ' -f 1 "$work/sha256")
    if [ "$(digest "$work/$name")" != "$wanted" ]; then
        echo "::error::$url is not what its SHA-256 says"
        exit 3
    fi
    tar -xzf "$work/$name" -C "$work"
    mkdir -p "$bin"
    find "$work" -type f -name hitl -exec cp {} "$bin/hitl" \;
    chmod 755 "$bin/hitl"
}

if is_it hitl; then finish "on PATH already"; fi
if [ -n "${HITL_DOWNLOADS:-}${HITL_REPOSITORY:-}" ] && [ -n "$(triple)" ] && from_release; then
    if is_it "$bin/hitl"; then finish "from its release"; fi
    rm -f "$bin/hitl"
fi
# What an earlier run built. A release is not kept: a pull request may fill the cache that its next run is given.
if is_it "$bin/hitl"; then finish "from the cache"; fi
if ! command -v cargo >/dev/null; then
    echo "::error::there is no release of hitl $version for this runner, and no cargo to build it with"
    exit 3
fi
# In a folder of its own, and by the runner's own toolchain: beside the change, its rust-toolchain.toml and
# .cargo/config.toml would name programs to run.
work=$(mktemp -d "$RUNNER_TEMP/hitl.XXXXXX")
cd "$work"
if [ -z "${RUSTUP_TOOLCHAIN:-}" ] && command -v rustup >/dev/null; then
    RUSTUP_TOOLCHAIN=$(rustup default | cut -d ' ' -f 1)
    export RUSTUP_TOOLCHAIN
fi
cargo install --locked --root "$RUNNER_TEMP/hitl-built" "hitl@$version"
mkdir -p "$bin"
cp "$RUNNER_TEMP/hitl-built/bin/hitl" "$bin/hitl"
finish "built by cargo"
