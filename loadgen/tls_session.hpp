// TLS over a connected socket that does not block, the client's side of it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/system/error_code.hpp>

#include "loadgen/load_plan.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace soakline {

// A certificate or key cannot be used; what() names the flag and the file.
struct TlsError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Whom we trust and who we are; read once for all connections to one host.
class TlsContext {
 public:
  // The certificate must be of that host, a name or an IP address; empty: of any. TlsError.
  TlsContext(const TlsPlan& plan, std::string host);

 private:
  friend class TlsSession;
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  std::unique_ptr<ssl_ctx_st, Free> context_;
  std::string host_;
  bool verify_;
};

class TlsSession {
 public:
  explicit TlsSession(const TlsContext& context) : context_(context) {}

  // On a socket that has just been connected; what was before is forgotten.
  void begin(int socket);

  enum class Step { done, wants_read, wants_write, failed };
  Step shake_hands();
  // Why the handshake failed, and what to do.
  const std::string& why() const { return why_; }

  // As those of a socket: would_block, eof, or what went wrong.
  std::size_t read_some(std::span<char> into, boost::system::error_code& error);
  std::size_t write_some(std::string_view bytes, boost::system::error_code& error);

 private:
  boost::system::error_code error_of(int result) const;
  std::string explained(const boost::system::error_code& error) const;

  struct Free {
    void operator()(ssl_st* session) const;
  };
  const TlsContext& context_;
  std::unique_ptr<ssl_st, Free> session_;
  std::string why_;
};

}  // namespace soakline
