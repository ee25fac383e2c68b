// Laws that every registered method obeys, tried through FakeLab on a small ResNet. The cases are
// made when the tests start, from the registry: a new method is under the contract by being there.

#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <filesystem>

namespace ticketbench {
namespace {

namespace fs = std::filesystem;

FakeLab run_once(const std::string& name, uint64_t seed) {
  FakeLab lab(small_resnet(), seed);
  if (make_method(name)->card().needs != Needs::none)
    lab.tickets = [](int64_t level) {
      return made_ticket(small_resnet(), std::max<int64_t>(level, 2));
    };
  run_method(lab, name);
  return lab;
}

std::vector<std::string> mask_hashes(const FakeLab& lab) {
  std::vector<std::string> hashes;
  for (const Recorded& record : lab.records) hashes.push_back(record.mask.sha256());
  return hashes;
}

std::string refusal(const std::string& name, const nlohmann::json& fields) {
  const auto method = make_method(name);
  try {
    read_fields([&](Fields& f) { method->fields(f); }, fields, "");
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

// A record, of masks over exactly the prunable weights, whose levels differ; the method trained
// something before it.
void check_records(const std::string& name) {
  const FakeLab lab = run_once(name, 1);
  BOOST_TEST(!lab.records.empty());
  BOOST_TEST(!lab.trainings.empty());
  std::set<int64_t> levels;
  for (const Recorded& record : lab.records) {
    BOOST_TEST(record.mask.names() == prunable_names(record.architecture, {.classifier = true}),
               boost::test_tools::per_element());
    BOOST_TEST(levels.insert(record.level).second);
    BOOST_TEST(record.mask.kept() > 0);
    for (const auto& [tensor, m] : record.mask) {
      BOOST_TEST((m.scalar_type() == torch::kBool));
      BOOST_TEST(m.sizes() == record.weights.at(tensor).sizes());
    }
  }
}

// A hard mask leaves exact zeros in the net that training gave back.
void check_zeros(const std::string& name) {
  const FakeLab lab = run_once(name, 1);
  const Training& last = lab.trainings.back();
  const Recorded& record = lab.records.back();
  // A method whose last training was dense prunes afterwards or by its forward pass: the record
  // masks it.
  if (last.mask.kept() == last.mask.total()) return;
  for (const auto& [tensor, m] : record.mask) {
    const torch::Tensor pruned = record.weights.at(tensor).masked_select(m.logical_not());
    BOOST_TEST(pruned.count_nonzero().item<int64_t>() == 0);
  }
}

// The same seed gives the same; another seed other weights, and another mask where the method asked
// for random numbers.
void check_seeds(const std::string& name) {
  const FakeLab first = run_once(name, 1);
  const FakeLab again = run_once(name, 1);
  BOOST_TEST(mask_hashes(first) == mask_hashes(again), boost::test_tools::per_element());
  BOOST_TEST(same(first.records.back().weights, again.records.back().weights));
  const FakeLab other = run_once(name, 2);
  BOOST_TEST(!same(first.records.back().weights, other.records.back().weights));
  // A method that starts from a ticket gets the same one for both seeds.
  if (!first.streams.empty() && make_method(name)->card().needs == Needs::none)
    BOOST_TEST((mask_hashes(first) != mask_hashes(other)));
}

// Every field says what it is, has a default inside its own range, and refuses what it must.
void check_fields(const std::string& name) {
  const auto method = make_method(name);
  const FieldsFunction declare = [&](Fields& f) { method->fields(f); };
  BOOST_TEST(refusal(name, write_fields(declare)) == "");
  for (const FieldDoc& doc : describe_fields(declare)) {
    BOOST_TEST(!doc.help.empty(), doc.name);
    if (doc.name.find('.') != std::string::npos) continue;
    BOOST_TEST(refusal(name, {{doc.name, nlohmann::json::object()}}) != "", doc.name);
    if (doc.type == "number" && doc.allowed != "any") {
      const double outside = doc.allowed.starts_with("<=") ? 1e300 : -1e300;
      BOOST_TEST(refusal(name, {{doc.name, outside}}).starts_with("/" + doc.name + ": "), doc.name);
    }
  }
  BOOST_TEST(refusal(name, {{"surely_no_field", 1}})
                 .starts_with("/surely_no_field: unknown field 'surely_no_field'"));
}

void check_card(const std::string& name) {
  const auto method = make_method(name);
  const Card& card = method->card();
  BOOST_TEST(card.name == name);
  BOOST_TEST(!card.title.empty());
  BOOST_TEST(!card.paper.empty());
  BOOST_TEST(!card.place.empty());
  BOOST_TEST(card.version >= 1);
  for (const std::string_view sentence : card.deviations)
    BOOST_TEST((sentence.empty() || sentence.ends_with('.')), sentence);
  const fs::path root = TICKETBENCH_SOURCE_FOLDER;
  BOOST_TEST((fs::exists(root / "baselines" / (name + ".cpp")) ||
              fs::exists(root / "methods" / (name + ".cpp"))));
}

// A method that starts from another run asks for it, and one that doesn't must not.
void check_source(const std::string& name) {
  const FakeLab lab = run_once(name, 1);
  BOOST_TEST(lab.source_levels.empty() == (make_method(name)->card().needs == Needs::none));
}

struct Laws {
  Laws() {
    const std::pair<const char*, void (*)(const std::string&)> laws[] = {
        {"records", check_records}, {"zeros", check_zeros}, {"seeds", check_seeds},
        {"fields", check_fields},   {"card", check_card},   {"source", check_source}};
    auto* suite = BOOST_TEST_SUITE("contract");
    for (const std::string& name : Registry<MethodFactory>::instance().names()) {
      for (const auto& [law, check] : laws) {
        suite->add(boost::unit_test::make_test_case([name, check = check] { check(name); },
                                                    fmt::format("{}_{}", name, law), __FILE__,
                                                    __LINE__));
      }
    }
    boost::unit_test::framework::master_test_suite().add(suite);
  }
};

}  // namespace

// Called by main.cpp's init function, when every plugin has registered itself.
void add_contract() {
  static const Laws laws;
}

namespace {

// One file, one method: a file that registers nothing, or two, is noticed here.
BOOST_AUTO_TEST_CASE(every_plugin_file_registers_one_method) {
  size_t files = 0;
  for (const char* folder : {"baselines", "methods"}) {
    const fs::path path = fs::path(TICKETBENCH_SOURCE_FOLDER) / folder;
    if (!fs::is_directory(path)) continue;
    for (const auto& entry : fs::directory_iterator(path))
      files += entry.path().extension() == ".cpp" ? 1U : 0U;
  }
  const auto& registry = Registry<MethodFactory>::instance();
  BOOST_CHECK_NO_THROW(registry.check("method"));
  BOOST_TEST(registry.names().size() == files);
}

}  // namespace
}  // namespace ticketbench
