// Laws of every registered method on the Lab that really trains. The cases are made when the tests
// start, from the registry.

#include "core/files.hpp"
#include "core/method.hpp"
#include "suites/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

namespace ticketbench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Values that make things happen within twelve iterations, for fields of these names.
const json kSmall{{"update_period", "2it"}, {"recovery", "4it"}, {"rounds", 3}, {"window", 2},
                  {"intervals", 2},         {"rewind", "2it"},   {"levels", 2}, {"density", 0.3},
                  {"num_batches", 2}};

json small_fields(const std::string& name) {
  const auto method = make_method(name);
  json fields = json::object();
  for (const FieldDoc& doc : describe_fields([&](Fields& f) { method->fields(f); })) {
    if (kSmall.contains(doc.name)) fields[doc.name] = kSmall[doc.name];
  }
  return fields;
}

// One life in `folder`, ended after `iterations` training iterations; true where the method is
// done.
bool live(const std::string& name, const fs::path& folder, const Ticket& source,
          std::optional<int64_t> iterations, json& results) {
  LabOptions options = toy_options(folder);
  options.recipe.phases["prune"] = options.recipe.phases.at("train");
  options.save_every_seconds = 0;
  options.source = [&](int64_t) { return source; };
  int64_t done = 0;
  options.interrupted = [&] { return iterations && ++done >= *iterations; };
  HarnessLab lab(options);
  const auto method = make_method(name);
  read_fields([&](Fields& f) { method->fields(f); }, small_fields(name), "");
  try {
    method->run(lab);
  } catch (const Interrupted&) {
    return false;
  }
  results = lab.results();
  return true;
}

// A ticket of IMP on the same network: dense, or of its second level.
const Ticket& imp_ticket(bool dense) {
  static const auto make = [](int64_t level) {
    const TemporaryFolder folder;
    json results;
    live("imp", folder.path(), {}, std::nullopt, results);
    // Copies: the file goes with the folder.
    Ticket ticket = load_ticket(folder.path() / fmt::format("ticket_{}.safetensors", level));
    ticket.rewind_to = ticket.rewind_to.clone();
    ticket.trained = ticket.trained.clone();
    ticket.mask = MaskSet(ticket.mask);
    return ticket;
  };
  static const Ticket whole = make(0);
  static const Ticket pruned = make(2);
  return dense ? whole : pruned;
}

// Interrupted every five iterations and gone on with, a method ends with the same points, curves
// and tickets, byte by byte: what hooks change is declared, generators are keyed by iteration.
void check_restart(const std::string& name) {
  const Ticket& source = imp_ticket(make_method(name)->card().needs != Needs::curve);
  const TemporaryFolder whole;
  json expected;
  BOOST_TEST_REQUIRE(live(name, whole.path(), source, std::nullopt, expected));
  BOOST_TEST(!expected.at("points").empty());

  const TemporaryFolder pieces;
  json found;
  int64_t lives = 1;
  while (!live(name, pieces.path(), source, 5, found)) BOOST_TEST_REQUIRE(++lives < 50);
  BOOST_TEST(lives > 1);
  BOOST_TEST(found == expected);
  for (const json& point : expected.at("points")) {
    const std::string file = point.at("ticket");
    BOOST_TEST(read_file(pieces.path() / file) == read_file(whole.path() / file), file);
  }
}

struct Cases {
  Cases() {
    auto* suite = BOOST_TEST_SUITE("every_method");
    for (const std::string& name : Registry<MethodFactory>::instance().names()) {
      if (name.starts_with("test_")) continue;
      suite->add(boost::unit_test::make_test_case([name] { check_restart(name); }, name, __FILE__,
                                                  __LINE__));
    }
    boost::unit_test::framework::master_test_suite().add(suite);
  }
};

}  // namespace

// Called by main.cpp's init function, when every plugin has registered itself.
void add_every_method() {
  static const Cases cases;
}

}  // namespace ticketbench
