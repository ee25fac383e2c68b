#!/bin/bash
# Tests ci/nightly with made-up runs: a stand-in for `ticketbench run` writes records of any accuracy at once, all else is
# the real program. A gate that always passes, always alarms, or forgets the last good night would show.
# usage: nightly_test.sh TICKETBENCH
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/nightly_test.XXXXXX")
trap 'rm -rf "$folder"' EXIT
export TICKETBENCH=$1 TEMPLATE=$folder/record.json
cp "$(grep -l '"name": *"snip"' "$source"/docs/results/cifar10_short/*/record.json)" "$TEMPLATE"

# Runs of the names dense and snip, seeds 1 to 5 or those of --seeds; snip loses $LOSS points, and its second seed fails
# where $FAILS is set.
cat >"$folder/ticketbench" <<'PYTHON'
#!/usr/bin/env python3
import argparse, hashlib, json, os, sys
from pathlib import Path
if sys.argv[1] != "run":
    os.execv(os.environ["TICKETBENCH"], [os.environ["TICKETBENCH"], *sys.argv[1:]])
parser = argparse.ArgumentParser()
parser.add_argument("words", nargs="*")
for option in ("--results", "--seeds", "--jobs", "--threads", "--keep"):
    parser.add_argument(option)
parser.add_argument("--only", action="append")
arguments = parser.parse_args()
first, last = (int(seed) for seed in (arguments.seeds or "1..5").split(".."))
loss = float(os.environ.get("LOSS", 0))
for name in arguments.only or ["dense", "snip"]:
    for seed in range(first, last + 1):
        record = json.load(open(os.environ["TEMPLATE"]))
        test = record["results"]["points"][0]["test"]
        test["top1_correct"] = 8000 + seed * 7919 % 40
        if name == "snip":
            test["top1_correct"] -= int(100 * loss) + (seed % 3 if loss else 0)
        test["top5_correct"] = max(test["top5_correct"], test["top1_correct"])
        record["results"]["points"][0]["prediction_sha256"] = hashlib.sha256(f"{name} {seed} {test}".encode()).hexdigest()
        record["name"] = record["spec"]["method"]["name"] = name
        record["spec"]["seed"] = seed
        record["command"] = f"ticketbench run suite.json --only 0123 --seeds {seed}"
        record["hash"] = hashlib.sha256(f"{name} {seed}".encode()).hexdigest()
        if os.environ.get("FAILS") and (name, seed) == ("snip", 2):
            record.update(status="failed", reason="no gradients")
            record["results"] = {"points": [], "measures": [], "curves": []}
        place = Path(arguments.results) / record["hash"]
        place.mkdir(parents=True, exist_ok=True)
        (place / "record.json").write_text(json.dumps(record))
PYTHON
chmod +x "$folder/ticketbench"

night() { # night CODE PATTERN [VARIABLE=VALUE...]: the exit code and a line that must be there
  local code=0 expected=$1 pattern=$2
  shift 2
  env "$@" "$source/ci/nightly" --results "$folder/nights" --program "$folder/ticketbench" >"$folder/out" 2>&1 || code=$?
  [ $code = "$expected" ] || { cat "$folder/out"; echo "exit code $expected expected, found $code"; exit 1; }
  grep -q -- "$pattern" "$folder/out" || { cat "$folder/out"; echo "'$pattern' expected"; exit 1; }
  sleep 1 # a night's name tells seconds
}
good() { readlink "$folder/nights/last_good"; }

night 0 "is the first night"
first=$(good)
night 0 "2 same of 2 cells"
[ "$(good)" != "$first" ] || { echo "a good night should be the last good one"; exit 1; }

# A run that fails, named; the last good night stays.
kept=$(good)
night 1 "WORSE: snip .*: seed 2 failed: no gradients" FAILS=1
[ "$(good)" = "$kept" ] || { echo "a bad night can't be the last good one"; exit 1; }

# Three points lost by all seeds, the further ones too.
night 1 "WORSE: snip .*: paired and Welch" LOSS=3
grep -q "confirm snip" "$folder/out" || { echo "a suspect should get more seeds"; exit 1; }
[ "$(find -L "$folder/nights/latest" -name record.json | wc -l)" = 15 ] || { echo "10 runs and 5 more expected"; exit 1; }
[ "$(good)" = "$kept" ] || { echo "a bad night can't be the last good one"; exit 1; }

# The program is mended: the same answers again.
night 0 "2 same of 2 cells"
for page in leaderboard.html history.md latest/compare.txt latest/compare.md latest/compare.json latest/compare.xml; do
  [ -s "$folder/nights/$page" ] || { echo "no $page"; exit 1; }
done
grep -q "5 nights" "$folder/nights/history.md" || { cat "$folder/nights/history.md"; exit 1; }
