#!/bin/sh
# The sizes of three small programs around one chain: one asks nothing of the chain's structure, one asks at compile time, one
# prints it. Fails where asking at compile time costs anything.
set -eu
cd "$(dirname "$0")"
export CARGO_PROFILE_RELEASE_STRIP=symbols
cargo build --quiet --release --example structure_unused --example structure_checked --example structure_shown
out="${CARGO_TARGET_DIR:-target}/release/examples"
size() { wc -c < "$out/structure_$1"; }
# What the loader puts into memory, without the padding of the file.
loaded() { command size "$out/structure_$1" | awk 'NR == 2 { print $4 }'; }
for name in unused checked shown; do
    printf '%-8s %9s bytes, %9s of them loaded\n' "$name" "$(size $name)" "$(loaded $name)"
done
[ "$(loaded unused)" = "$(loaded checked)" ] || { echo "asking at compile time costs something" >&2; exit 1; }
