#!/usr/bin/env bash
# Two workers on one order: the first is killed in the middle of the list, and the second goes on. Then the count of each step.
#
#   run.sh            with a journal in SQLite; needs nothing
#   run.sh restate    under Restate, whose server is installed from npm
set -euo pipefail
cd "$(dirname "$0")/../.."
engine=${1:-sqlite}
case $engine in sqlite) features= ;; restate) features=restate ;; *) echo "run.sh [sqlite|restate]"; exit 2 ;; esac
cargo build --quiet --release --example durable --features "$features"
worker=${CARGO_TARGET_DIR:-target}/release/examples/durable
folder=$(mktemp -d)
trap 'kill -9 $(jobs -p) 2>/dev/null || true; rm -r "$folder"' EXIT

# Sleeps, between two looks at what is waited for. After two minutes the logs say why it does not come.
SECONDS=0
pause() {
    if [ "$SECONDS" -gt 120 ]; then
        tail -n 20 "$folder"/*.log >&2
        echo "it takes too long: is one of the ports 5122, 8080, 9070 and 9080 in use?" >&2
        exit 1
    fi
    sleep "$1"
}

# Waits until three steps are done, and kills the worker that did the last one.
kill_in_the_middle() {
    until [ "$(cat "$folder/a.log" 2>/dev/null | wc -l)" -ge 3 ]; do pause 0.01; done
    victim=$(tail -n 1 "$folder/a.log" | sed 's/.* by //')
    kill -9 "$victim"
    echo "killed $victim"
}

with_sqlite() {
    "$worker" work "$folder/a.db" order-1 &
    sleep 0.05
    "$worker" work "$folder/a.db" order-1 & # waits until the first has ended, or is dead
    second=$!
    kill_in_the_middle
    wait "$second"
    "$worker" answer "$folder/a.db" order-1 yes
    "$worker" work "$folder/a.db" order-1
}

under_restate() {
    .ci/install-restate
    server=$(echo durable/tests/suite/restate/node_modules/@restatedev/*/bin/restate-server)
    RESTATE_DISABLE_TELEMETRY=true "$server" --no-logo --node-name example --base-dir "$folder/restate" >"$folder/server.log" 2>&1 &
    # Both listen on one address, and Restate calls it.
    for _ in 1 2; do "$worker" serve "$folder/a.log" 127.0.0.1:9080 & done
    answered() { until curl --fail --silent --show-error "$@" 2>>"$folder/curl.log"; do pause 0.1; done; }
    answered localhost:9070/deployments --json '{"uri": "http://127.0.0.1:9080", "force": true}' >/dev/null
    letter='"two chairs, a table, six plates, a lamp, a carpet"'
    answered localhost:8080/orders/order-1/run/send --json "$letter" >/dev/null
    kill_in_the_middle
    until answered localhost:8080/orders/order-1/waits -X POST | grep manager; do pause 0.1; done
    answered localhost:8080/orders/order-1/answer --json '{"name": "manager", "answer": "Yes"}'
    answered localhost:8080/restate/workflow/orders/order-1/attach
    echo
}

case $engine in sqlite) with_sqlite ;; restate) under_restate ;; esac
echo "How often each step was done:"
sed 's/ by .*//' "$folder/a.log" | sort | uniq -c
if [ "$engine" = sqlite ]; then "$worker" show "$folder/a.db"; fi
