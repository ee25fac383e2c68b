// The single declaration of a hyperparameter: `fields()` of a method or recipe names each data
// member once, and reading, range checks, defaults, documentation and the hash all come from it.
#pragma once

#include "core/duration.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ticketbench {

/// A closed interval.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};

/// An enumeration with names: `constexpr auto enum_names(E)` beside it gives them in order of the
/// values from 0.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires {
  enum_names(E{});
};

template <NamedEnum E>
std::string to_string(E value) {
  return std::string(enum_names(E{})[static_cast<size_t>(value)]);
}

class Fields;

/// A struct that declares its own fields.
template <class T>
concept HasFields = requires(T& t, Fields& f) {
  t.fields(f);
};

struct EnumField {
  std::vector<std::string> names;
  std::function<size_t()> get;
  std::function<void(size_t)> set;
};

struct Field {
  std::string_view name;
  std::variant<double*, int64_t*, bool*, std::string*, Duration*, std::vector<double>*,
               std::vector<Duration>*, EnumField, std::function<void(Fields&)>>
      value;
  Range range;
  std::string_view help;
  bool unsaid = false;  ///< write_fields leaves it out: see Fields::later
};

/// What `fields()` calls for each member.
class Fields {
 public:
  virtual ~Fields() = default;
  /// `value` is a number or a list of numbers, each within `range`.
  template <class T>
  void operator()(std::string_view name, T& value, Range range, std::string_view help) {
    visit({name, &value, range, help});
  }
  template <class T>
  void operator()(std::string_view name, T& value, std::string_view help) {
    if constexpr (NamedEnum<T>) {
      EnumField field;
      for (const std::string_view n : enum_names(T{})) field.names.emplace_back(n);
      field.get = [&value] { return static_cast<size_t>(value); };
      field.set = [&value](size_t index) { value = static_cast<T>(index); };
      visit({name, std::move(field), {}, help});
    } else if constexpr (HasFields<T>) {
      visit(
          {name, std::function<void(Fields&)>([&value](Fields& f) { value.fields(f); }), {}, help});
    } else {
      visit({name, &value, {}, help});
    }
  }
  /// A field that a method got after its first results: as long as it is `neutral`, the value under
  /// which it does what it did before, write_fields leaves it out, so that runs keep their hashes.
  template <class T>
  void later(std::string_view name, T& value, const T& neutral, std::string_view help) {
    unsaid_ = value == neutral;
    (*this)(name, value, help);
    unsaid_ = false;
  }
  template <class T>
  void later(std::string_view name, T& value, const T& neutral, Range range,
             std::string_view help) {
    unsaid_ = value == neutral;
    (*this)(name, value, range, help);
    unsaid_ = false;
  }

 private:
  void visit(Field field) {
    field.unsaid = unsaid_;
    on(field);
  }
  virtual void on(const Field& field) = 0;

  bool unsaid_ = false;
};

using FieldsFunction = std::function<void(Fields&)>;

/// Sets the members from `json` (an object); absent ones keep their defaults. Throws
/// std::invalid_argument
/// "<pointer>/<field>: <found>, <allowed>", also for a field that isn't declared (with the nearest
/// name).
void read_fields(const FieldsFunction& fields, const nlohmann::json& json,
                 const std::string& pointer);

/// Every member with its value, nested ones as objects.
nlohmann::json write_fields(const FieldsFunction& fields);

/// One row of `describe`.
struct FieldDoc {
  std::string name;     ///< nested names with dots
  std::string type;     ///< number, integer, boolean, text, duration, list, one of ...
  std::string allowed;  ///< range or names
  std::string value;    ///< the default
  std::string help;
  bool is_list = false;
};
std::vector<FieldDoc> describe_fields(const FieldsFunction& fields);

}  // namespace ticketbench
