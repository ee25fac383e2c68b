#include "core/architecture.hpp"

#include "core/model.hpp"
#include "core/tests/support.hpp"

#include <fmt/format.h>

#include <functional>
#include <numeric>
#include <set>

namespace ticketbench {
namespace {

using boost::test_tools::per_element;
using testing::error_of;
using testing::says;
using Names = std::vector<std::string>;
using nlohmann::json;

const ModelOptions kCifar{};
const ModelOptions kImageNet{.input = {3, 224, 224}, .classes = 1000, .stem = Stem::imagenet};

int64_t parameters(const std::string& model, const ModelOptions& options = kCifar) {
  return parameter_count(make_architecture(model, options));
}

int64_t macs(const std::string& model, const ModelOptions& options = kCifar) {
  return mac_count(make_architecture(model, options));
}

int64_t weights(const std::string& model, const PrunableRule& rule,
                const ModelOptions& options = kCifar) {
  const Architecture a = make_architecture(model, options);
  const Names names = prunable_names(a, rule);
  int64_t count = 0;
  for (const LayerShape& layer : layers(a)) {
    if (std::find(names.begin(), names.end(), layer.weight) != names.end()) count += layer.numel();
  }
  return count;
}

BOOST_AUTO_TEST_SUITE(architecture)

// torchvision 0.20 prints these three for its own models. A bias in a convolution, a missing
// projection or norm, or the stride on the wrong convolution of a bottleneck (MACs) changes them.
BOOST_AUTO_TEST_CASE(torchvision_models_have_torchvisions_counts) {
  BOOST_TEST(parameters("resnet18", kImageNet) == 11'689'512);
  BOOST_TEST(parameters("resnet34", kImageNet) == 21'797'672);
  BOOST_TEST(parameters("resnet50", kImageNet) == 25'557'032);

  // ResNet-18, layer by layer: weights x output positions. A stage after the first halves the
  // positions twice and doubles the width: 3.5 times the first convolution's weights at stride 2.
  const int64_t stem = 64 * 3 * 49 * 112 * 112;
  const int64_t stage1 = 4 * (64 * 64 * 9) * 56 * 56;
  const int64_t stage2 = (128 * 64 * 9 + 3 * 128 * 128 * 9 + 128 * 64) * 28 * 28;
  const int64_t stage3 = (256 * 128 * 9 + 3 * 256 * 256 * 9 + 256 * 128) * 14 * 14;
  const int64_t stage4 = (512 * 256 * 9 + 3 * 512 * 512 * 9 + 512 * 256) * 7 * 7;
  BOOST_TEST(macs("resnet18", kImageNet) == stem + stage1 + stage2 + stage3 + stage4 + 512 * 1000);
  BOOST_TEST(macs("resnet18", kImageNet) == 1'814'073'344);
  BOOST_TEST(macs("resnet50", kImageNet) == 4'089'184'256);
}

// ResNet-26: 2, 3, 4, 3 blocks, counted in arXiv:2103.16547's code: weights and multiply-adds.
BOOST_AUTO_TEST_CASE(resnet26_lies_between) {
  BOOST_TEST(weights("resnet26", {.classifier = true}, kImageNet) == 19'051'712);
  BOOST_TEST(fmt::format("{:.3f}", static_cast<double>(macs("resnet26", kImageNet)) / 1e9) ==
             "2.739");
}

// VGG on CIFAR-10, by hand: 3x3 convolutions 3-64-64, 64-128-128, 128-256 (4 in all), 256-512 (4),
// 512-512 (4), 512 x 10. A pool too many or too few changes the multiply-adds.
BOOST_AUTO_TEST_CASE(vgg_by_hand) {
  BOOST_TEST(weights("vgg19", {.classifier = true}) == 20'024'000);
  BOOST_TEST(macs("vgg19") == 398'136'320);
  // Norms have two numbers a channel, 5,504 channels in vgg19 and 4,224 in vgg16; one bias a class.
  BOOST_TEST(parameters("vgg19") == 20'024'000 + 2 * 5'504 + 10);
  BOOST_TEST(parameters("vgg16") ==
             20'024'000 - 9 * 256 * 256 - 2 * 9 * 512 * 512 + 2 * 4'224 + 10);
  BOOST_TEST(parameters("vgg13_fc3") - parameters("vgg13") == 2 * (512 * 512 + 512));
  BOOST_TEST(weights("vgg13_fc3", {}) - weights("vgg13", {}) == 2 * 512 * 512);
  // 512 x 2 x 2 features.
  BOOST_TEST(parameters("vgg16_fc256") - parameters("vgg16") ==
             2'048 * 256 + 256 + 256 * 256 + 256 + 256 * 10 - 512 * 10);
}

// arXiv:2202.04736 prints 1.86 M and 3.21 M, the latter cut and not rounded; by hand for the
// latter: depthwise 9 in, pointwise in times out of 32-64-128-128-256-256-512 (six
// times)-1024-1024, two numbers a channel in norms.
BOOST_AUTO_TEST_CASE(wide_and_mobile_as_printed) {
  const auto millions = [](const std::string& model) {
    return fmt::format("{:.2f}", static_cast<double>(parameters(model)) / 1e6);
  };
  BOOST_TEST(millions("wrn32_2") == "1.86");
  const std::vector<int64_t> widths{32,  64,  128, 128, 256, 256,  512,
                                    512, 512, 512, 512, 512, 1024, 1024};
  int64_t expected = 3 * 32 * 9 + 2 * 32 + 1024 * 10 + 10;
  for (size_t i = 1; i < widths.size(); ++i)
    expected += widths[i - 1] * 9 + 2 * widths[i - 1] + widths[i - 1] * widths[i] + 2 * widths[i];
  BOOST_TEST(parameters("mobilenet_v1") == expected);
  BOOST_TEST(millions("mobilenet_v1") == "3.22");
}

// 784-300-300-100-10.
BOOST_AUTO_TEST_CASE(fully_connected_networks) {
  const ModelOptions mnist{.input = {1, 28, 28}};
  BOOST_TEST(parameters("mlp2", mnist) == 785 * 300 + 301 * 300 + 301 * 100 + 101 * 10);
  BOOST_TEST(macs("mlp2", mnist) == 784 * 300 + 300 * 300 + 300 * 100 + 100 * 10);
  // All but the last may be pruned where the classifier may not.
  BOOST_TEST(weights("mlp2", {}, mnist) == 784 * 300 + 300 * 300 + 300 * 100);
}

// The CIFAR stem is 3x3 and nothing is pooled: 9,408 stem weights become 1,728, and the first
// stage sees all 32 x 32 positions (0.556 G and not a sixteenth of it).
BOOST_AUTO_TEST_CASE(torchvision_models_with_the_cifar_stem) {
  BOOST_TEST(parameters("resnet18") == 11'689'512 - 9'408 + 1'728 - 513 * 990);
  BOOST_TEST(parameters("resnet18") == 11'173'962);
  BOOST_TEST(parameters("resnet34") == 21'282'122);
  BOOST_TEST(parameters("resnet50") == 23'520'842);
  BOOST_TEST(macs("resnet18") == 555'422'720);
}

// Depth 6n + 2. By hand for n blocks a stage (a norm has 2 numbers a channel):
//   stem        3*16*9 + 32                                =    464
//   stage 1     2n (16*16*9 + 32)                          =   4,672 n
//   stage 2     16*32*9 + (2n - 1) 32*32*9 + 2n 64         =  18,560 n -  4,608
//   stage 3     32*64*9 + (2n - 1) 64*64*9 + 2n 128        =  73,984 n - 18,432
//   classifier  64*10 + 10                                 =    650
// together 97,216 n - 21,926, and with 1x1 projections 16*32 + 64 + 32*64 + 128 = 2,752 more.
// MACs: 3 * 2n * 16*16*9 * 1024 = 14,155,776 n; the two first convolutions of stage 2 and 3 have
// half the inputs, 2 * 1,179,648 less; stem 442,368, classifier 640: 14,155,776 n - 1,916,288; the
// projections 512 * 256 + 2048 * 64 = 262,144.
BOOST_AUTO_TEST_CASE(the_cifar_family_by_formula) {
  for (const auto& [depth, n] : std::vector<std::pair<int, int64_t>>{
           {8, 1}, {14, 2}, {20, 3}, {32, 5}, {44, 7}, {56, 9}, {110, 18}}) {
    const std::string projected = fmt::format("resnet{}", depth);
    BOOST_TEST_CONTEXT(projected) {
      BOOST_TEST(parameters(projected + "s") == 97'216 * n - 21'926);
      BOOST_TEST(parameters(projected) == 97'216 * n - 21'926 + 2'752);
      BOOST_TEST(macs(projected + "s") == 14'155'776 * n - 1'916'288);
      BOOST_TEST(macs(projected) == 14'155'776 * n - 1'916'288 + 262'144);
    }
  }
  BOOST_TEST(parameters("resnet20s") == 269'722);
  BOOST_TEST(parameters("resnet110s") == 1'727'962);
}

// The papers print 26.66, 40.81, 69.12, 125.75 and 253.15 M: independent of the formula above.
BOOST_AUTO_TEST_CASE(the_cifar_family_as_printed) {
  const auto printed = [](const std::string& model) {
    return fmt::format("{:.2f}", static_cast<double>(macs(model)) / 1e6);
  };
  BOOST_TEST(printed("resnet14") == "26.66");
  BOOST_TEST(printed("resnet20") == "40.81");
  BOOST_TEST(printed("resnet32") == "69.12");
  BOOST_TEST(printed("resnet56") == "125.75");
  BOOST_TEST(printed("resnet110") == "253.15");
}

// 100 classes and one colour channel: 64 x 90 + 90 more, 2 x 144 less. A hard-wired 10 or 3 shows.
BOOST_AUTO_TEST_CASE(classes_and_channels_are_free) {
  const Architecture a = make_architecture("resnet20s", {.input = {1, 28, 28}, .classes = 100});
  BOOST_TEST(a.classes() == 100);
  BOOST_TEST(parameter_count(a) == 269'722 + 65 * 90 - 2 * 144);
}

// The roles must be told apart: stem 432, projections 2,560, classifier 640 are different numbers.
BOOST_AUTO_TEST_CASE(prunable_weights_follow_the_rule) {
  BOOST_TEST(weights("resnet20s", {}) == 267'696);
  BOOST_TEST(weights("resnet20s", {.stem = false}) == 267'696 - 432);
  BOOST_TEST(weights("resnet20s", {.classifier = true}) == 267'696 + 640);
  BOOST_TEST(weights("resnet20s", {.shortcuts = false}) == 267'696);
  BOOST_TEST(weights("resnet20", {}) == 267'696 + 2'560);
  BOOST_TEST(weights("resnet20", {.stem = false, .shortcuts = false}) == 267'696 - 432);
  BOOST_TEST(weights("resnet50", {.classifier = true}, kImageNet) == 25'502'912);
  BOOST_TEST(
      prunable_names(make_architecture("resnet50", kImageNet), {.classifier = true}).size() == 54);
}

// Order of the forward pass, a projection after its body: the place in this list breaks ties.
BOOST_AUTO_TEST_CASE(prunable_names_are_in_order) {
  const Names expected{
      "conv1.weight",          "layer1.0.conv1.weight", "layer1.0.conv2.weight",
      "layer2.0.conv1.weight", "layer2.0.conv2.weight", "layer2.0.downsample.0.weight",
      "layer3.0.conv1.weight", "layer3.0.conv2.weight", "layer3.0.downsample.0.weight"};
  BOOST_TEST(prunable_names(make_architecture("resnet8", kCifar), {}) == expected, per_element());
}

// The parameters of torchvision's resnet18().named_parameters(), written by its rule and not by
// ours: 62 names in this order, so that load_state_dict takes a ticket's weights.
BOOST_AUTO_TEST_CASE(resnet18_has_torchvisions_parameter_names) {
  Names expected{"conv1.weight", "bn1.weight", "bn1.bias"};
  for (int layer = 1; layer <= 4; ++layer) {
    for (int block = 0; block < 2; ++block) {
      Names parts{"conv1.weight", "bn1.weight", "bn1.bias",
                  "conv2.weight", "bn2.weight", "bn2.bias"};
      if (layer > 1 && block == 0)
        for (const char* part : {"downsample.0.weight", "downsample.1.weight", "downsample.1.bias"})
          parts.emplace_back(part);
      for (const std::string& part : parts)
        expected.push_back(fmt::format("layer{}.{}.{}", layer, block, part));
    }
  }
  expected.insert(expected.end(), {"fc.weight", "fc.bias"});
  BOOST_REQUIRE(expected.size() == 62);

  Names found;
  for (const TensorShape& p : parameter_shapes(make_architecture("resnet18", kImageNet)))
    found.push_back(p.name);
  BOOST_TEST(found == expected, per_element());
}

// torchvision's Bottleneck: 1x1, 3x3 with the stride ("v1.5"), 1x1 to four times the width.
BOOST_AUTO_TEST_CASE(resnet50_has_torchvisions_bottleneck) {
  const Architecture a = make_architecture("resnet50", kImageNet);
  const Block& block = a.stages.at(1).blocks.at(0);
  BOOST_REQUIRE(block.body.size() == 3);
  const auto is = [](const Conv& c, const Conv& e) {
    BOOST_TEST_CONTEXT(e.name) {
      BOOST_TEST(c.name == e.name);
      BOOST_TEST(c.in == e.in);
      BOOST_TEST(c.out == e.out);
      BOOST_TEST(c.kernel == e.kernel);
      BOOST_TEST(c.stride == e.stride);
      BOOST_TEST(c.padding == e.padding);
      BOOST_TEST(!c.bias);
    }
  };
  is(block.body[0].conv, {"layer2.0.conv1", 256, 128, 1, 1, 0});
  is(block.body[1].conv, {"layer2.0.conv2", 128, 128, 3, 2, 1});
  is(block.body[2].conv, {"layer2.0.conv3", 128, 512, 1, 1, 0});
  is(block.projection.value().conv, {"layer2.0.downsample.0", 256, 512, 1, 2, 0});
  BOOST_TEST(block.body[1].relu);
  BOOST_TEST(!block.body[2].relu);
  // The first stage keeps the extent but widens 64 to 256: a projection without a stride.
  BOOST_TEST(a.stages.at(0).blocks.at(0).projection.value().conv.stride == 1);
  BOOST_TEST(!a.stages.at(0).blocks.at(1).projection);
}

// All names that the four papers' tables use, and each under its own name.
BOOST_AUTO_TEST_CASE(the_registered_models) {
  const Names found = Registry<ModelFamily>::instance().names();
  const std::set<std::string> registered(found.begin(), found.end());
  for (const char* name :
       {"resnet14",  "resnet18", "resnet20", "resnet20s",    "resnet26",    "resnet32",
        "resnet34",  "resnet44", "resnet50", "resnet56",     "resnet56s",   "resnet110",
        "wrn32_2",   "vgg13",    "vgg16",    "vgg19",        "vgg13_fc2",   "vgg13_fc3",
        "vgg13_fc5", "mlp2",     "mlp3",     "mobilenet_v1", "vgg16_fc256", "mlp4"})
    BOOST_TEST(registered.contains(name), name);
  for (const std::string& name : found) BOOST_TEST(make_architecture(name, kCifar).model == name);
  BOOST_TEST(
      says(error_of<std::invalid_argument>([] { (void)make_architecture("resnet21", kCifar); }),
           {"unknown model 'resnet21'", "did you mean 'resnet"}));
}

// Everything that differs between models must survive: projection, pad, groups, bias, the pool.
BOOST_AUTO_TEST_CASE(json_round_trip_is_the_identity) {
  std::vector<Architecture> all{make_architecture("resnet8s", kCifar),
                                make_architecture("resnet50", kImageNet)};
  all.push_back(make_architecture("vgg16_fc256", kCifar));  // pools, a feature map of 2x2
  all.push_back(all.front());
  all.back().stem.conv.bias = true;
  all.back().stem.norm = "";
  all.back().stages[0].blocks[0].body[0].conv.groups = 4;
  all.back().stages[0].blocks[0].shortcut = Shortcut::none;
  all.back().classifier = {{"a", 64, 32, false, true}, {"b", 32, 7}};
  for (const Architecture& a : all) {
    const json written = a;
    const auto read = json::parse(written.dump()).get<Architecture>();
    BOOST_TEST(json(read) == written);
    BOOST_TEST(parameter_count(read) == parameter_count(a));
    BOOST_TEST(mac_count(read) == mac_count(a));
  }
  BOOST_TEST(json(all[0]) != json(all[3]));
  BOOST_TEST(json(all[0]).at("stages")[1]["blocks"][0]["shortcut"] == "pad");
}

// Each of these would divide by zero, index past an end or be taken for another net further on.
BOOST_AUTO_TEST_CASE(an_impossible_description_is_refused) {
  const json sound = make_architecture("resnet8", kCifar);
  BOOST_TEST(sound.get<Architecture>().classes() == 10);
  const std::string conv = "/stages/0/blocks/0/body/0/conv";
  const std::vector<std::pair<std::string, json>> changes{
      {conv + "/stride", 0},
      {conv + "/groups", 0},
      {conv + "/groups", 3},
      {conv + "/kernel", 0},
      {conv + "/out", -16},
      {conv + "/padding", -1},
      {"/stem/conv/stride", 0},
      {"/stages/1/blocks/0/projection/conv/stride", 0},
      {"/stages/0/blocks/0/body", json::array()},
      {"/stages/0/blocks/0/shortcut", "projektion"},
      {"/stages/0/blocks/0/shortcut", "projection"},
      {"/stages/1/blocks/0/shortcut", "identity"},
      {"/classifier", json::array()},
      {"/classifier/0/out", 0},
      {"/features", 0},
  };
  for (const auto& [pointer, value] : changes) {
    BOOST_TEST_CONTEXT(pointer << " = " << value) {
      json changed = sound;
      changed[json::json_pointer(pointer)] = value;
      BOOST_TEST(
          says(error_of<std::invalid_argument>([&c = changed] { (void)c.get<Architecture>(); }),
               {"architecture"}));
    }
  }
  json missing = sound;
  missing.erase("stages");
  BOOST_CHECK_THROW((void)missing.get<Architecture>(), json::exception);
}

// Odd and unequal sides: (33 + 2 - 3) / 2 + 1 = 17 and (46 + 2 - 3) / 2 + 1 = 23; rounding up or
// swapping height and width shows. 17 -> 9 and 23 -> 12 follow.
BOOST_AUTO_TEST_CASE(output_positions_round_down) {
  const auto all = layers(make_architecture("resnet8", {.input = {3, 33, 46}}));
  BOOST_TEST(all.at(0).output_positions == 33 * 46);
  BOOST_TEST(all.at(3).output_positions == 17 * 23);
  BOOST_TEST(all.at(5).output_positions == 17 * 23);
  BOOST_TEST((all.at(5).role == Role::shortcut));
  BOOST_TEST(all.at(8).output_positions == 9 * 12);
  BOOST_TEST(all.at(9).output_positions == 1);
  // What the layers take in, and how: the second stage's first convolution halves, its shortcut
  // too.
  BOOST_TEST(all.at(3).input_height == 33);
  BOOST_TEST(all.at(3).input_width == 46);
  BOOST_TEST(all.at(3).stride == 2);
  BOOST_TEST(all.at(3).padding == 1);
  BOOST_TEST(all.at(5).input_width == 46);
  BOOST_TEST(all.at(5).padding == 0);
  BOOST_TEST(all.at(9).input_height == 1);
  BOOST_TEST(all.at(9).macs() == 640);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
