// SHA-256 through OpenSSL's libcrypto.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace ticketbench {

/// An incremental SHA-256. hex() ends it.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  /// 32 raw bytes.
  [[nodiscard]] std::string digest();
  /// 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string hex();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

std::string sha256(std::string_view bytes);

}  // namespace ticketbench
