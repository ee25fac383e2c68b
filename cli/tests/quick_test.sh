#!/bin/bash
# The quick suite from start to board: every run ends well, a second call does nothing, and the numbers are of the order
# that its claim states. A harness that leaks, forgets to mask or to train would turn one of them round.
# usage: quick_test.sh TICKETBENCH
set -euo pipefail

program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

expect() { # expect PATTERN COMMAND...
  local pattern=$1
  shift
  "$@" >out 2>err || { echo "failed: $*"; cat out err; exit 1; }
  grep -q -- "$pattern" out || { echo "'$pattern' expected from: $*"; cat out; exit 1; }
}
expect "35 runs: 35 ok" "$program" run quick --results results --jobs 2
expect "35 runs: 35 done before; nothing to do" "$program" run quick --results results
"$program" leaderboard results --format json >board.json
python3 - <<'PYTHON'
import glob, json

def accuracy(record):
    test = record["results"]["points"][-1]["test"]
    return test["top1_correct"] / test["examples"]

top1 = {}
for path in glob.glob("results/*/record.json"):
    record = json.load(open(path))
    top1[record["name"]] = accuracy(record)
print(" ".join(f"{name} {100 * value:.2f}" for name, value in sorted(top1.items(), key=lambda item: -item[1])))
assert 0.7 < top1["dense"] < 0.97, "the dense network should learn, and not saturate"
assert top1["imp"] > top1["dense"] - 0.05, "IMP should lose little"
assert top1["random"] < top1["dense"] - 0.02, "a random mask should lose visibly"
PYTHON
