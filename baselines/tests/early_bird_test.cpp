#include "core/filters.hpp"
#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

namespace ticketbench {
namespace {

// The norms' scales never change here (rate and penalty too small to reorder), so the mask stands
// still from the first epoch on: with a window of 3 it has been seen four times after epoch 4, that
// is after 8 iterations of two per epoch.
BOOST_AUTO_TEST_SUITE(early_bird)

BOOST_AUTO_TEST_CASE(the_search_ends_when_the_mask_holds_still) {
  FakeLab lab(small_resnet());
  lab.lengths["train"] = 20;
  lab.watch = true;
  State first = FakeLab(small_resnet()).fresh_net()->snapshot();
  for (const char* norm : {"layer1.0.bn1", "layer2.0.bn1", "layer3.0.bn1"}) {
    torch::Tensor scale = first.at(std::string(norm) + ".weight");
    scale.copy_(torch::arange(scale.numel()) * 10 + 10);
  }
  lab.first = first;
  run_method(lab, "early_bird", {{"filter_fraction", 0.25}, {"window", 3}});
  // Eight iterations of search, twenty of training.
  BOOST_TEST(lab.watched.size() == 28U);
  BOOST_TEST_REQUIRE(lab.trainings.size() == 2U);
  BOOST_TEST(lab.trainings[1].from == 0);
  BOOST_TEST(lab.trainings[1].to == 20);
  // 28 of 112 filters, the best by scale over all layers: 640 down to 370 in the third layer, and
  // the best of each of the others: 26 of the third.
  const MaskSet& mask = lab.records.at(0).mask;
  BOOST_TEST(kept_filters(mask.at("layer1.0.conv1.weight")).sum().item<int64_t>() == 1);
  BOOST_TEST(kept_filters(mask.at("layer2.0.conv1.weight")).sum().item<int64_t>() == 1);
  BOOST_TEST(kept_filters(mask.at("layer3.0.conv1.weight")).sum().item<int64_t>() == 26);
  // The ticket goes on from the weights of the search's end.
  BOOST_TEST(same(lab.trainings[1].before, lab.records[0].options.rewind_to));
  BOOST_TEST(torch::equal(lab.trainings[1].before.at("conv1.weight"),
                          lab.trainings[0].after.at("conv1.weight")));
}

// A mask that moves every epoch never ends it: the whole phase is the search.
BOOST_AUTO_TEST_CASE(a_mask_that_moves_is_no_bird) {
  FakeLab lab(small_resnet());
  lab.lengths["train"] = 12;
  lab.watch = true;
  run_method(lab, "early_bird", {{"filter_fraction", 0.5}, {"window", 3}, {"distance", 0}});
  BOOST_TEST(lab.watched.size() == 24U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
