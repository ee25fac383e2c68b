#!/bin/bash
# The installed program works away from the source tree, and a method built outside the tree against the installed
# package is found with --plugin. usage: install_test.sh BUILD_FOLDER
set -euo pipefail

build=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --install "$build" --prefix "$folder/prefix" >"$folder/install.log"
program=$folder/prefix/bin/ticketbench
cd "$folder"

expect() { # expect PATTERN COMMAND...
  local pattern=$1
  shift
  "$@" >"$folder/out" 2>&1 || { echo "failed: $*"; cat "$folder/out"; exit 1; }
  grep -q -- "$pattern" "$folder/out" || { echo "'$pattern' expected from: $*"; cat "$folder/out"; exit 1; }
}
expect "quick" "$program" list suites
expect "35 runs" "$program" plan quick
expect "www.cs.toronto.edu" "$program" data list
expect "0 of 10 comparable cells" "$program" reproduce structure_lth/table_a3

mkdir plugin
cat >plugin/CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(plugin LANGUAGES CXX)
find_package(ticketbench REQUIRED)
add_library(mine MODULE mine.cpp)
target_link_libraries(mine PRIVATE ticketbench::plugin)
CMAKE
cat >plugin/mine.cpp <<'CPP'
#include "core/method.hpp"

namespace {
using namespace ticketbench;

struct Mine {
  static constexpr Card card{.name = "mine", .title = "Mine", .paper = "none", .place = "none"};
  void fields(Fields&) {}
  void run(Lab& lab) const {
    NetPtr net = lab.fresh_net();
    MaskSet mask = keep_top(magnitude(*net), 0.5, Scope::per_layer, MaskSet::ones(*net));
    lab.train(*net, mask, {.to = 2});
    lab.record(*net, mask);
  }
};
TICKETBENCH_REGISTER_METHOD(Mine);
}  // namespace
CPP
cmake -S plugin -B plugin/build -DCMAKE_BUILD_TYPE=Release -Dticketbench_ROOT="$folder/prefix" >cmake.log || { cat cmake.log; exit 1; }
cmake --build plugin/build >build.log || { cat build.log; exit 1; }
cat >suite.json <<'JSON'
{"title": "Plugin", "harness": {"dataset": "synthetic", "model": "resnet8", "recipe": "quick"}, "seeds": [1],
 "runs": [{"name": "mine", "method": "mine"}]}
JSON
# Two steps of training may well end at chance: the run is then mistrusted, which is no failure.
expect "1 runs: 1 \(ok\|mistrusted\)" "$program" run suite.json --plugin plugin/build/libmine.so
echo "installed program and plugin work"
