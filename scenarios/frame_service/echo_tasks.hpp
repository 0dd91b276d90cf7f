// Echoes frames on threads of their own: takes a buffer where the frame comes in, releases it where it goes
// out.
#pragma once

#include <boost/asio/thread_pool.hpp>

#include "scenarios/frame_service/buffer_pool.hpp"
#include "scenarios/frame_service/service_connection.hpp"

namespace frame_service {

class EchoTasks {
 public:
  // The pool must outlive the tasks.
  EchoTasks(BufferPool& buffers, std::size_t threads) : buffers_(buffers), tasks_(threads) {}
  // For a connection: its frames are echoed one after another. One that is larger than a buffer is answered
  // with an error.
  Handler handler();

  // Waits for the tasks that are there; none may come any more.
  void end() { tasks_.join(); }

 private:
  BufferPool& buffers_;
  boost::asio::thread_pool tasks_;
};

}  // namespace frame_service
