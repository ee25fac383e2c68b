#include "core/fields.hpp"

#include "core/registry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace ticketbench {
namespace {

using nlohmann::json;

std::string bounds(const Range& range) {
  const bool low = std::isfinite(range.min);
  const bool high = std::isfinite(range.max);
  if (low && high) return fmt::format("in [{}, {}]", range.min, range.max);
  if (low) return fmt::format(">= {}", range.min);
  if (high) return fmt::format("<= {}", range.max);
  return "any";
}

template <class... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};

class Reader : public Fields {
 public:
  Reader(const json& in, std::string pointer) : in_(in), pointer_(std::move(pointer)) {}
  std::vector<std::string> known;

 private:
  void on(const Field& field) override {
    known.emplace_back(field.name);
    const auto it = in_.find(field.name);
    if (it == in_.end()) return;
    const std::string where = fmt::format("{}/{}", pointer_, field.name);
    const json& value = *it;
    const auto refuse = [&](std::string_view allowed) {
      throw std::invalid_argument(
          fmt::format("{}: {} found, {} expected", where, value.dump(), allowed));
    };
    const auto number = [&](const json& v) {
      if (!v.is_number() ||
          !(v.get<double>() >= field.range.min && v.get<double>() <= field.range.max)) {
        refuse(fmt::format("a number {}", bounds(field.range)));
      }
      return v.get<double>();
    };
    const auto duration = [&](const json& v) {
      if (!v.is_string() && !v.is_number()) refuse("a duration such as \"5ep\", \"1000it\" or 0.5");
      try {
        return parse_duration(v.is_string() ? v.get<std::string>() : v.dump());
      } catch (const std::invalid_argument& error) {
        throw std::invalid_argument(fmt::format("{}: {}", where, error.what()));
      }
    };
    const auto list = [&](auto& target, const auto& element) {
      if (!value.is_array()) refuse("a list");
      target.clear();
      for (const json& v : value) target.push_back(element(v));
    };
    std::visit(
        Overload{
            [&](double* v) { *v = number(value); },
            [&](int64_t* v) {
              if (!value.is_number_integer() ||
                  (value.is_number_unsigned() && !std::in_range<int64_t>(value.get<uint64_t>())))
                refuse(fmt::format("an integer {}", bounds(field.range)));
              number(value);
              *v = value.get<int64_t>();
            },
            [&](bool* v) {
              if (!value.is_boolean()) refuse("true or false");
              *v = value.get<bool>();
            },
            [&](std::string* v) {
              if (!value.is_string()) refuse("a text");
              *v = value.get<std::string>();
            },
            [&](Duration* v) { *v = duration(value); },
            [&](std::vector<double>* v) { list(*v, number); },
            [&](std::vector<Duration>* v) { list(*v, duration); },
            [&](const EnumField& e) {
              const auto name = value.is_string() ? value.get<std::string>() : "";
              const auto found = std::find(e.names.begin(), e.names.end(), name);
              if (found == e.names.end())
                refuse(fmt::format("one of {}", fmt::join(e.names, ", ")));
              e.set(static_cast<size_t>(found - e.names.begin()));
            },
            [&](const std::function<void(Fields&)>& nested) { read_fields(nested, value, where); },
        },
        field.value);
  }

  const json& in_;
  std::string pointer_;
};

class Writer : public Fields {
 public:
  json out = json::object();

 private:
  void on(const Field& field) override {
    if (field.unsaid) return;
    json& value = out[std::string(field.name)];
    std::visit(
        Overload{
            [&](const Duration* v) { value = to_string(*v); },
            [&](const std::vector<Duration>* v) {
              value = json::array();
              for (const Duration& d : *v) value.push_back(to_string(d));
            },
            [&](const EnumField& e) { value = e.names[e.get()]; },
            [&](const std::function<void(Fields&)>& nested) { value = write_fields(nested); },
            [&](const auto* v) { value = *v; },
        },
        field.value);
  }
};

class Describer : public Fields {
 public:
  explicit Describer(std::string prefix) : prefix_(std::move(prefix)) {}
  std::vector<FieldDoc> docs;

 private:
  void on(const Field& field) override {
    const std::string name = prefix_ + std::string(field.name);
    const auto add = [&](std::string_view type, const std::string& allowed, const json& value,
                         bool is_list = false) {
      docs.push_back({name, std::string(type), allowed,
                      value.is_string() ? value.get<std::string>() : value.dump(),
                      std::string(field.help), is_list});
    };
    std::visit(Overload{
                   [&](const double* v) { add("number", bounds(field.range), *v); },
                   [&](const int64_t* v) { add("integer", bounds(field.range), *v); },
                   [&](const bool* v) { add("boolean", "true, false", *v); },
                   [&](const std::string* v) { add("text", "any", *v); },
                   [&](const Duration* v) { add("duration", "5ep, 1000it, 0.5", to_string(*v)); },
                   [&](const std::vector<double>* v) {
                     add("list of numbers", bounds(field.range), *v, true);
                   },
                   [&](const std::vector<Duration>* v) {
                     json texts = json::array();
                     for (const Duration& d : *v) texts.push_back(to_string(d));
                     add("list of durations", "5ep, 1000it, 0.5", texts, true);
                   },
                   [&](const EnumField& e) {
                     add("name", fmt::format("{}", fmt::join(e.names, ", ")), e.names[e.get()]);
                   },
                   [&](const std::function<void(Fields&)>& nested) {
                     Describer inner(name + ".");
                     nested(inner);
                     docs.insert(docs.end(), inner.docs.begin(), inner.docs.end());
                   },
               },
               field.value);
  }

  std::string prefix_;
};

}  // namespace

void read_fields(const FieldsFunction& fields, const json& in, const std::string& pointer) {
  if (!in.is_object()) {
    throw std::invalid_argument(
        fmt::format("{}: {} found, an object expected", pointer, in.dump()));
  }
  Reader reader(in, pointer);
  fields(reader);
  for (const auto& [key, value] : in.items()) {
    if (std::find(reader.known.begin(), reader.known.end(), key) == reader.known.end()) {
      throw std::invalid_argument(
          fmt::format("{}/{}: {}", pointer, key, unknown_name("field", key, reader.known)));
    }
  }
}

json write_fields(const FieldsFunction& fields) {
  Writer writer;
  fields(writer);
  return writer.out;
}

std::vector<FieldDoc> describe_fields(const FieldsFunction& fields) {
  Describer describer("");
  fields(describer);
  return describer.docs;
}

}  // namespace ticketbench
