#include "scenarios/frame_service/echo_tasks.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

namespace frame_service {

Handler EchoTasks::handler() {
  const auto strand = boost::asio::make_strand(tasks_.get_executor());
  return [this, strand](std::string_view payload, const Answer& answer) {
    if (payload.size() > Buffer::bytes) return answer("error: the frame is larger than a buffer");
    auto buffer = buffers_.take();
    buffer->size = payload.size();
    std::ranges::copy(payload, buffer->data.begin());
    boost::asio::post(strand, [this, answer, buffer = std::move(buffer)]() mutable {
      answer({buffer->data.data(), buffer->size});
      buffers_.release(std::move(buffer));
    });
  };
}

}  // namespace frame_service
