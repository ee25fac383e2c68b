#include "core/model.hpp"

namespace ticketbench {

Architecture make_architecture(const std::string& model, const ModelOptions& options) {
  return Registry<ModelFamily>::instance().find("model", model).make(model, options);
}

ModelRegistrar::ModelRegistrar(const std::vector<std::string>& names, const ModelFamily& family) {
  for (const std::string& name : names) Registry<ModelFamily>::instance().add(name, family);
}

}  // namespace ticketbench
