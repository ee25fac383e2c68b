#!/bin/bash
# Tests ci/lint: in a tree of violations each is reported at its line and nothing else is; look-alikes pass.
# A check that looks at nothing finds one line too few, a check that is too eager one too many.
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tree=$(mktemp -d "${TMPDIR:-/tmp}/lint_test.XXXXXX")
trap 'rm -rf "$tree"' EXIT
mkdir "$tree/ci"
cp "$source/ci/lint" "$tree/ci/"
cp "$source/.clang-format" "$source/.clang-tidy" "$tree/"
cd "$tree"
git init -q .

# file PATH: its content is read from stdin.
file() {
  mkdir -p "$(dirname "$1")"
  cat >"$1"
}
repeat() { for ((i = 0; i < $1; ++i)); do echo "$2"; done; }

# --- what is allowed -------------------------------------------------------------------------------------------------

file core/mask.hpp <<<'#pragma once'
file core/version.hpp.in <<<'#pragma once'
file core/tests/fake_lab.hpp <<<'#include "core/mask.hpp"'
file reports/record.hpp <<<'#pragma once'
file suites/harness/trainer.hpp <<<'#include "reports/record.hpp"'
file hardware/kernels/cpu/spmm.hpp <<<'#pragma once'
file methods/snip.cpp <<'CPP'
// The sparsity is 1 - density; std::cout, exit( and rand( in a comment are none.
#include "core/mask.hpp"
// #include "methods/imp.cpp"

#include <torch/torch.h>

#include <cmath>

const char* kHelp = "the fraction kept, 1 - sparsity; never exit(1) // nor rand()";
const int kDigits = 1'000'000;
// TODO(#12): a departure.
CPP
file methods/tests/snip_test.cpp <<'CPP'
#include "core/tests/fake_lab.hpp"

#include <iostream>

void show() {
  std::cout << rand();
}
CPP
file suites/harness/trainer.cpp <<'CPP'
#include "suites/harness/trainer.hpp"

#include "core/version.hpp"
#include "hardware/kernels/cpu/spmm.hpp"

#include <chrono>

void at_end() {
  std::atexit(nullptr);
  process.exit(1);
  auto noise = torch::rand({2, 3}, generator);
}
CPP
file cli/main.cpp <<'CPP'
#include "suites/harness/trainer.hpp"

#include <iostream>

int main() {
  std::cerr << "bad input\n";
  exit(2);
}
CPP
{ echo '#pragma once'; repeat 199 '// A line.'; } | file core/longest.hpp
repeat 150 '// A line.' | file baselines/longest.cpp
file README.md <<'TEXT'
# Title
<!-- methods -->

| name |
| --- |
| snip |

<!-- /methods -->
TEXT
file build/ci/bin/ticketbench <<'TEXT'
#!/bin/bash
printf '| name |\n| --- |\n| snip |\n'
TEXT
chmod +x build/ci/bin/ticketbench
echo build/ >.gitignore

file docs/defects.md <<'MD'
| a mask of the wrong size | `core/tests/mask_test.cpp`: `counts_add_up` |
MD
file core/tests/mask_test.cpp <<<'BOOST_AUTO_TEST_CASE(counts_add_up) {}'
if ! ci/lint >output.txt; then
  echo "FAILED: ci/lint objects to what is allowed:"
  cat output.txt
  exit 1
fi

# --- what is not -----------------------------------------------------------------------------------------------------

expected=()
expect() { expected+=("$1"); }

cat >>docs/defects.md <<'MD'
| another | `core/tests/mask_test.cpp`: `counts_add_up`, `counts_are_ints` |
| a third | `core/tests/net_test.cpp`: `shapes` |
MD
expect 'docs/defects.md:2: core/tests/mask_test.cpp has no test counts_are_ints'
expect "docs/defects.md:3: core/tests/net_test.cpp isn't there"

file core/upward.cpp <<'CPP'
#include "suites/harness/trainer.hpp"
CPP
expect 'core/upward.cpp:1: core/ may not include "suites/harness/trainer.hpp"'

file reports/torch.cpp <<'CPP'
#include <torch/torch.h>
CPP
expect 'reports/torch.cpp:1: <torch/torch.h> in reports/'

file reports/upward.cpp <<'CPP'
#include "core/mask.hpp"
CPP
expect 'reports/upward.cpp:1: reports/ may not include "core/mask.hpp"'

file hardware/kernels/cpu/spmm.cpp <<'CPP'
#include "hardware/kernels/cpu/spmm.hpp"

#include <ATen/ATen.h>
#include <c10/util/Exception.h>
CPP
expect 'hardware/kernels/cpu/spmm.cpp:3: <ATen/ATen.h> in hardware/kernels/'
expect 'hardware/kernels/cpu/spmm.cpp:4: <c10/util/Exception.h> in hardware/kernels/'

file hardware/kernels/cuda/spmm.cu <<'CPP'
#include "core/mask.hpp"
CPP
expect 'hardware/kernels/cuda/spmm.cu:1: hardware/kernels/ may not include "core/mask.hpp"'

file hardware/probes/conv.cpp <<'CPP'
#include "core/mask.hpp"
#include "hardware/kernels/cpu/spmm.hpp"
#include "suites/harness/trainer.hpp"
CPP
expect 'hardware/probes/conv.cpp:3: hardware/probes/ may not include "suites/harness/trainer.hpp"'

file suites/plan.cpp <<'CPP'
#include "cli/options.hpp"
#include "core/tests/fake_lab.hpp"
#include "mask.hpp"

#include <core/mask.hpp>
CPP
file cli/options.hpp <<<'#pragma once'
expect 'suites/plan.cpp:1: suites/ may not include "cli/options.hpp"'
expect 'suites/plan.cpp:2: "core/tests/fake_lab.hpp" belongs to tests'
expect 'suites/plan.cpp:3: no file "mask.hpp"'
expect 'suites/plan.cpp:5: <core/mask.hpp> is one of our own'

file methods/imp.cpp <<'CPP'
#include "methods/snip.cpp"
#include "reports/record.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

double target_sparsity = 0.9;
const char* field = "sparsity";
CPP
expect 'methods/imp.cpp:1: "methods/snip.cpp" is not a header'
expect 'methods/imp.cpp:2: methods/ may not include "reports/record.hpp"'
expect 'methods/imp.cpp:4: <chrono> in a plugin'
expect 'methods/imp.cpp:5: <filesystem> in a plugin'
expect 'methods/imp.cpp:6: <fstream> in a plugin'
expect 'methods/imp.cpp:7: <iostream> in a plugin'
expect 'methods/imp.cpp:8: <random> in a plugin'
expect 'methods/imp.cpp:10: a name target_sparsity'
expect 'methods/imp.cpp:11: a name sparsity'

file methods/shared.hpp <<<'#pragma once'
expect 'methods/shared.hpp:1: a header among the plugins'

file methods/tests/imp_test.cpp <<'CPP'
#include "suites/harness/trainer.hpp"
CPP
expect 'methods/tests/imp_test.cpp:1: methods/ may not include "suites/harness/trainer.hpp"'

file utilities/helper.cpp <<<'int helper();'
expect 'utilities/helper.cpp:1: C++ code in a folder without a rule'

file suites/words.cpp <<'CPP'
void words() {
  std::cout << "1";
  std::cerr << "2";
  exit(1);
  std::exit(1);
  int drawn = rand();
  auto noise = torch::randn({2, f(3)});
}
// TODO: later.
CPP
expect 'suites/words.cpp:2: writes to std::cout'
expect 'suites/words.cpp:3: writes to std::cerr'
expect 'suites/words.cpp:4: calls exit'
expect 'suites/words.cpp:5: calls exit'
expect 'suites/words.cpp:6: rand() draws'
expect 'suites/words.cpp:7: torch::randn() draws'
expect 'suites/words.cpp:9: TODO without an issue number'

file methods/reach.cpp <<'CPP'
void reach(torch::Tensor t) {
  t.normal_();
  torch::manual_seed(1);
  load_ticket(std::filesystem::path("x"));
  t.to(torch::kCUDA);
}
CPP
expect 'methods/reach.cpp:2: .normal_( in a plugin'
expect 'methods/reach.cpp:3: manual_seed in a plugin'
expect 'methods/reach.cpp:4: load_ticket in a plugin'
expect 'methods/reach.cpp:4: std::filesystem in a plugin'
expect 'methods/reach.cpp:5: torch::kCUDA in a plugin'

file core/format.cpp <<<'int  badly( );'
# Another version formats, and finds, other things: it only says so.
is14() { "$(command -v "$1-14" || command -v "$1")" --version | grep -q "version 14\\."; }
if is14 clang-format; then expect 'core/format.cpp:1: not formatted'; fi

{ echo '#pragma once'; repeat 200 '// A line.'; } | file core/too_long.hpp
expect 'core/too_long.hpp:201: 201 lines in a header, allowed are 200'
repeat 151 '// A line.' | file baselines/too_long.cpp
expect 'baselines/too_long.cpp:151: 151 lines in a plugin, allowed are 150'

file docs/stale.md <<'TEXT'
<!-- methods -->

| name |
| --- |

<!-- /methods -->
<!-- baselines -->
TEXT
expect 'docs/stale.md:1: the table of methods is stale'
expect 'docs/stale.md:7: the table of baselines has no end'

# One file that clang-tidy must see, and two that it mustn't: one reaches a header of LibTorch, one is CUDA's.
file reports/tidy.cpp <<'CPP'
int* BadName() {
  return 0;
}
CPP
file suites/untidy.cpp <<'CPP'
#include "suites/torch.hpp"

int* BadName() {
  return 0;
}
CPP
file suites/torch.hpp <<'CPP'
#include <torch/torch.h>
CPP
file hardware/kernels/cuda/untidy.cu <<'CPP'
int* BadName() {
  return 0;
}
CPP
file build/ci/compile_commands.json <<JSON
[{"directory": "$tree/build/ci", "file": "$tree/reports/tidy.cpp", "command": "c++ -Wlogical-op -c ../../reports/tidy.cpp"},
 {"directory": "$tree/build/ci", "file": "$tree/suites/plan.cpp", "command": "c++ -I../.. -include cmake_pch.hxx -c ../../suites/plan.cpp"},
 {"directory": "$tree/build/ci", "file": "$tree/suites/untidy.cpp", "command": "c++ -c ../../suites/untidy.cpp"},
 {"directory": "$tree/build/ci", "file": "$tree/hardware/kernels/cuda/untidy.cu", "command": "c++ -x c++ -c ../../hardware/kernels/cuda/untidy.cu"}]
JSON
if is14 clang-tidy; then
  expect "reports/tidy.cpp:1: invalid case style for function 'BadName'"
  expect 'reports/tidy.cpp:2: use nullptr'
fi

code=0
ci/lint >output.txt || code=$?
failures=0
[ $code = 1 ] || { echo "FAILED: ci/lint ended with $code, expected 1"; failures=1; }
for line in "${expected[@]}"; do
  grep -qF -- "$line" output.txt || { echo "FAILED: not found by ci/lint: $line"; failures=1; }
done
found=$(grep -c '^[^ ]*:[0-9]*: .*; ' output.txt)
[ "$found" = ${#expected[@]} ] || { echo "FAILED: $found findings, expected ${#expected[@]}"; failures=1; }

# --- and --fix mends what a program can mend -------------------------------------------------------------------------

sed -i '$d' docs/stale.md
ci/lint --fix >/dev/null || true
[ "$(cat core/format.cpp)" = 'int badly();' ] || { echo "FAILED: --fix does not format"; failures=1; }
grep -q '^| snip |$' docs/stale.md || { echo "FAILED: --fix does not rewrite the table"; failures=1; }

[ $failures = 0 ] || { echo "--- what ci/lint said:"; cat output.txt; exit 1; }
echo "ci/lint: ${#expected[@]} violations, each found, nothing else"
