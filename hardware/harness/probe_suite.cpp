#include "hardware/harness/probe_suite.hpp"

#include "core/axes.hpp"
#include "reports/json_schema.hpp"

#include <fmt/format.h>

#include <set>
#include <stdexcept>

namespace ticketbench {

// Generated from schema/probe_suite.schema.json by this folder's CMakeLists.txt.
extern const char* const kProbeSuiteSchemaText;

using nlohmann::json;

ProbeSpec read_probe_spec(const json& fields, const std::string& pointer) {
  ProbeSpec spec;
  read_fields([&](Fields& f) { spec.fields(f); }, fields, pointer);
  check(spec);
  return spec;
}

std::vector<ProbeSpec> read_probe_suite(const json& document, const std::string& source) {
  validate(document, json::parse(kProbeSuiteSchemaText), source);
  std::set<std::string> lists;
  ProbeSpec defaults;
  for (const FieldDoc& doc : describe_fields([&](Fields& f) { defaults.fields(f); })) {
    if (doc.is_list) lists.insert(doc.name);
  }
  std::vector<ProbeSpec> specs;
  for (size_t i = 0; i < document["probes"].size(); ++i) {
    json fields = document.value("common", json::object());
    fields.update(document["probes"][i]);
    const std::string pointer = fmt::format("/probes/{}", i);
    try {
      for (const AxisChoice& choice :
           axis_choices("", fields, [&](const std::string& path) { return lists.contains(path); }))
        specs.push_back(read_probe_spec(choice.value, ""));
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("{}: {}{}", source, pointer, error.what()));
    }
  }
  return specs;
}

}  // namespace ticketbench
