// What a plugin file includes: the vocabulary, and the registry of methods.
#pragma once

#include "core/allocation.hpp"
#include "core/card.hpp"
#include "core/drop_grow.hpp"
#include "core/effective_weight.hpp"
#include "core/fields.hpp"
#include "core/lab.hpp"
#include "core/registry.hpp"
#include "core/score.hpp"
#include "core/select.hpp"

#include <functional>
#include <memory>

namespace ticketbench {

/// A method with its hyperparameters, seen without its type.
class Method {
 public:
  virtual ~Method() = default;
  [[nodiscard]] virtual const Card& card() const = 0;
  virtual void fields(Fields& f) = 0;
  virtual void run(Lab& lab) const = 0;
};

/// A plugin: `static constexpr Card card`, `void fields(Fields&)`, `void run(Lab&) const`.
template <class Plugin>
class MethodOf : public Method {
 public:
  [[nodiscard]] const Card& card() const override { return Plugin::card; }
  void fields(Fields& f) override { plugin_.fields(f); }
  void run(Lab& lab) const override { plugin_.run(lab); }

 private:
  Plugin plugin_;
};

using MethodFactory = std::function<std::unique_ptr<Method>()>;

/// With default hyperparameters. Throws std::invalid_argument for an unknown name.
inline std::unique_ptr<Method> make_method(std::string_view name) {
  return Registry<MethodFactory>::instance().find("method", name)();
}

template <class Plugin>
struct MethodRegistrar {
  MethodRegistrar() {
    Registry<MethodFactory>::instance().add(std::string(Plugin::card.name),
                                            [] { return std::make_unique<MethodOf<Plugin>>(); });
  }
};

}  // namespace ticketbench

#define TICKETBENCH_REGISTER_METHOD(PLUGIN) \
  const ::ticketbench::MethodRegistrar<PLUGIN> registrar_of_##PLUGIN {}
