#!/usr/bin/env bash
# Two workers on one order: the first is killed in the middle of the list, and the second goes on. Then the count of each step.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --quiet --release --example durable
worker=${CARGO_TARGET_DIR:-target}/release/examples/durable
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

"$worker" work "$folder/a.db" order-1 &
first=$!
sleep 0.05
"$worker" work "$folder/a.db" order-1 & # waits until the first has ended, or is dead
second=$!
until [ "$(cat "$folder/a.log" 2>/dev/null | wc -l)" -ge 3 ]; do sleep 0.01; done
kill -9 "$first"
echo "killed $first"
wait "$second"
"$worker" answer "$folder/a.db" order-1 yes
"$worker" work "$folder/a.db" order-1

echo "How often each step was done:"
sed 's/ by .*//' "$folder/a.log" | sort | uniq -c
"$worker" show "$folder/a.db"
