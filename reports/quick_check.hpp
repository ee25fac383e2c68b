// A first look at a document: most obey their schema, and are found to in a fraction of the time
// that a validator takes, which explains.

#pragma once

#include <nlohmann/json.hpp>

#include <memory>
#include <vector>

namespace ticketbench {

class JsonView;

// Of draft-07 it knows what our own schemas use. What it can't judge it doesn't pass.
class QuickCheck {
 public:
  explicit QuickCheck(const nlohmann::json& schema);
  ~QuickCheck();
  QuickCheck(const QuickCheck&) = delete;
  QuickCheck& operator=(const QuickCheck&) = delete;

  // True: the document obeys the schema. False: it doesn't, or the schema has a keyword that isn't
  // known here. Strong types: 1.0 is no integer.
  [[nodiscard]] bool passes(const nlohmann::json& document) const;
  // The same, but only of documents whose keys are in order, as our own are written, and stand
  // once.
  [[nodiscard]] bool passes(const JsonView& document) const;

  // Whether all of the schema's keywords are known, so that false means that it doesn't obey.
  [[nodiscard]] bool complete() const { return complete_; }

  struct Node;

 private:
  Node* compile(const nlohmann::json& schema, const nlohmann::json& root);

  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::pair<const nlohmann::json*, Node*>> compiled_;  // $ref may come back to a node
  Node* root_ = nullptr;
  bool complete_ = true;
};

}  // namespace ticketbench
