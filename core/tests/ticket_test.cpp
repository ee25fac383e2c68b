#include "core/ticket.hpp"

#include "core/files.hpp"
#include "core/model.hpp"
#include "core/net.hpp"
#include "core/streams.hpp"
#include "core/tests/support.hpp"

#include <nlohmann/json.hpp>

#include <functional>

namespace ticketbench {
namespace {

using boost::test_tools::per_element;
using nlohmann::json;
using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using torch::Tensor;

Net net_of(const Architecture& a, const char* stream) {
  Net net(a, prunable_names(a, {}), torch::kCPU);
  initialise(net, Stream(1, stream), Initialisation::kaiming_fan_in, NormScale::uniform);
  return net;
}

Ticket sample() {
  const Architecture a = make_architecture("resnet8", {});
  const Net net = net_of(a, "init");
  Ticket ticket{.architecture = a, .prunable = net.prunable_names(), .mask = MaskSet::ones(net)};
  ticket.mask["conv1.weight"].flatten().slice(0, 0, 100).fill_(false);
  ticket.rewind_to = net.snapshot();
  ticket.trained = net_of(a, "reinit").snapshot();
  ticket.trained["bn1.num_batches_tracked"].fill_(1234);
  ticket.extra["blocks"] = torch::arange(6, torch::kInt32).view({2, 3});
  ticket.level = 7;
  ticket.origin = {{"run", "abc"}, {"method", "imp"}};
  return ticket;
}

void check_equal(const NamedTensors& a, const NamedTensors& b) {
  BOOST_REQUIRE(a.size() == b.size());
  for (const auto& [name, t] : a) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST((b.at(name).scalar_type() == t.scalar_type()));
      BOOST_TEST(torch::equal(b.at(name), t));
    }
  }
}

BOOST_AUTO_TEST_SUITE(ticket)

// Rewind and trained weights differ, the mask has zeros, buffers are integers and floats: a part
// that is lost, or mistaken for another, shows.
BOOST_AUTO_TEST_CASE(a_ticket_comes_back_whole) {
  const TemporaryFolder folder;
  const Ticket ticket = sample();
  save_ticket(folder / "ticket", ticket);
  const Ticket read = load_ticket(folder / "ticket");
  BOOST_TEST(json(read.architecture) == json(ticket.architecture));
  BOOST_TEST(read.prunable == ticket.prunable, per_element());
  BOOST_TEST((read.mask == ticket.mask));
  BOOST_TEST(read.mask.kept() == ticket.mask.total() - 100);
  BOOST_TEST(read.mask.sha256() == ticket.mask.sha256());
  check_equal(read.rewind_to, ticket.rewind_to);
  check_equal(read.trained, ticket.trained);
  check_equal(read.extra, ticket.extra);
  BOOST_TEST(read.level == 7);
  BOOST_TEST((read.origin == ticket.origin));

  const Net net = net_of(read.architecture, "init");
  check_mask(net, read.mask);
  net_of(read.architecture, "other").load(read.trained);
  save_ticket(folder / "again", read);
  BOOST_TEST((read_file(folder / "again") == read_file(folder / "ticket")));
}

// The names that Python reads: mask/, rewind/, trained/, extra/ and the parameter's name.
BOOST_AUTO_TEST_CASE(tensors_have_their_documented_names) {
  const TemporaryFolder folder;
  save_ticket(folder / "ticket", sample());
  const TensorFile file = read_safetensors(folder / "ticket");
  for (const char* name : {"mask/layer2.0.downsample.0.weight", "rewind/fc.bias",
                           "trained/bn1.running_mean", "extra/blocks"})
    BOOST_TEST(file.tensors.contains(name));
  BOOST_TEST((file.tensors.at("mask/conv1.weight").scalar_type() == torch::kUInt8));
  BOOST_TEST(!file.tensors.contains("mask/fc.weight"));
  BOOST_TEST(json::parse(file.metadata.at("architecture")).at("model") == "resnet8");
  BOOST_TEST(json::parse(file.metadata.at("prunable")).size() == 9);
}

// A mask alone, as one made elsewhere may be.
BOOST_AUTO_TEST_CASE(weights_are_optional) {
  const TemporaryFolder folder;
  Ticket ticket = sample();
  ticket.rewind_to = {};
  ticket.trained = {};
  ticket.extra = {};
  save_ticket(folder / "ticket", ticket);
  const Ticket read = load_ticket(folder / "ticket");
  BOOST_TEST(read.rewind_to.empty());
  BOOST_TEST(read.trained.empty());
  BOOST_TEST((read.mask == ticket.mask));
}

// Masks are found by name and come in the order of the prunable list, which is the order of the
// forward pass, wherever they stand in the file.
BOOST_AUTO_TEST_CASE(masks_come_in_the_prunable_order) {
  const TemporaryFolder folder;
  save_ticket(folder / "ticket", sample());
  TensorFile file = read_safetensors(folder / "ticket");
  TensorFile reversed{.tensors = {}, .metadata = file.metadata};
  const auto items = file.tensors.names();
  for (auto name = items.rbegin(); name != items.rend(); ++name)
    reversed.tensors[*name] = file.tensors.at(*name);
  write_safetensors(folder / "reversed", reversed);
  const Ticket read = load_ticket(folder / "reversed");
  BOOST_TEST(read.mask.names() == read.prunable, per_element());
  BOOST_TEST((read.mask == sample().mask));
}

TensorFile without(const TensorFile& file, const std::string& removed) {
  TensorFile result{.tensors = {}, .metadata = file.metadata};
  for (const auto& [name, t] : file.tensors) {
    if (name != removed) result.tensors[name] = t;
  }
  return result;
}

// A sound safetensors file that is no sound ticket: each would train or evaluate another network
// than the one described, or fail far from its cause. All are refused with the file's name.
BOOST_AUTO_TEST_CASE(unsound_tickets_are_refused_by_name) {
  const TemporaryFolder folder;
  save_ticket(folder / "ticket", sample());
  const TensorFile sound = read_safetensors(folder / "ticket");
  struct Case {
    std::string what;
    std::function<void(TensorFile&)> change;
    std::vector<std::string> parts;
  };
  const auto tensor = [](const std::string& name, const Tensor& t) {
    return [=](TensorFile& f) { f.tensors[name] = t; };
  };
  const auto metadata = [](const std::string& key, const std::string& value) {
    return [=](TensorFile& f) { f.metadata[key] = value; };
  };
  const auto remove = [](const std::string& name) {
    return [=](TensorFile& f) { f = without(f, name); };
  };
  const auto forget = [](const std::string& key) {
    return [=](TensorFile& f) { f.metadata.erase(key); };
  };
  const auto architecture = [](const std::string& pointer, const json& value) {
    return [=](TensorFile& f) {
      json a = json::parse(f.metadata.at("architecture"));
      a[json::json_pointer(pointer)] = value;
      f.metadata["architecture"] = a.dump();
    };
  };
  Tensor two = torch::ones({16, 3, 3, 3}, torch::kUInt8);
  two[15][2][2][2] = 2;
  const std::vector<Case> cases{
      {"a mask with a 2",
       tensor("mask/conv1.weight", two),
       {"mask/conv1.weight", "zeros and ones"}},
      {"a mask with a -1",
       tensor("mask/conv1.weight", -torch::ones({16, 3, 3, 3}, torch::kInt8)),
       {"mask/conv1.weight"}},
      {"a float mask",
       tensor("mask/conv1.weight", torch::ones({16, 3, 3, 3})),
       {"mask/conv1.weight"}},
      {"an empty mask",
       tensor("mask/conv1.weight", torch::ones({0}, torch::kUInt8)),
       {"mask/conv1.weight"}},
      {"a mask of another shape",
       tensor("mask/conv1.weight", torch::ones({16, 3, 9}, torch::kUInt8)),
       {"conv1.weight", "[16,3,9]", "[16,3,3,3]"}},
      {"a missing mask",
       remove("mask/layer2.0.conv1.weight"),
       {"mask/layer2.0.conv1.weight", "missing"}},
      {"a mask too many",
       tensor("mask/fc.weight", torch::ones({10, 64}, torch::kUInt8)),
       {"prunable"}},
      {"a tensor of no group",
       tensor("conv1.weight", torch::ones({1})),
       {"'conv1.weight'", "mask/"}},
      {"a tensor of another group",
       tensor("weights/conv1.weight", torch::ones({1})),
       {"weights/conv1.weight"}},
      {"trained weights of another shape",
       tensor("trained/fc.weight", torch::ones({100, 64})),
       {"fc.weight", "[100,64]", "[10,64]"}},
      {"rewind weights of another shape",
       tensor("rewind/conv1.weight", torch::ones({16, 1, 3, 3})),
       {"conv1.weight", "[16,1,3,3]"}},
      {"missing trained weights", remove("trained/fc.bias"), {"fc.bias", "missing"}},
      {"missing statistics", remove("trained/bn1.running_var"), {"bn1.running_var", "missing"}},
      {"statistics of another shape",
       tensor("trained/bn1.running_var", torch::ones({1})),
       {"bn1.running_var", "[1]", "[16]"}},
      {"trained weights too many",
       tensor("trained/layer9.weight", torch::ones({1})),
       {"layer9.weight"}},
      {"no format", forget("format"), {"format"}},
      {"another format", metadata("format", "pt"), {"'pt'", "ticketbench/ticket/1"}},
      {"no architecture", forget("architecture"), {"architecture"}},
      {"no prunable list", forget("prunable"), {"prunable"}},
      {"no level", forget("level"), {"level"}},
      {"a level that is no number", metadata("level", "seven"), {"ticket"}},
      {"a level out of range", metadata("level", "99999999999999999999"), {"ticket"}},
      {"a broken architecture", metadata("architecture", "{\"model\":"), {"ticket"}},
      {"half an architecture", metadata("architecture", "{\"model\": \"x\"}"), {"ticket"}},
      {"another architecture",
       metadata("architecture", json(make_architecture("resnet8s", {})).dump()),
       {"downsample"}},
      {"other channels", architecture("/stem/conv/out", 32), {"conv1.weight"}},
      {"no groups", architecture("/stages/0/blocks/0/body/0/conv/groups", 0), {"layer1.0.conv1"}},
      {"no stride", architecture("/stem/conv/stride", 0), {"conv1"}},
      {"an unknown shortcut", architecture("/stages/0/blocks/0/shortcut", "other"), {"layer1.0"}},
      {"a shortcut without its projection",
       architecture("/stages/0/blocks/0/shortcut", "projection"),
       {"layer1.0"}},
      {"a prunable list of numbers", metadata("prunable", "[1]"), {"ticket"}},
      {"a prunable name of no parameter",
       metadata("prunable", R"(["missing.weight"])"),
       {"missing.weight"}},
  };
  for (const Case& c : cases) {
    BOOST_TEST_CONTEXT(c.what) {
      TensorFile file{.tensors = sound.tensors.clone(), .metadata = sound.metadata};
      c.change(file);
      const auto path = folder / "unsound.safetensors";
      write_safetensors(path, file);
      const std::string message = error_of<std::invalid_argument>([&] { (void)load_ticket(path); });
      BOOST_TEST(says(message, {path.string()}));
      for (const std::string& part : c.parts) BOOST_TEST(says(message, {part}));
    }
  }
}

// A file of another kind, and one cut off as by a full disk of another program.
BOOST_AUTO_TEST_CASE(broken_files_are_refused_by_name) {
  const TemporaryFolder folder;
  save_ticket(folder / "ticket", sample());
  const std::string bytes = read_file(folder / "ticket");
  write_atomically(folder / "cut", std::string_view(bytes).substr(0, bytes.size() / 2));
  BOOST_TEST(says(error_of<std::invalid_argument>([&] { (void)load_ticket(folder / "cut"); }),
                  {(folder / "cut").string()}));
  write_atomically(folder / "text", "This is a text and no ticket.");
  BOOST_TEST(says(error_of<std::invalid_argument>([&] { (void)load_ticket(folder / "text"); }),
                  {(folder / "text").string()}));
  write_safetensors(folder / "other", {});
  BOOST_TEST(says(error_of<std::invalid_argument>([&] { (void)load_ticket(folder / "other"); }),
                  {(folder / "other").string(), "format"}));
}

// Loaded masks and weights are changed in place by methods; the file stays as it is.
BOOST_AUTO_TEST_CASE(changes_in_place_do_not_reach_the_file) {
  const TemporaryFolder folder;
  save_ticket(folder / "ticket", sample());
  const std::string before = read_file(folder / "ticket");
  Ticket read = load_ticket(folder / "ticket");
  read.mask["conv1.weight"].fill_(false);
  read.trained["conv1.weight"].zero_();
  BOOST_TEST((read_file(folder / "ticket") == before));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
