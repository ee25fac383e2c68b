#include "core/safetensors.hpp"

#include "core/files.hpp"
#include "core/tests/support.hpp"

#include <nlohmann/json.hpp>

#include <cstring>
#include <fstream>

namespace ticketbench {
namespace {

using boost::test_tools::per_element;
using nlohmann::json;
using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using torch::Tensor;

struct Raw {
  uint64_t length = 0;
  json header;
  std::string data;
};

/// The file as the format describes it, read by nothing of ours but the bytes.
Raw raw(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  BOOST_REQUIRE(bytes.size() >= 8);
  Raw result;
  for (size_t i = 8; i-- > 0;)
    result.length = result.length << 8 | static_cast<unsigned char>(bytes[i]);
  BOOST_REQUIRE(bytes.size() >= 8 + result.length);
  result.header = json::parse(bytes.substr(8, result.length));
  result.data = bytes.substr(8 + result.length);
  return result;
}

std::string little_endian(uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

/// A file made by hand.
std::string file_of(const std::string& header, const std::string& data) {
  return little_endian(header.size()) + header + data;
}

template <class T>
T element(const std::string& bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

BOOST_AUTO_TEST_SUITE(safetensors)

// Every type, a scalar, an empty tensor, several dimensions; values that differ when bytes are
// swapped or the type is confused with another of the same width.
BOOST_AUTO_TEST_CASE(every_type_comes_back) {
  const TemporaryFolder folder;
  TensorFile file;
  const auto types = {torch::kUInt8,    torch::kInt8,    torch::kInt16,
                      torch::kInt32,    torch::kInt64,   torch::kFloat16,
                      torch::kBFloat16, torch::kFloat32, torch::kFloat64};
  for (const torch::ScalarType type : types) {
    const std::string name = c10::toString(type);
    file.tensors[name] = (torch::arange(12, torch::kFloat64) * 9.0 + 3).to(type).view({3, 2, 2});
    file.tensors[name + "/scalar"] = torch::full({}, 77).to(type);
    file.tensors[name + "/empty"] = torch::empty({0, 5}, type);
  }
  file.metadata = {{"level", "3"}, {"text", "with \"quotes\", \\ and \u00e9"}};
  write_safetensors(folder / "file", file);
  const TensorFile read = read_safetensors(folder / "file");
  BOOST_TEST(read.tensors.size() == file.tensors.size());
  for (const auto& [name, t] : file.tensors) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_REQUIRE(read.tensors.contains(name));
      BOOST_TEST((read.tensors.at(name).scalar_type() == t.scalar_type()));
      BOOST_TEST(read.tensors.at(name).sizes() == t.sizes());
      BOOST_TEST(torch::equal(read.tensors.at(name), t));
    }
  }
  BOOST_TEST((read.metadata == file.metadata));
}

// Bits of a mask are bytes 0 and 1 of type U8: what Python's safetensors and NumPy read alike.
BOOST_AUTO_TEST_CASE(bools_are_stored_as_u8) {
  const TemporaryFolder folder;
  TensorFile file;
  file.tensors["mask"] = torch::tensor({1, 0, 1}, torch::kInt64).to(torch::kBool);
  write_safetensors(folder / "file", file);
  const Raw bytes = raw(folder / "file");
  BOOST_TEST(bytes.header["mask"]["dtype"] == "U8");
  BOOST_TEST((bytes.data == std::string("\1\0\1", 3)));
  const Tensor read = read_safetensors(folder / "file").tensors.at("mask");
  BOOST_TEST((read.scalar_type() == torch::kUInt8));
}

// The layout byte by byte: header length, JSON padded with spaces to 8, then data without a hole,
// every tensor at a multiple of its element's size. A U8 tensor of 3 in front of a double would
// leave the double crooked.
BOOST_AUTO_TEST_CASE(bytes_are_laid_out_as_the_format_says) {
  const TemporaryFolder folder;
  TensorFile file;
  file.tensors["small"] = torch::tensor({1, 2, 3}, torch::kUInt8);
  file.tensors["wide"] = torch::tensor({1.5, -2.25}, torch::kFloat64);
  file.tensors["middle"] = torch::tensor({{1, -2, 258}}, torch::kInt32);
  file.metadata["format"] = "pt";
  write_safetensors(folder / "file", file);
  const Raw bytes = raw(folder / "file");
  BOOST_TEST(bytes.length % 8 == 0);
  BOOST_TEST(bytes.header.size() == 4);
  BOOST_TEST(bytes.header["__metadata__"] == json({{"format", "pt"}}));
  BOOST_TEST(bytes.header["wide"] ==
             json({{"dtype", "F64"}, {"shape", {2}}, {"data_offsets", {0, 16}}}));
  BOOST_TEST(bytes.header["middle"] ==
             json({{"dtype", "I32"}, {"shape", {1, 3}}, {"data_offsets", {16, 28}}}));
  BOOST_TEST(bytes.header["small"] ==
             json({{"dtype", "U8"}, {"shape", {3}}, {"data_offsets", {28, 31}}}));
  BOOST_REQUIRE(bytes.data.size() == 31);
  BOOST_TEST(element<double>(bytes.data, 8) == -2.25);
  BOOST_TEST(element<int32_t>(bytes.data, 24) == 258);
  BOOST_TEST(bytes.data[24] == 2);  // little endian
  BOOST_TEST(bytes.data[30] == 3);
}

// Channels-last weights, transposed views and slices are written in logical order.
BOOST_AUTO_TEST_CASE(memory_formats_are_written_in_logical_order) {
  const TemporaryFolder folder;
  TensorFile file;
  const Tensor ramp = torch::arange(24, torch::kFloat32).view({2, 3, 2, 2});
  file.tensors["last"] = ramp.contiguous(torch::MemoryFormat::ChannelsLast);
  file.tensors["slice"] = ramp.slice(1, 1, 3, 1);
  file.tensors["turned"] = torch::arange(6, torch::kFloat32).view({2, 3}).t();
  file.tensors["leaf"] = torch::ones({2}).requires_grad_();
  write_safetensors(folder / "file", file);
  const TensorFile read = read_safetensors(folder / "file");
  for (const auto& [name, t] : file.tensors)
    BOOST_TEST(torch::equal(read.tensors.at(name), t.detach()));
  const Raw bytes = raw(folder / "file");
  const auto begin = bytes.header["last"]["data_offsets"][0].get<size_t>();
  for (size_t i = 0; i < 24; ++i)
    BOOST_TEST(element<float>(bytes.data, begin + 4 * i) == static_cast<float>(i));
  BOOST_TEST(!read.tensors.at("leaf").requires_grad());
}

// Tickets are compared and hashed as files: nothing of time, address or a hash table's order.
BOOST_AUTO_TEST_CASE(the_same_content_gives_the_same_bytes) {
  const TemporaryFolder folder;
  const auto content = [] {
    TensorFile file;
    for (const char* name : {"zeta", "alpha", "mask/a.weight", "mask/b.weight"})
      file.tensors[name] = torch::arange(5, torch::kFloat32);
    file.metadata = {{"b", "2"}, {"a", "1"}};
    return file;
  };
  write_safetensors(folder / "first", content());
  write_safetensors(folder / "second", content());
  BOOST_TEST((read_file(folder / "first") == read_file(folder / "second")));
  // Also after a detour through reading.
  write_safetensors(folder / "third", read_safetensors(folder / "first"));
  BOOST_TEST((read_file(folder / "first") == read_file(folder / "third")));
}

// The mapping is private and lives as long as any tensor of it: training in place on loaded weights
// must not write to the ticket, and removing the file must not take the weights away.
BOOST_AUTO_TEST_CASE(tensors_are_the_readers_own) {
  const TemporaryFolder folder;
  {
    TensorFile file;
    file.tensors["w"] = torch::arange(4, torch::kFloat32);
    write_safetensors(folder / "file", file);
  }
  const std::string before = read_file(folder / "file");
  Tensor kept;
  {
    const TensorFile read = read_safetensors(folder / "file");
    kept = read.tensors.at("w");
    kept.add_(1);
  }
  BOOST_TEST((read_file(folder / "file") == before));
  BOOST_TEST(torch::equal(read_safetensors(folder / "file").tensors.at("w"),
                          torch::arange(4, torch::kFloat32)));
  std::filesystem::remove(folder / "file");
  BOOST_TEST(torch::equal(kept, torch::arange(1, 5, torch::kFloat32)));
}

// Another writer's file: no padding of the header, order of its own, a narrow tensor in front, so
// that the double begins at an odd address; no metadata.
BOOST_AUTO_TEST_CASE(files_of_other_writers_are_read) {
  const TemporaryFolder folder;
  std::string data("\1", 1);
  const double number = 2.5;
  data.append(reinterpret_cast<const char*>(&number), sizeof number);
  const std::string header =
      R"({"d":{"shape":[1],"data_offsets":[1,9],"dtype":"F64"},"b":{"dtype":"BOOL","shape":[],"data_offsets":[0,1]}})";
  for (const char* padding : {"", " ", "  "}) {
    write_atomically(folder / "file", file_of(header + padding, data));
    const TensorFile read = read_safetensors(folder / "file");
    BOOST_TEST(read.tensors.at("d")[0].item<double>() == 2.5);
    BOOST_TEST((read.tensors.at("b").scalar_type() == torch::kBool));
    BOOST_TEST(read.metadata.empty());
  }
  write_atomically(folder / "empty", file_of("{}", ""));
  BOOST_TEST(read_safetensors(folder / "empty").tensors.empty());
}

// Each of these would read outside the file, overflow an integer or hand out other tensors' bytes.
// All are refused with the file's name.
BOOST_AUTO_TEST_CASE(broken_files_are_refused_by_name) {
  const TemporaryFolder folder;
  const std::string eight(8, '\1');
  const auto one = [](const std::string& dtype, const std::string& shape,
                      const std::string& offsets) {
    return R"({"w":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" +
           offsets + "}}";
  };
  const auto two = [](const std::string& a, const std::string& b) {
    return R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)" + a +
           R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":)" + b + "}}";
  };
  struct Case {
    std::string what;
    std::string bytes;
    std::string says;
  };
  const std::string sound = file_of(one("F32", "[2]", "[0,8]"), eight);
  std::vector<Case> cases{
      {"an empty file", "", "content"},
      {"shorter than the length", "\1\2\3", "3 bytes, at least 8"},
      {"a length beyond the file", little_endian(1000) + "{}", "1000"},
      {"a length of 2^64 - 1", little_endian(~0ULL) + "{}", "18446744073709551615"},
      {"a length that wraps around", little_endian(~0ULL - 7) + "{}", "header"},
      {"no header", little_endian(0), "parse"},
      {"half a header", file_of(R"({"w":)", eight), "parse"},
      {"no JSON", file_of("not json", eight), "parse"},
      {"a list", file_of("[1, 2]", ""), "object"},
      {"an entry that is a number", file_of(R"({"w":5})", ""), "sound"},
      {"no dtype", file_of(R"({"w":{"shape":[2],"data_offsets":[0,8]}})", eight), "dtype"},
      {"no shape", file_of(R"({"w":{"dtype":"F32","data_offsets":[0,8]}})", eight), "shape"},
      {"no offsets", file_of(R"({"w":{"dtype":"F32","shape":[2]}})", eight), "data_offsets"},
      {"metadata that isn't text", file_of(R"({"__metadata__":{"a":1}})", ""), "sound"},
      {"an unknown type", file_of(one("F128", "[2]", "[0,8]"), eight), "'F128'"},
      {"a type of another kind",
       file_of(R"({"w":{"dtype":32,"shape":[2],"data_offsets":[0,8]}})", eight), "sound"},
      {"data that ends early", sound.substr(0, sound.size() - 1), "outside"},
      {"an end outside", file_of(one("F32", "[3]", "[0,12]"), eight), "outside the 8"},
      {"a beginning outside", file_of(one("F32", "[0]", "[100,100]"), eight), "outside"},
      {"a huge end", file_of(one("F32", "[2]", "[0,18446744073709551615]"), eight), "outside"},
      {"a negative beginning", file_of(one("F32", "[2]", "[-8,0]"), eight), "outside"},
      {"reversed offsets", file_of(one("F32", "[2]", "[8,0]"), eight), "outside"},
      {"one offset", file_of(one("F32", "[2]", "[0]"), eight), "outside"},
      {"three offsets", file_of(one("F32", "[2]", "[0,8,8]"), eight), "outside"},
      {"fewer bytes than the shape", file_of(one("F32", "[3]", "[0,8]"), eight),
       "8 bytes, its shape needs 12"},
      {"more bytes than the shape", file_of(one("F32", "[1]", "[0,8]"), eight),
       "8 bytes, its shape needs 4"},
      {"a negative extent", file_of(one("F32", "[-2]", "[0,8]"), eight), "shape"},
      {"two negative extents", file_of(one("F32", "[-2,-1]", "[0,8]"), eight), "impossible shape"},
      {"a product over 2^64", file_of(one("F32", "[4294967296,4294967296,2]", "[0,8]"), eight),
       "impossible shape"},
      {"a product of 2^64 + 8", file_of(one("U8", "[3,6148914691236517208]", "[0,8]"), eight),
       "shape"},
      {"an extent over 2^63", file_of(one("U8", "[18446744073709551615]", "[0,8]"), eight),
       "shape"},
      {"an overflow behind a zero", file_of(one("F32", "[0,4611686018427387904,4]", "[0,0]"), ""),
       "impossible shape"},
      {"overlapping tensors", file_of(two("[0,4]", "[2,6]"), eight.substr(0, 6)), "overlap"},
      {"the same bytes twice", file_of(two("[0,4]", "[0,4]"), eight.substr(0, 4)), "overlap"},
      {"a hole", file_of(two("[0,4]", "[5,9]"), eight + "x"), "first 4 of 9"},
      {"a hole in front", file_of(one("F32", "[1]", "[4,8]"), eight), "first 0 of 8"},
      {"bytes at the end", sound + "x", "first 8 of 9"},
  };
  for (const Case& c : cases) {
    BOOST_TEST_CONTEXT(c.what) {
      const auto path = folder / "broken.safetensors";
      write_atomically(path, c.bytes);
      BOOST_TEST(says(error_of<std::invalid_argument>([&] { (void)read_safetensors(path); }),
                      {path.string(), c.says}));
    }
  }
  write_atomically(folder / "sound", sound);
  BOOST_TEST(read_safetensors(folder / "sound").tensors.at("w").numel() == 2);
}

// Every single bit of a small file's length and header turned over: refused or read, never a crash.
BOOST_AUTO_TEST_CASE(no_flipped_bit_crashes) {
  const TemporaryFolder folder;
  TensorFile file;
  file.tensors["w"] = torch::arange(6, torch::kFloat32).view({2, 3});
  file.tensors["m"] = torch::ones({3}, torch::kBool);
  write_safetensors(folder / "file", file);
  const std::string sound = read_file(folder / "file");
  const size_t header = sound.size() - 27;
  int refused = 0;
  for (size_t i = 0; i < 8 * header; ++i) {
    std::string bytes = sound;
    bytes[i / 8] = static_cast<char>(bytes[i / 8] ^ (1 << (i % 8)));
    std::ofstream(folder / "flipped", std::ios::binary) << bytes;
    try {
      const TensorFile read = read_safetensors(folder / "flipped");
      for (const auto& [name, t] : read.tensors) (void)t.to(torch::kFloat64).sum().item<double>();
    } catch (const std::invalid_argument& error) {
      ++refused;
      BOOST_TEST(says(error.what(), {"flipped"}));
    }
  }
  BOOST_TEST(refused > 0);
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_named) {
  const TemporaryFolder folder;
  BOOST_TEST(says(error_of<std::runtime_error>([&] { (void)read_safetensors(folder / "missing"); }),
                  {(folder / "missing").string(), "No such file"}));
  BOOST_TEST(says(error_of<std::invalid_argument>([&] { (void)read_safetensors(folder.path()); }),
                  {folder.path().string()}));
}

// What can't be written leaves the old file.
BOOST_AUTO_TEST_CASE(what_cannot_be_written_leaves_the_old_file) {
  const TemporaryFolder folder;
  TensorFile file;
  file.tensors["w"] = torch::ones({2});
  write_safetensors(folder / "file", file);
  const std::string before = read_file(folder / "file");
  file.tensors["c"] = torch::ones({2}, torch::kComplexFloat);
  BOOST_TEST(
      says(error_of<std::invalid_argument>([&] { write_safetensors(folder / "file", file); }),
           {(folder / "file").string(), "c", "Complex"}));
  BOOST_TEST((read_file(folder / "file") == before));
  BOOST_CHECK_THROW(write_safetensors(folder / "missing" / "file", {}), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
