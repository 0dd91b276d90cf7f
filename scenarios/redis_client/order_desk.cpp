#include "scenarios/redis_client/order_desk.hpp"

#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace redis_client {

struct OrderDesk::Order {
  explicit Order(std::string words) : text(std::move(words)) {}

  const std::string text;
  std::atomic<bool> cancelled{false};
};

OrderDesk::OrderDesk(HandlerList& cancellations, std::chrono::steady_clock::duration handling,
                     std::size_t threads)
    : cancellations_(cancellations), handling_(handling), keep_running_(io_.get_executor()) {
  while (threads_.size() < threads) threads_.emplace_back([this] { io_.run(); });
}

OrderDesk::~OrderDesk() {
  io_.stop();
  for (auto& thread : threads_) thread.join();
}

void OrderDesk::take(std::string text) {
  auto order = std::make_shared<Order>(std::move(text));
  boost::asio::post(io_, [this, order = std::move(order)] { begin(order); });
}

void OrderDesk::begin(const std::shared_ptr<Order>& order) {
  // The handler holds its order, and only the list holds the handler.
  const auto cancellation = cancellations_.add([order](const std::string& message) {
    if (message == order->text) order->cancelled = true;
  });
  const auto timer = std::make_shared<boost::asio::steady_timer>(io_, handling_);
  timer->async_wait([this, order, cancellation, timer](const boost::system::error_code&) {
    cancellations_.remove(cancellation);
    ++(order->cancelled ? cancelled_ : done_);
  });
}

}  // namespace redis_client
