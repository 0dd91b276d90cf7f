#include "calibration/kinds.hpp"

#include <algorithm>
#include <array>

#include "calibration/applications.hpp"
#include "calibration/batches.hpp"
#include "calibration/caches.hpp"
#include "calibration/collected.hpp"
#include "calibration/connections.hpp"
#include "calibration/content.hpp"
#include "calibration/databases.hpp"
#include "calibration/generations.hpp"
#include "calibration/hubs.hpp"
#include "calibration/network_services.hpp"
#include "calibration/services.hpp"
#include "calibration/stores.hpp"
#include "calibration/tools.hpp"

namespace soakline {
namespace {

constexpr std::array all_kinds = {
    Kind{"agent", Group::tune, agent, "wakes every five seconds, keeps its last measurements"},
    Kind{"server", Group::tune, server, "eight threads answer 160 requests a second and hold 400 sessions"},
    Kind{"cache-fill", Group::tune, cache_fill,
         "a cache of 24 MiB, full after 3 minutes, always turning over"},
    Kind{"log-rotation", Group::tune, log_rotation, "gathers 4 MiB of lines, then drops them all"},
    Kind{"wave", Group::tune, wave, "sessions in waves of 8 to 12 minutes, and once 1 MiB more"},
    Kind{"pool-prefill", Group::tune, pool_prefill, "a pool of 3,000 buffers is made while it starts"},
    Kind{"ttl-cache", Group::tune, ttl_cache, "entries expire after 2 to 4 minutes"},
    Kind{"compaction-regular", Group::tune, compaction_regular,
         "piles up 6 MiB every 5 to 12 minutes, then keeps a tenth"},
    Kind{"heavy-tail-bursts", Group::tune, heavy_tail_bursts, "bursts of Pareto size, up to 6 MiB"},
    Kind{"batch-jobs", Group::tune, batch_jobs, "jobs of 5 MiB on two threads, with pauses"},
    Kind{"elastic-pool", Group::tune, elastic_pool, "threads come and go, between 3 and 12"},
    Kind{"long-sessions", Group::report, long_sessions,
         "sessions of seconds, some of five minutes, on three threads"},
    Kind{"fragmentation", Group::report, fragmentation,
         "four threads free each other's blocks of 16 bytes to 64 KiB"},
    Kind{"session-store", Group::report, session_store, "8,000 slots of any size, overwritten at random"},
    Kind{"queue-backlog", Group::report, queue_backlog,
         "one thread makes what another takes, sometimes late"},
    Kind{"daily-rhythm", Group::report, daily_rhythm,
         "load rises and falls fivefold and more, within 12 to 20 minutes"},
    Kind{"interning", Group::report, interning, "keeps every string it sees, of 8,000 that there are"},
    Kind{"plugins", Group::report, plugins, "loads 3 MiB anew every few minutes, then unloads the old"},
    Kind{"compaction-irregular", Group::report, compaction_irregular,
         "piles up 8 MiB in 5 to 12 minutes, each time another, then keeps a tenth"},
    Kind{"connection-storms", Group::report, connection_storms,
         "200 to 500 clients at once every 3 to 8 minutes"},
    Kind{"documents", Group::report, documents, "trees of small nodes on four threads"},
    Kind{"big-buffers", Group::report, big_buffers, "buffers of 64 KiB to 2 MiB for seconds"},
    Kind{"slow-cache", Group::special, slow_cache, "a loaded cache that turns over in 20 to 60 minutes",
         3600},
    Kind{"slow-fill", Group::special, slow_fill, "a cache that fills in 20 to 55 minutes, then turns over",
         3600},
    Kind{"plateau-after-long-fill", Group::special, long_fill,
         "fills with a time constant of 8 to 12 minutes"},
    Kind{"steps", Group::special, steps, "grows twice by up to 4 MiB, and is meant to"},
    Kind{"collected-regular", Group::collected, collected_regular,
         "a collected heap, full every 3 to 6 minutes"},
    Kind{"collected-generational", Group::collected, collected_generational,
         "a nursery, and full collections after 4 to 14 minutes"},
    Kind{"collected-late", Group::collected, collected_late,
         "its first collection comes after 40 to 90 minutes"},
    Kind{"reverse-proxy", Group::tune, reverse_proxy,
         "connections whose buffers grow for an answer, to 512 KiB, and shrink"},
    Kind{"message-broker", Group::tune, message_broker,
         "topics of unlike size keep their messages for 20 seconds to 4 minutes"},
    Kind{"chat-server", Group::tune, chat_server,
         "rooms keep their last 30 to 80 messages, and are unloaded when silent"},
    Kind{"game-server", Group::tune, game_server, "matches of 3 to 8 minutes, 100 KiB of small objects each"},
    Kind{"json-rpc", Group::tune, json_rpc,
         "six threads with an arena for each call; calls wait every few minutes"},
    Kind{"image-cache", Group::tune, image_cache, "images of 20 to 400 KiB, the least recently used goes"},
    Kind{"hash-joins", Group::tune, hash_joins,
         "a pool of pages, and joins that take 2 to 8 MiB for a while"},
    Kind{"search-index", Group::tune, search_index,
         "segments merged by fours, the largest every 2 to 3 minutes"},
    Kind{"metrics-agent", Group::tune, metrics_agent,
         "series replaced by every deployment; a table that doubles and halves"},
    Kind{"mail-relay", Group::tune, mail_relay,
         "messages to 1 MiB wait, and are tried again, for hosts that do not answer"},
    Kind{"dns-resolver", Group::tune, dns_resolver,
         "answers live for 20 seconds to 4 minutes, until the next sweep; floods of unknown names"},
    Kind{"sip-registrar", Group::tune, sip_registrar,
         "600 to 1,800 phones register again and again, whole sites of them at once"},
    Kind{"ad-bidder", Group::tune, ad_bidder,
         "arenas from pools, and all campaigns anew every 40 seconds to 2 minutes"},
    Kind{"pdf-renderer", Group::tune, pdf_renderer,
         "documents to 3 MiB as trees and pixels on 3 threads, the results kept for a while"},
    Kind{"stream-packager", Group::tune, stream_packager,
         "frames become segments in sliding windows, which slow viewers outlive"},
    Kind{"websocket-gateway", Group::fresh, websocket_gateway,
         "800 to 2,000 clients whose buffers shrink when they fall silent, and who all come back at once"},
    Kind{"connection-tracker", Group::fresh, connection_tracker,
         "flows expire by protocol; floods double the table twice, and it halves again"},
    Kind{"conference-server", Group::fresh, conference_server,
         "meetings begin and end by slots of 2.5 to 4.5 minutes, packets are kept to be sent again"},
    Kind{"graphql-application", Group::fresh, graphql_application,
         "arenas and batches of rows; sessions go by a sweeper, templates with a release"},
    Kind{"inference-server", Group::fresh, inference_server,
         "batches in tensors of 10 KiB to 4 MiB from a best-fit pool, a new version every few minutes"},
    Kind{"artifact-proxy", Group::fresh, artifact_proxy,
         "pipelines fetch small blobs, which the least recently used leave, and stream large ones"},
    Kind{"key-value-store", Group::fresh, key_value_store,
         "memtables of 1.5 to 4 MiB, flushed and compacted, under a cache of blocks"},
    Kind{"connection-pooler", Group::fresh, connection_pooler,
         "clients share servers that remember statements; slow ones let results to 4 MiB pile up"},
    Kind{"matching-engine", Group::fresh, matching_engine,
         "small orders in trees of prices, all gone after the auction every 10 to 15 minutes"},
    Kind{"log-shipper", Group::fresh, log_shipper,
         "chunks of lines, packed, that wait and are spilled while their destination is down"},
    Kind{"language-server", Group::fresh, language_server,
         "a fixed index, and files parsed anew with every edit while questions hold the old trees"},
    Kind{"trace-collector", Group::fresh, trace_collector,
         "spans become traces in a table that doubles and halves; few are kept and sent in batches"},
};

}  // namespace

std::string_view to_string(Group group) {
  switch (group) {
    case Group::tune:
      return "tune";
    case Group::report:
      return "report";
    case Group::special:
      return "special";
    case Group::collected:
      return "collected";
    case Group::fresh:
      return "fresh";
  }
  return "";
}

std::span<const Kind> kinds() {
  return all_kinds;
}

const Kind* find_kind(std::string_view name) {
  const auto found =
      std::find_if(all_kinds.begin(), all_kinds.end(), [&](const Kind& kind) { return kind.name == name; });
  return found == all_kinds.end() ? nullptr : &*found;
}

}  // namespace soakline
