#include "scenarios/frame_service/gateway.hpp"

#include <utility>

#include <boost/asio/post.hpp>

namespace frame_service {

UpstreamClient::UpstreamClient(boost::asio::io_context& io, Upstream upstream, ClientGroups& groups)
    : io_(io), upstream_(upstream), groups_(groups), pause_(io) {}

UpstreamClient::~UpstreamClient() {
  if (session_) session_->close();
}

void UpstreamClient::connect() {
  auto session =
      std::make_shared<UpstreamSession>(groups_.loop_for_connection(), [weak = weak_from_this(), &io = io_] {
        boost::asio::post(io, [weak] {
          if (const auto self = weak.lock()) self->connect_later();
        });
      });
  session->connect(upstream_.address);
  const std::lock_guard lock(mutex_);
  session_ = std::move(session);
}

void UpstreamClient::ask(std::string_view payload, Answer answer) {
  const std::lock_guard lock(mutex_);
  session_->ask(payload, std::move(answer));
}

void UpstreamClient::connect_later() {
  pause_.expires_after(upstream_.pause);
  pause_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (self && !error) self->connect();
  });
}

Handler pass_on(boost::asio::io_context& io, const Upstream& upstream, ClientGroups& groups) {
  const auto client = std::make_shared<UpstreamClient>(io, upstream, groups);
  client->connect();
  return [client](std::string_view payload, Answer answer) { client->ask(payload, std::move(answer)); };
}

}  // namespace frame_service
