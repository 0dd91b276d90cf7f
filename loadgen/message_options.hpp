// The flags of the kinds that send messages and are answered each: redis, frames and http.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loadgen/http_flags.hpp"
#include "loadgen/option_reading.hpp"

namespace soakline {

class MessageOptions {
 public:
  MessageOptions(CLI::App& app, LoadKind kind);

  bool chosen() const;
  // UsageError.
  LoadPlan plan() const;
  Output output() const { return common_.output(); }

 private:
  void read_pace(LoadPlan& plan) const;
  void read_to(LoadPlan& plan) const;
  void declare_redis();
  void read_messages(LoadPlan& plan) const;
  void read_redis(RedisPlan& redis, ByteRange payload) const;
  std::optional<TlsPlan> read_tls(const std::string& host) const;
  static WeightedCommand weighted(const std::string& text);

  LoadKind kind_;
  CLI::App* command_;
  CommonFlags common_;
  HttpFlags http_;
  std::string payload_, user_;
  std::vector<std::string> commands_;
  TlsPlan tls_;
  bool cluster_ = false, with_tls_ = false, insecure_ = false;
  int resp_ = 2;
  std::size_t closed_ = 0, subscribers_ = 0, backlog_ = LoadPlan{}.backlog;
};

}  // namespace soakline
