// Counts of a masked net: integers first, ratios under named denominators.
#pragma once

#include "core/lab.hpp"

#include <nlohmann/json.hpp>

namespace ticketbench {

/// Multiply-adds for one image with the pruned weights left out; what isn't prunable counts whole.
int64_t kept_macs(const Architecture& architecture, const MaskSet& mask);

/// A sum of multiply-adds for JSON: an integer as long as it is exact (below 2^53), then the
/// nearest number.
nlohmann::json macs_json(double macs);

/// counts, density, layers, macs, layer_collapse of a record's point
/// (reports/schema/record.schema.json), and the size of `model` where the network is another one.
nlohmann::json describe_point(const Architecture& architecture, const MaskSet& mask,
                              const Architecture& model, const PrunableRule& rule);

/// examples, top1_correct, top5_correct, loss; a loss that isn't finite becomes null.
nlohmann::json to_json(const Accuracy& evaluation);
Accuracy accuracy_from_json(const nlohmann::json& json);

}  // namespace ticketbench
