// Essence of testing: layers and blocks are so small and lopsided that swapped dimensions, a count
// per image instead of per batch, or blocks read in the wrong order give other numbers.

#include "hardware/harness/problem.hpp"

#include "core/model.hpp"
#include "hardware/harness/spec.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

namespace ticketbench {
namespace {

Subject random_resnet8(double density, StructureKind kind = StructureKind::unstructured) {
  return subject_of({.model = "resnet8", .density = density, .structure = {.kind = kind}});
}

BOOST_AUTO_TEST_SUITE(problem)

// 3 inputs, 5 outputs, 2x3 maps, kernel 3, stride 1, padding 1, two images: 5 * 27 = 135 weights on
// 12 output pixels. Kept are 4: 2 * 4 * 12 = 96 operations. Bytes: 4 * (36 + 135 + 60).
BOOST_AUTO_TEST_CASE(work_is_counted_over_the_batch) {
  const kernels::ConvShape shape{.batch = 2,
                                 .in = 3,
                                 .out = 5,
                                 .height = 2,
                                 .width = 3,
                                 .kernel = 3,
                                 .stride = 1,
                                 .padding = 1};
  torch::Tensor mask = torch::zeros({5, 3, 3, 3}, torch::kBool);
  mask.flatten().slice(0, 0, 4).fill_(true);
  const Problem found = problem_of("one", shape, torch::ones({5, 3, 3, 3}), mask, {});
  BOOST_TEST(found.kept() == 4);
  BOOST_TEST(found.dense_flops() == 2.0 * 135 * 12);
  BOOST_TEST(found.kept_flops() == 96.0);
  BOOST_TEST(found.bytes() == 924.0);
  BOOST_TEST(found.weight.sum().item<double>() == 4.0);  // pruned ones are zero
}

// ResNet-8: stem and classifier aren't pruned by default; six 3x3 convolutions and two shortcuts
// are left. The stem's 32x32 maps, then 16x16 and 8x8 behind strides of two.
BOOST_AUTO_TEST_CASE(every_prunable_layer_is_a_problem) {
  const std::vector<Problem> all = problems_of(random_resnet8(0.25), 4, false, 0);
  BOOST_REQUIRE(all.size() == 8U);
  BOOST_TEST(all[2].name == "layer2.0.conv1");
  BOOST_TEST(all[2].shape.in == 16);
  BOOST_TEST(all[2].shape.out == 32);
  BOOST_TEST(all[2].shape.height == 32);
  BOOST_TEST(all[2].shape.stride == 2);
  BOOST_TEST(all[3].shape.height == 16);
  BOOST_TEST(all[0].kept() == std::llround(0.25 * 2304));
  // The paper's odd maps, whatever the network's own.
  BOOST_TEST(problems_of(random_resnet8(0.25), 4, false, 127)[3].shape.width == 127);
}

// ResNet-20 has three blocks a stage: of the six 3x3 convolutions of the first stage only one is
// timed, for six; in the later stages one of five. Uniform masks keep equal counts.
BOOST_AUTO_TEST_CASE(equal_layers_are_timed_once) {
  const Subject subject = subject_of({.model = "resnet20", .density = 0.5});
  const std::vector<Problem> merged = problems_of(subject, 1, true, 0);
  int64_t copies = 0;
  for (const Problem& one : merged) copies += one.copies;
  BOOST_TEST(copies == static_cast<int64_t>(subject.mask.size()));
  BOOST_TEST(merged[0].copies == 6);
  BOOST_TEST(merged.size() == 7U);  // three body shapes, two first ones of a stage, two shortcuts
}

// Two blocks, 2x3 and 1x2, one after the other in three lists.
BOOST_AUTO_TEST_CASE(stored_blocks_are_read_in_order) {
  NamedTensors extra;
  extra["blocks/w/rows"] = torch::tensor({4, 1, 7});
  extra["blocks/w/columns"] = torch::tensor({9, 8, 2, 5, 6});
  extra["blocks/w/sizes"] = torch::tensor({2, 3, 1, 2}).view({2, 2});
  const auto found = stored_blocks(extra, "w");
  BOOST_REQUIRE(found.size() == 2U);
  BOOST_TEST(found[0].rows == std::vector<int64_t>({4, 1}), boost::test_tools::per_element());
  BOOST_TEST(found[0].columns == std::vector<int64_t>({9, 8, 2}), boost::test_tools::per_element());
  BOOST_TEST(found[1].rows == std::vector<int64_t>({7}), boost::test_tools::per_element());
  BOOST_TEST(found[1].columns == std::vector<int64_t>({5, 6}), boost::test_tools::per_element());
  BOOST_TEST(stored_blocks(extra, "other").empty());
  extra["blocks/w/rows"] = torch::tensor({4, 1});
  BOOST_CHECK_THROW(stored_blocks(extra, "w"), std::invalid_argument);
}

// What a ticket's structure is follows from what it holds.
BOOST_AUTO_TEST_CASE(a_tickets_structure_is_seen) {
  const auto kind_of = [](const Subject& subject) {
    Ticket ticket;
    ticket.architecture = subject.architecture;
    ticket.mask = subject.mask;
    ticket.trained = subject.state;
    ticket.extra = subject.extra;
    return subject_of(ticket).structure.kind;
  };
  BOOST_TEST((kind_of(random_resnet8(0.5)) == StructureKind::unstructured));
  BOOST_TEST((kind_of(random_resnet8(0.5, StructureKind::filter)) == StructureKind::filter));
  BOOST_TEST((kind_of(random_resnet8(1)) == StructureKind::unstructured));
  Subject grouped = random_resnet8(0.5);
  grouped.extra["blocks/layer1.0.conv1.weight/sizes"] = torch::zeros({0, 2}, torch::kInt64);
  BOOST_TEST((kind_of(grouped) == StructureKind::group));
  BOOST_CHECK_THROW(subject_of(Ticket{}), std::invalid_argument);
}

// Weights made elsewhere may not be zero where the mask says so.
BOOST_AUTO_TEST_CASE(pruned_weights_of_a_ticket_are_zeroed) {
  const Subject subject = random_resnet8(0.5);
  Ticket ticket;
  ticket.architecture = subject.architecture;
  ticket.mask = subject.mask;
  ticket.trained = subject.state.clone();
  ticket.trained["layer1.0.conv1.weight"].fill_(1);
  const Subject found = subject_of(ticket);
  BOOST_TEST(found.state.at("layer1.0.conv1.weight").sum().item<double>() ==
             static_cast<double>(subject.mask.at("layer1.0.conv1.weight").sum().item<int64_t>()));
  BOOST_TEST(ticket.trained.at("layer1.0.conv1.weight").eq(1).all().item<bool>());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
