#include "loadgen/tls_session.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <new>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

namespace soakline {

using boost::system::error_code;

namespace {

error_code oldest_error() {
  return {static_cast<int>(ERR_get_error()), boost::asio::error::get_ssl_category()};
}

void require_read(int done, std::string_view flag, const std::string& file) {
  if (done == 1) return;
  throw TlsError(fmt::format("{}: '{}' cannot be used: {}; give a file in PEM form", flag, file,
                             oldest_error().message()));
}

}  // namespace

void TlsContext::Free::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}
void TlsSession::Free::operator()(SSL* session) const {
  SSL_free(session);
}

TlsContext::TlsContext(const TlsPlan& plan, std::string host)
    : context_(SSL_CTX_new(TLS_client_method())), host_(std::move(host)), verify_(plan.verify) {
  if (!context_) throw std::bad_alloc();
  SSL_CTX* const context = context_.get();
  ERR_clear_error();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // Servers close without a word; what was cut short shows in what is missing.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  // What is written next is the rest of the batch, wherever it lies by then.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, verify_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (plan.ca.empty())
    SSL_CTX_set_default_verify_paths(context);
  else
    require_read(SSL_CTX_load_verify_locations(context, plan.ca.c_str(), nullptr), "--tls-ca", plan.ca);
  if (plan.certificate.empty()) return;
  require_read(SSL_CTX_use_certificate_chain_file(context, plan.certificate.c_str()), "--tls-cert",
               plan.certificate);
  require_read(SSL_CTX_use_PrivateKey_file(context, plan.key.c_str(), SSL_FILETYPE_PEM), "--tls-key",
               plan.key);
}

void TlsSession::begin(int socket) {
  session_.reset(SSL_new(context_.context_.get()));
  if (!session_) throw std::bad_alloc();
  SSL* const session = session_.get();
  SSL_set_fd(session, socket);
  const std::string& host = context_.host_;
  if (host.empty()) return;
  const bool is_ip = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
  if (is_ip) return;
  SSL_set1_host(session, host.c_str());
  SSL_set_tlsext_host_name(session, host.c_str());
}

TlsSession::Step TlsSession::shake_hands() {
  ERR_clear_error();
  const int result = SSL_connect(session_.get());
  if (result == 1) return Step::done;
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Step::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return Step::wants_write;
    default:
      why_ = explained(error_of(result));
      return Step::failed;
  }
}

std::string TlsSession::explained(const error_code& error) const {
  const auto verified = SSL_get_verify_result(session_.get());
  if (context_.verify_ && verified != X509_V_OK)
    return fmt::format(
        "the server's certificate is not to be trusted: {}; give its CA with --tls-ca, or --tls-insecure",
        X509_verify_cert_error_string(verified));
  const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
  if (error.category() == boost::asio::error::get_ssl_category() && reason == SSL_R_WRONG_VERSION_NUMBER)
    return "the server does not answer in TLS; leave out --tls, or name its TLS port";
  return fmt::format("no TLS with the server: {}", error.message());
}

// Of a call that returned a result that is no success.
error_code TlsSession::error_of(int result) const {
  const int system_error = errno;
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return boost::asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN:
      return boost::asio::error::eof;
    case SSL_ERROR_SYSCALL:
      if (system_error == 0) return boost::asio::error::eof;
      return {system_error, boost::system::system_category()};
    default:
      return oldest_error();
  }
}

std::size_t TlsSession::read_some(std::span<char> into, error_code& error) {
  std::size_t size = 0;
  ERR_clear_error();
  errno = 0;
  const int result = SSL_read_ex(session_.get(), into.data(), into.size(), &size);
  error = result == 1 ? error_code() : error_of(result);
  return size;
}

std::size_t TlsSession::write_some(std::string_view bytes, error_code& error) {
  std::size_t size = 0;
  ERR_clear_error();
  errno = 0;
  const int result = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &size);
  error = result == 1 ? error_code() : error_of(result);
  return size;
}

}  // namespace soakline
