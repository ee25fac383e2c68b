// Model families: registered functions from a name to an Architecture.
#pragma once

#include "core/architecture.hpp"
#include "core/registry.hpp"

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ticketbench {

/// The first layers: 3x3 of stride 1, or 7x7 of stride 2 and a max pool.
enum class Stem { cifar, imagenet };
constexpr auto enum_names(Stem) {
  return std::to_array<std::string_view>({"cifar", "imagenet"});
}

/// What a model is made for.
struct ModelOptions {
  InputShape input;
  int64_t classes = 10;
  Stem stem = Stem::cifar;
};

struct ModelFamily {
  std::string title;  ///< shown by `list models`
  std::function<Architecture(const std::string& name, const ModelOptions& options)> make;
};

/// Throws std::invalid_argument for an unknown name.
Architecture make_architecture(const std::string& model, const ModelOptions& options);

/// Puts every name of a family into the registry of models.
struct ModelRegistrar {
  ModelRegistrar(const std::vector<std::string>& names, const ModelFamily& family);
};

}  // namespace ticketbench

/// TICKETBENCH_REGISTER_MODEL(NAMES, TITLE, FUNCTION): NAMES is a std::vector<std::string>.
#define TICKETBENCH_REGISTER_MODEL(NAMES, TITLE, FUNCTION)   \
  const ::ticketbench::ModelRegistrar registrar_##FUNCTION { \
    NAMES, {                                                 \
      TITLE, FUNCTION                                        \
    }                                                        \
  }
