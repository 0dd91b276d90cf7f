// HTTP/1.1 answers found in a stream of bytes, wherever it is cut; their bodies are not kept.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "loadgen/reply_reader.hpp"

namespace soakline {

struct HttpAnswer {
  int status = 0;
  std::string reason;
  bool closes = false;  // the connection ends with it
};

class HttpReader {
 public:
  HttpReader();
  ~HttpReader();

  // A request has been sent. The answer to a HEAD has no body, whatever its header says.
  void expect(bool to_head);

  // Takes bytes from the front until an answer is complete (reply), none are left (more), or they are no
  // HTTP/1.1 (broken). What is said before the answer (100, 103) is passed over.
  Parsed next(std::string_view& bytes, HttpAnswer& answer);
  // The server has said all: an answer without a length is complete then.
  Parsed end(HttpAnswer& answer);

  // Whether a part of an answer has come.
  bool begun() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace soakline
