// What is read from an account, and what grew from one to the next: no process has a part in it.
#include "harness/inventory/inventory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "harness/inventory/heap_snapshot.hpp"

namespace soakline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;

// As jcmd of OpenJDK 17 prints it.
constexpr const char* histogram = R"(4711:
 num     #instances         #bytes  class name (module)
-------------------------------------------------------
   1:        102500       12700000  [B (java.base@17.0.15)
   2:         51250        1640000  com.example.Session
   3:           120         480000  [Lcom.example.Session;
   4:            10            240  [[I (java.base@17.0.15)
   5:             7            112  com.example.Session$$Lambda$14/0x0000000800c03000
Total        153887       14820352
)";

void expect_held(const Inventory& inventory, const std::string& name, double count, double bytes) {
  const auto found = inventory.held.find(name);
  ASSERT_NE(found, inventory.held.end()) << name;
  EXPECT_EQ(found->second.count, count) << name;
  EXPECT_EQ(found->second.bytes, bytes) << name;
}

Inventory holding(const std::string& kind, std::map<std::string, Held> held) {
  return {kind, std::move(held)};
}

TEST(InventoryOfLines, AClassHistogramIsReadAsTheLanguageWritesItsClasses) {
  const Inventory inventory = inventory_of_lines(histogram);
  EXPECT_THAT(inventory.held, ElementsAre(Key("byte[]"), Key("com.example.Session"),
                                          Key("com.example.Session$$Lambda$14/0x0000000800c03000"),
                                          Key("com.example.Session[]"), Key("int[][]")));
  expect_held(inventory, "byte[]", 102500, 12700000);
  expect_held(inventory, "com.example.Session", 51250, 1640000);
  EXPECT_TRUE(inventory.held.at("byte[]").of_runtime);
  EXPECT_TRUE(inventory.held.at("int[][]").of_runtime);
  EXPECT_FALSE(inventory.held.at("com.example.Session").of_runtime);
  EXPECT_FALSE(inventory.held.at("com.example.Session[]").of_runtime);
}

TEST(InventoryOfLines, OfTwoNumbersTheLargerIsBytesWhicheverComesFirst) {
  const Inventory inventory = inventory_of_lines("1,680,000  21,000  System.String\n12 900 Cart\n");
  expect_held(inventory, "System.String", 21000, 1680000);
  expect_held(inventory, "Cart", 12, 900);
}

TEST(InventoryOfLines, OneNumberIsBytesAndUnitsAreUnderstood) {
  const Inventory inventory = inventory_of_lines("old_space: 12.5 MB\n\"new_space\": 1048576,\ncode 2KiB\n");
  expect_held(inventory, "old_space", 0, 12.5e6);
  expect_held(inventory, "new_space", 0, 1048576);
  expect_held(inventory, "code", 0, 2048);
}

TEST(InventoryOfLines, LinesOfOneNameAreSummedAndTheRestIsLeftOut) {
  const Inventory inventory = inventory_of_lines(
      "Session 3 300\r\nSession 2 200\nonly words here\n17 18\n\nTotal: 5 500\nsum 5 500\n");
  ASSERT_THAT(inventory.held, ElementsAre(Key("Session")));
  expect_held(inventory, "Session", 5, 500);
  EXPECT_THAT(inventory_of_lines("").held, IsEmpty());
}

TEST(InventoryOfLines, AnyBytesAreSurvived) {
  std::string all;
  for (int i = 0; i < 70000; ++i) all += static_cast<char>(i * 7919 >> 3);
  inventory_of_lines(all);
  inventory_of_lines(std::string(100, '9') + " x\n1e999 y\n-5 z\n[L; 1\n[ 2\n (a@) 3\n");
}

TEST(Grown, IsWhatBecameMoreMostBytesFirst) {
  const Inventory before = holding("class", {{"stays", {5, 500}}, {"shrinks", {9, 900}}, {"grows", {1, 10}}});
  const Inventory now = holding(
      "class", {{"stays", {5, 500}}, {"shrinks", {1, 100}}, {"grows", {3, 30}}, {"is new", {7, 700}}});
  const auto found = grown(before, now);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "is new");
  EXPECT_EQ(found[0].by.bytes, 700);
  EXPECT_EQ(found[1].name, "grows");
  EXPECT_EQ(found[1].by.count, 2);
  EXPECT_THAT(grown(now, now), IsEmpty());
}

TEST(InventoryEvidence, WhatTheProgramDefinesComesBeforeWhatItIsMadeOf) {
  const auto before = inventory_of_lines("1: 1000 32000 com.example.Session\n2: 2000 256000 [B\n");
  const auto now = inventory_of_lines("1: 13031 416992 com.example.Session\n2: 26062 3335936 [B\n");
  const auto evidence = inventory_evidence("class", grown(before, now), 100, 346'492'800);
  ASSERT_EQ(evidence.size(), 2U);
  EXPECT_EQ(evidence[0].kind, "class");
  EXPECT_THAT(evidence[0].frames, ElementsAre("com.example.Session: 12,031 more, 385 kB"));
  EXPECT_NEAR(evidence[0].per_day, 38'499'200, 1);
  EXPECT_NEAR(evidence[0].share, 0.111, 0.001);
  EXPECT_THAT(evidence[1].frames, ElementsAre("byte[]: 24,062 more, 3.08 MB"));
  EXPECT_NEAR(evidence[1].share, 0.889, 0.001);
}

TEST(InventoryEvidence, WhatExplainsNothingOfTheDriftIsNotTold) {
  const std::vector<Grown> little = {{"com.example.Noise", {10, 1000}}, {"byte[]", {3, 300, true}}};
  EXPECT_THAT(inventory_evidence("class", little, 1, 90e6), IsEmpty());
  EXPECT_EQ(inventory_evidence("class", little, 1, 1300).size(), 2U);
  EXPECT_THAT(inventory_evidence("class", {}, 1, 90e6), IsEmpty());
}

TEST(InventoryEvidence, OnlyTheThreeThatGrewMostAreTold) {
  const std::vector<Grown> lines = {{"a", {0, 400}}, {"b", {0, 300}}, {"c", {0, 200}}, {"d", {0, 100}}};
  const auto evidence = inventory_evidence("line", lines, 1, std::nullopt);
  ASSERT_EQ(evidence.size(), 3U);
  EXPECT_THAT(evidence[0].frames, ElementsAre("a: 400 B more"));
  EXPECT_DOUBLE_EQ(evidence[0].share, 0.4);
}

constexpr const char* snapshot_head = R"({"snapshot":{"meta":{
"node_fields":["type","name","id","self_size","edge_count","trace_node_id"],
"node_types":[["hidden","array","string","object","code","closure"],"string","number","number","number","number"],
"edge_fields":["type","name_or_index","to_node"]},"node_count":7},)";
constexpr const char* snapshot_nodes = R"("nodes":[3,1,1,48,0,0
,3,1,3,48,0,0
,2,2,5,100,0,0
,2,3,7,200,0,0
,5,4,9,64,0,0
,5,0,11,64,0,0
,3,5,13,16,0,0
,99,1,13,16,0,0],)";
constexpr const char* snapshot_tail =
    R"("edges":[0,1,2],"strings":["","Session","a token","another token","onMessage","Array"]})";

std::optional<Inventory> snapshot(const std::string& text) {
  std::istringstream input(text);
  return inventory_of_snapshot(input);
}

TEST(HeapSnapshot, ObjectsAreCountedByConstructorFunctionsByNameTheRestByWhatItIs) {
  const auto inventory = snapshot(std::string(snapshot_head) + snapshot_nodes + snapshot_tail);
  ASSERT_TRUE(inventory);
  EXPECT_EQ(inventory->kind, "class");
  EXPECT_THAT(inventory->held, ElementsAre(Key("(closure)"), Key("(string)"), Key("Array"), Key("Session"),
                                           Key("onMessage()")));
  expect_held(*inventory, "Session", 2, 96);
  expect_held(*inventory, "(string)", 2, 300);
  expect_held(*inventory, "onMessage()", 1, 64);
  EXPECT_FALSE(inventory->held.at("Session").of_runtime);
  EXPECT_FALSE(inventory->held.at("onMessage()").of_runtime);
  EXPECT_TRUE(inventory->held.at("(string)").of_runtime);
  EXPECT_TRUE(inventory->held.at("Array").of_runtime);
}

TEST(HeapSnapshot, OneThatIsIncompleteOrNoneIsNoInventory) {
  const std::string whole = std::string(snapshot_head) + snapshot_nodes + snapshot_tail;
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(snapshot(whole.substr(0, size))) << size;
  EXPECT_FALSE(snapshot("{\"nodes\":[1,2,3],\"strings\":[\"a\"]}")) << "no layout";
  EXPECT_FALSE(snapshot("[]"));
  EXPECT_FALSE(snapshot("Session 1 2"));
}

TEST(HeapSnapshot, ReadingOneCanBeCutShort) {
  std::string nodes = "\"nodes\":[3,1,1,48,0,0";
  for (int i = 0; i < 200'000; ++i) nodes += ",3,1,1,48,0,0";
  std::istringstream input(snapshot_head + nodes + "]," + snapshot_tail);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(inventory_of_snapshot(input, stop.get_token()));
}

TEST(DiagnosticReport, SpacesAreReadByTheirBytesInUse) {
  std::istringstream input(
      R"({"javascriptHeap": {"heapSpaces": {"old_space": {"capacity": 9, "used": 7}, "odd": 3}}})");
  const auto inventory = inventory_of_report(input);
  ASSERT_TRUE(inventory);
  EXPECT_EQ(inventory->kind, "heap space");
  EXPECT_THAT(inventory->held, ElementsAre(Key("old_space")));
  expect_held(*inventory, "old_space", 0, 7);
  std::istringstream other("{\"javascriptHeap\": 4}"), broken("{\"javascr");
  EXPECT_FALSE(inventory_of_report(other));
  EXPECT_FALSE(inventory_of_report(broken));
}

}  // namespace
}  // namespace soakline
