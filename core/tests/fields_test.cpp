#include "core/fields.hpp"

#include "core/registry.hpp"
#include "core/schedule.hpp"
#include "core/tests/support.hpp"

#include <cmath>

namespace ticketbench {
namespace {

using boost::test_tools::per_element;
using nlohmann::json;
using testing::error_of;
using testing::says;
using Numbers = std::vector<double>;

enum class Colour { red, green, blue };
constexpr auto enum_names(Colour) {
  return std::to_array<std::string_view>({"red", "green", "blue"});
}

struct Inner {
  double depth = 1;
  Colour colour = Colour::green;
  void fields(Fields& f) {
    f("depth", depth, {0, 9}, "how deep");
    f("colour", colour, "which colour");
  }
};

struct Sample {
  double density = 0.05;
  int64_t levels = 3;
  int64_t anything = 0;
  bool nesterov = false;
  std::string stream = "init";
  Duration rewind = {8, Duration::Unit::epochs};
  Numbers rates = {0.1, 0.2};
  std::vector<Duration> milestones = {{0.5, Duration::Unit::fraction}};
  Inner inner;
  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction kept");
    f("levels", levels, {1, 20}, "rounds");
    f("anything", anything, "a number without a range");
    f("nesterov", nesterov, "momentum of that kind");
    f("stream", stream, "where from");
    f("rewind", rewind, "how far back");
    f("rates", rates, {0, 2}, "several");
    f("milestones", milestones, "when");
    f("inner", inner, "nested");
  }
};

FieldsFunction of(Sample& sample) {
  return [&sample](Fields& f) { sample.fields(f); };
}

Sample read(const json& in) {
  Sample sample;
  read_fields(of(sample), in, "/runs/snip");
  return sample;
}

std::string refusal(const json& in) {
  return error_of<std::invalid_argument>([&] { (void)read(in); });
}

BOOST_AUTO_TEST_SUITE(fields)

// Every value differs from its default, and no two from each other, so that a value in the wrong
// member shows.
BOOST_AUTO_TEST_CASE(every_kind_is_read) {
  const Sample s = read({{"density", 0.25},
                         {"levels", 7},
                         {"anything", -12},
                         {"nesterov", true},
                         {"stream", "mask"},
                         {"rewind", "100it"},
                         {"rates", {1, 1.5, 0}},
                         {"milestones", {"80ep", 0.75, "3it"}},
                         {"inner", {{"depth", 4}, {"colour", "blue"}}}});
  BOOST_TEST(s.density == 0.25);
  BOOST_TEST(s.levels == 7);
  BOOST_TEST(s.anything == -12);
  BOOST_TEST(s.nesterov);
  BOOST_TEST(s.stream == "mask");
  BOOST_TEST((s.rewind == Duration{100, Duration::Unit::iterations}));
  BOOST_TEST(s.rates == (Numbers{1, 1.5, 0}), per_element());
  BOOST_REQUIRE(s.milestones.size() == 3);
  BOOST_TEST((s.milestones[0] == Duration{80, Duration::Unit::epochs}));
  BOOST_TEST((s.milestones[1] == Duration{0.75, Duration::Unit::fraction}));
  BOOST_TEST((s.milestones[2] == Duration{3, Duration::Unit::iterations}));
  BOOST_TEST(s.inner.depth == 4.0);
  BOOST_TEST((s.inner.colour == Colour::blue));
}

// A list replaces its default (appending would leave 0.1, 0.2 in front); a nested object that names
// one member leaves the other.
BOOST_AUTO_TEST_CASE(absent_members_keep_their_defaults) {
  const Sample s = read({{"rates", json::array()}, {"inner", {{"depth", 2}}}});
  BOOST_TEST(s.rates.empty());
  BOOST_TEST(s.inner.depth == 2.0);
  BOOST_TEST((s.inner.colour == Colour::green));
  BOOST_TEST(s.density == 0.05);
  BOOST_TEST(s.milestones.size() == 1);
  BOOST_TEST(write_fields([inner = Sample()](Fields& f) mutable { inner.fields(f); }) ==
             write_fields([s2 = read(json::object())](Fields& f) mutable { s2.fields(f); }));
}

// The ends of a range are inside.
BOOST_AUTO_TEST_CASE(ranges_are_closed) {
  BOOST_TEST(read({{"density", 0}}).density == 0.0);
  BOOST_TEST(read({{"density", 1}}).density == 1.0);
  BOOST_TEST(read({{"levels", 20}}).levels == 20);
}

// What is refused, and what the message must say: the place, the value found, what is allowed.
BOOST_AUTO_TEST_CASE(bad_values_are_refused_with_place_and_range) {
  struct Case {
    json in;
    std::vector<std::string> parts;
  };
  const std::vector<Case> cases{
      {{{"density", 1.5}}, {"/runs/snip/density", "1.5", "[0, 1]"}},
      {{{"density", -0.1}}, {"/runs/snip/density", "-0.1", "[0, 1]"}},
      {{{"density", "0.5"}}, {"/runs/snip/density", "\"0.5\"", "a number", "[0, 1]"}},
      {{{"density", nullptr}}, {"/runs/snip/density", "null", "a number"}},
      {{{"density", std::nan("")}}, {"/runs/snip/density", "a number"}},
      {{{"density", {0.1, 0.2}}}, {"/runs/snip/density", "[0.1,0.2]", "a number"}},
      {{{"levels", 0}}, {"/runs/snip/levels", "0", "[1, 20]"}},
      {{{"levels", 21}}, {"/runs/snip/levels", "21", "[1, 20]"}},
      {{{"levels", 2.5}}, {"/runs/snip/levels", "2.5", "an integer", "[1, 20]"}},
      {{{"levels", true}}, {"/runs/snip/levels", "true", "an integer"}},
      {{{"anything", 1e30}}, {"/runs/snip/anything", "an integer"}},
      {{{"anything", std::numeric_limits<uint64_t>::max()}},
       {"/runs/snip/anything", "18446744073709551615", "an integer"}},
      {{{"nesterov", 1}}, {"/runs/snip/nesterov", "1", "true or false"}},
      {{{"nesterov", "true"}}, {"/runs/snip/nesterov", "\"true\"", "true or false"}},
      {{{"stream", 5}}, {"/runs/snip/stream", "5", "a text"}},
      {{{"rewind", true}}, {"/runs/snip/rewind", "true", "duration"}},
      {{{"rewind", "5epochs"}}, {"/runs/snip/rewind", "5epochs", "5ep", "1000it"}},
      {{{"rewind", 5}}, {"/runs/snip/rewind", "5", "5ep", "[0, 1]"}},
      {{{"rates", 0.1}}, {"/runs/snip/rates", "0.1", "a list"}},
      {{{"rates", {0.1, 2.5}}}, {"/runs/snip/rates", "2.5", "[0, 2]"}},
      {{{"rates", {0.1, "x"}}}, {"/runs/snip/rates", "x", "a number"}},
      {{{"milestones", {"80ep", "x"}}}, {"/runs/snip/milestones", "'x'"}},
      {{{"inner", 3}}, {"/runs/snip/inner", "3", "an object"}},
      {{{"inner", {{"depth", 10}}}}, {"/runs/snip/inner/depth", "10", "[0, 9]"}},
      {{{"inner", {{"colour", "pink"}}}},
       {"/runs/snip/inner/colour", "\"pink\"", "red, green, blue"}},
      {{{"inner", {{"colour", 1}}}}, {"/runs/snip/inner/colour", "1", "red, green, blue"}},
      {{{"inner", {{"colour", ""}}}}, {"/runs/snip/inner/colour", "red, green, blue"}},
      {json::array({1}), {"/runs/snip", "an object"}},
  };
  for (const Case& c : cases) {
    BOOST_TEST_CONTEXT(c.in) {
      const std::string message = refusal(c.in);
      for (const std::string& part : c.parts) BOOST_TEST(says(message, {part}));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_field_is_refused_with_the_nearest) {
  BOOST_TEST(says(refusal({{"desity", 0.5}}),
                  {"/runs/snip/desity", "unknown field 'desity'", "did you mean 'density'?"}));
  BOOST_TEST(says(refusal({{"inner", {{"color", "red"}}}}),
                  {"/runs/snip/inner/color", "did you mean 'colour'?"}));
  BOOST_TEST(says(refusal({{"temperature_of_the_room", 1}}),
                  {"unknown field", "there is: density, levels, anything, nesterov"}));
}

// What is written goes into the hash: everything is there, defaults too, and reading it back and
// writing it again changes nothing.
BOOST_AUTO_TEST_CASE(write_then_read_is_the_identity) {
  Sample sample = read({{"density", 1.0 / 3}, {"rewind", 0.1}, {"inner", {{"colour", "red"}}}});
  const json written = write_fields(of(sample));
  const json expected{{"density", 1.0 / 3},
                      {"levels", 3},
                      {"anything", 0},
                      {"nesterov", false},
                      {"stream", "init"},
                      {"rewind", "0.1"},
                      {"rates", {0.1, 0.2}},
                      {"milestones", json::array({"0.5"})},
                      {"inner", {{"depth", 1.0}, {"colour", "red"}}}};
  BOOST_TEST(written == expected);
  Sample again = read(json::parse(written.dump()));
  BOOST_TEST(write_fields(of(again)).dump() == written.dump());
  // 1 and 1.0 say the same; two hashes for one run would train it twice.
  Sample whole = read({{"inner", {{"depth", 1}}}});
  Sample real = read({{"inner", {{"depth", 1.0}}}});
  BOOST_TEST(write_fields(of(whole)).dump() == write_fields(of(real)).dump());
}

struct Grown {
  double density = 0.1;
  Duration rewind{};
  Colour colour = Colour::green;
  void fields(Fields& f) {
    f("density", density, {0, 1}, "fraction kept");
    f.later("rewind", rewind, {}, "how far back");
    f.later("colour", colour, Colour::green, "which colour");
  }
};

// A field that came later is read and described like any other, and written as soon as it says
// something: a method's old runs keep their document, and with it their hash.
BOOST_AUTO_TEST_CASE(a_later_field_is_written_where_it_is_not_neutral) {
  const auto written = [](const json& in) {
    Grown grown;
    const FieldsFunction fields = [&](Fields& f) { grown.fields(f); };
    read_fields(fields, in, "/runs/x");
    return write_fields(fields);
  };
  BOOST_TEST(written(json::object()) == (json{{"density", 0.1}}));
  for (const json& none : {json(0.0), json("0it"), json("0ep")})
    BOOST_TEST(written({{"rewind", none}, {"colour", "green"}}) == (json{{"density", 0.1}}));
  BOOST_TEST(written({{"rewind", "5it"}, {"colour", "red"}}) ==
             (json{{"density", 0.1}, {"rewind", "5it"}, {"colour", "red"}}));
  Grown grown;
  BOOST_TEST(describe_fields([&](Fields& f) { grown.fields(f); }).size() == 3U);
}

BOOST_AUTO_TEST_CASE(descriptions_name_type_range_and_default) {
  Sample sample;
  const std::vector<FieldDoc> docs = describe_fields(of(sample));
  const auto row = [&](const std::string& name) {
    for (const FieldDoc& d : docs) {
      if (d.name == name) return d;
    }
    BOOST_ERROR(name + " isn't described");
    return FieldDoc{};
  };
  BOOST_TEST(docs.size() == 10);
  BOOST_TEST(docs.front().name == "density");
  BOOST_TEST(docs.back().name == "inner.colour");
  BOOST_TEST(row("density").type == "number");
  BOOST_TEST(row("density").allowed == "in [0, 1]");
  BOOST_TEST(row("density").value == "0.05");
  BOOST_TEST(row("density").help == "fraction kept");
  BOOST_TEST(row("levels").type == "integer");
  BOOST_TEST(row("anything").allowed == "any");
  BOOST_TEST(row("rewind").value == "8ep");
  BOOST_TEST(row("inner.depth").allowed == "in [0, 9]");
  BOOST_TEST(row("inner.colour").value == "green");
  BOOST_TEST(row("inner.colour").allowed == "red, green, blue");
  BOOST_TEST(row("rates").is_list);
  BOOST_TEST(row("milestones").is_list);
  BOOST_TEST(row("milestones").value == "[\"0.5\"]");
  BOOST_TEST(!row("density").is_list);
}

// A struct of core with a templated `fields`, an enumeration, durations and a list, as recipes use.
BOOST_AUTO_TEST_CASE(a_rate_schedule_is_read) {
  RateSchedule rate;
  const FieldsFunction f = [&](Fields& fields) { rate.fields(fields); };
  read_fields(f, {{"kind", "multi_step"}, {"milestones", {"80ep", "120ep"}}, {"warmup", "1ep"}},
              "/phases/0/schedule");
  BOOST_TEST((rate.kind == RateKind::multi_step));
  BOOST_TEST(rate.milestones.size() == 2);
  BOOST_TEST(rate.factor(1200, 1600, 10) == 0.01, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(write_fields(f).at("warmup") == "1ep");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(registry)

struct Entry {
  int value = 0;
};

BOOST_AUTO_TEST_CASE(entries_are_found_by_name) {
  Registry<Entry> registry;
  registry.add("imp", {1});
  registry.add("dense", {2});
  BOOST_TEST(registry.find("method", "dense").value == 2);
  BOOST_TEST(registry.contains("imp"));
  BOOST_TEST(!registry.contains("im"));
  BOOST_TEST(registry.names() == (std::vector<std::string>{"dense", "imp"}), per_element());
}

// The second entry must not win silently, whichever name is asked for.
BOOST_AUTO_TEST_CASE(a_duplicate_is_reported_at_the_first_look_up) {
  Registry<Entry> registry;
  registry.add("imp", {1});
  registry.add("snip", {2});
  registry.add("imp", {3});
  BOOST_TEST(says(error_of<std::logic_error>([&] { (void)registry.find("method", "snip"); }),
                  {"two plugins", "method 'imp'"}));
  BOOST_CHECK_THROW(registry.check("method"), std::logic_error);
}

// "resnet20s" is one edit from "resnet20" and two from "resnet8": the nearest, not the first.
BOOST_AUTO_TEST_CASE(an_unknown_name_offers_the_nearest) {
  Registry<Entry> registry;
  for (const char* name : {"resnet110", "resnet20", "resnet50", "resnet8"}) registry.add(name, {});
  BOOST_TEST(
      says(error_of<std::invalid_argument>([&] { (void)registry.find("model", "resnet20s"); }),
           {"unknown model 'resnet20s'", "did you mean 'resnet20'?"}));
  BOOST_TEST(
      says(error_of<std::invalid_argument>([&] { (void)registry.find("model", "transformer"); }),
           {"unknown model 'transformer'", "there is: resnet110, resnet20, resnet50, resnet8"}));
}

// Insertions, deletions and substitutions each count one; "abcdefghi" may differ by three.
BOOST_AUTO_TEST_CASE(nearness_is_the_edit_distance) {
  BOOST_TEST(nearest("kitten", {"sitting", "mitten"}) == "mitten");
  BOOST_TEST(nearest("densty", {"density"}) == "density");
  BOOST_TEST(nearest("ddensity", {"density"}) == "density");
  BOOST_TEST(nearest("dxnsxxy", {"density"}).empty());
  BOOST_TEST(nearest("abcdefghi", {"abcxyzghi"}) == "abcxyzghi");
  BOOST_TEST(nearest("abcdefghi", {"abwxyzghi"}).empty());
  BOOST_TEST(nearest("density", {}).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
