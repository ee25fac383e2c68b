#include "core/grouping.hpp"
#include "core/tests/fake_lab.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace ticketbench {
namespace {

BOOST_AUTO_TEST_SUITE(group_aware_imp)

// Each level by hand: three fifths of the level before's mask goes, by the magnitudes that it was
// trained to, and what is left is regrouped with the level's own numbers. Every level starts from
// W_k.
BOOST_AUTO_TEST_CASE(every_round_prunes_and_regroups) {
  FakeLab lab(small_resnet());
  run_method(lab, "group_aware_imp",
             {{"levels", 2}, {"rate", 0.6}, {"rewind", "2it"}, {"grouping", {{"groups", 2}}}});
  BOOST_TEST_REQUIRE(lab.records.size() == 3U);
  BOOST_TEST(lab.records[0].mask.density() == 1);
  for (size_t level = 1; level <= 2; ++level) {
    const Recorded& before = lab.records[level - 1];
    const NetPtr net = lab.net(small_resnet(), "any");
    net->load(before.weights);
    const MaskSet pruned =
        keep_top(magnitude(*net), 0.4 * before.mask.density(), Scope::global, before.mask);
    const Regrouped expected =
        regrouped(pruned, {.groups = 2}, lab.rng("partition", static_cast<int64_t>(level)));
    BOOST_TEST((lab.records[level].mask == expected.mask));
    BOOST_TEST(lab.records[level].options.extra.names() == expected.blocks.names(),
               boost::test_tools::per_element());
    BOOST_TEST(same(lab.trainings[level + 1].before, lab.trainings[0].after));
    BOOST_TEST((lab.trainings[level + 1].mask == expected.mask));
  }
  BOOST_TEST(!lab.records[2].options.extra.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
