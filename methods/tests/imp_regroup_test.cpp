#include "core/grouping.hpp"
#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

const nlohmann::json kTwoGroups{{"grouping", {{"groups", 2}}}};

Ticket source() {
  return made_ticket(small_resnet(), 4, 0.2);
}

FakeLab trained(const nlohmann::json& fields) {
  FakeLab lab(small_resnet());
  lab.tickets = [](int64_t) { return source(); };
  run_method(lab, "imp_regroup", fields);
  return lab;
}

BOOST_AUTO_TEST_SUITE(imp_regroup)

// Layers of 64 rows in two groups of 32: their masks are the union of the blocks in the ticket,
// those of 16 rows can't be grouped and keep the source's mask.
BOOST_AUTO_TEST_CASE(masks_are_the_union_of_the_tickets_blocks) {
  const FakeLab lab = trained(kTwoGroups);
  const Recorded& record = lab.records.at(0);
  const NamedTensors& extra = record.options.extra;
  const std::string name = "layer3.0.conv2.weight";
  BOOST_TEST_REQUIRE(extra.contains("blocks/" + name + "/sizes"));
  const torch::Tensor rows = extra.at("blocks/" + name + "/rows");
  const torch::Tensor columns = extra.at("blocks/" + name + "/columns");
  const torch::Tensor sizes = extra.at("blocks/" + name + "/sizes");
  torch::Tensor dense = torch::zeros({64, 576}, torch::kBool);
  int64_t row = 0;
  int64_t column = 0;
  for (int64_t b = 0; b < sizes.size(0); ++b) {
    const int64_t height = sizes[b][0].item<int64_t>();
    const int64_t width = sizes[b][1].item<int64_t>();
    for (int64_t r = row; r < row + height; ++r)
      dense[rows[r].item<int64_t>()].index_fill_(0, columns.slice(0, column, column + width), true);
    row += height;
    column += width;
  }
  BOOST_TEST(torch::equal(record.mask.at(name).view({64, 576}), dense));
  BOOST_TEST(torch::equal(record.mask.at("conv1.weight"), source().mask.at("conv1.weight")));
  BOOST_TEST((record.options.structure.kind == StructureKind::group));
}

// Everything in a block is trained from the weights the ticket rewinds to, also what was pruned.
BOOST_AUTO_TEST_CASE(it_is_trained_from_rewound_weights) {
  const FakeLab lab = trained(kTwoGroups);
  BOOST_TEST(lab.trainings.at(0).from == 2);
  BOOST_TEST(same(lab.trainings[0].before, source().rewind_to));
  BOOST_TEST((lab.trainings[0].mask == lab.records.at(0).mask));
  nlohmann::json fresh = kTwoGroups;
  fresh["weights"] = "reinit";
  const FakeLab other = trained(fresh);
  BOOST_TEST(other.trainings.at(0).from == 0);
  BOOST_TEST(!same(other.trainings[0].before, source().rewind_to));
  BOOST_TEST((other.records.at(0).mask == lab.records.at(0).mask));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
