#include "harness/scenario_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/testing/temporary_folder.hpp"

namespace soakline {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* whole = R"(name = "demo"
why  = "a demonstration"
[target]
command = ["{bin}/demo", "--redis", "{redis}"]
ready   = { log = "ready" }
[variants]
good = { expect = "pass" }
bad  = { expect = { fail = ["memory", "threads"] }, why = "leaks" }
[services.redis]
kind = "redis"
[load]
kind = "redis"
publish = { channel = "orders", rate = "production" }
seed = 7
[production]
operations = "86400/day"
[limits]
memory = { fail = "90 MB/day", tolerate = "30 MB/day" }
[profiles.quick]
compression = 500
warmup = "20s"
time = "4m"
[profiles.nightly]
time = "2h"
stop = "fail"
)";

class ScenarioFile : public ::testing::Test {
 protected:
  Scenario resolved(const std::string& text, const std::string& variant = "default",
                    const Overrides& overrides = {}) {
    return resolve(folder_.write("demo.toml", text), variant, overrides);
  }
  // The message of the error that `text` raises.
  std::string refusal(const std::string& text) {
    try {
      const auto file = folder_.write("demo.toml", text);
      resolve(file, summarize(file).variants.at(0).name, {});
    } catch (const ScenarioError& error) {
      return error.what();
    }
    return "accepted";
  }
  std::string with(std::string_view line) {
    return "name = \"demo\"\n[target]\ncommand = [\"true\"]\n" + std::string(line) + "\n";
  }

  testing::TemporaryFolder folder_;
};

TEST_F(ScenarioFile, FillsEveryValueOfTheChosenProfile) {
  const Scenario scenario = resolved(whole, "bad");
  EXPECT_EQ(scenario.profile, "quick");
  EXPECT_DOUBLE_EQ(scenario.settings.time_s, 240);
  EXPECT_DOUBLE_EQ(scenario.settings.warmup_s, 20);
  EXPECT_DOUBLE_EQ(scenario.settings.age_s, 20 / 3.0);
  EXPECT_DOUBLE_EQ(scenario.settings.settle_s, 80);
  EXPECT_DOUBLE_EQ(scenario.settings.memory.tolerate, 30e6);
  EXPECT_DOUBLE_EQ(scenario.settings.threads.fail, 24);
  EXPECT_DOUBLE_EQ(*scenario.load.rate_per_s, 500);
  EXPECT_THAT(scenario.settings.must_fail, ElementsAre(Metric::memory, Metric::threads));
  EXPECT_EQ(scenario.seed, 7U);
}

TEST_F(ScenarioFile, LeavesTenSamplesToAJudgingBlock) {
  const Scenario scenario = resolved(whole, "good");
  EXPECT_NEAR(scenario.settings.warmup_s / 30 / scenario.sample_s, 10, 1e-9);
}

TEST_F(ScenarioFile, AFlagGoesBeforeTheFile) {
  Overrides overrides;
  overrides.time_s = 100;
  overrides.compression = 7;
  overrides.seed = 99;
  overrides.limits[Metric::memory] = {1e6, 5e5, true};
  const Scenario scenario = resolved(whole, "good", overrides);
  EXPECT_DOUBLE_EQ(scenario.settings.time_s, 100);
  EXPECT_DOUBLE_EQ(scenario.settings.compression, 7);
  EXPECT_EQ(scenario.seed, 99U);
  EXPECT_DOUBLE_EQ(scenario.settings.memory.fail, 1e6);
}

TEST_F(ScenarioFile, AnUnknownKeyIsRefusedWithItsLineAndTheNearestKnownOne) {
  EXPECT_THAT(refusal(with("redy = { log = \"x\" }")),
              AllOf(HasSubstr("demo.toml:4"), HasSubstr("[target] redy"), HasSubstr("did you mean 'ready'")));
  EXPECT_THAT(refusal(with("[profiles.quick]\ncolour = \"red\"")),
              AllOf(HasSubstr("demo.toml:5"), HasSubstr("unknown key")));
  EXPECT_THAT(refusal(with("[limits]\nmemmory = \"90 MB/day\"")), HasSubstr("did you mean 'memory'"));
}

TEST_F(ScenarioFile, ABadUnitIsRefusedWithAnExample) {
  EXPECT_THAT(refusal(with("[limits]\nmemory = \"90 MB\"")),
              AllOf(HasSubstr("[limits] memory"), HasSubstr("90 MB/day")));
  EXPECT_THAT(refusal(with("[profiles.quick]\nwarmup = \"20 parsecs\"")),
              HasSubstr("unknown unit 'parsecs'"));
  EXPECT_THAT(refusal(with("[limits]\nmemory = 90")), HasSubstr("must be a text in quotes"));
}

TEST_F(ScenarioFile, ImpossibleValuesAreRefused) {
  EXPECT_THAT(refusal(with("[profiles.quick]\ntime = \"10s\"\nwarmup = \"20s\"")),
              HasSubstr("leave nothing of time"));
  EXPECT_THAT(refusal(with("[profiles.quick]\ncompression = 0.5")), HasSubstr("between 1 and 1000000"));
  EXPECT_THAT(refusal(with("[limits]\nmemory = \"0 MB/day\"")), HasSubstr("above 0"));
  EXPECT_THAT(refusal(with("[limits]\nmemory = { fail = \"9 MB/day\", tolerate = \"10 MB/day\" }")),
              HasSubstr("tolerate must be below"));
  EXPECT_THAT(refusal("name = \"../up\"\n[target]\ncommand = [\"true\"]\n"), HasSubstr("letters, digits"));
  EXPECT_THAT(refusal("name = \"x\"\n[target]\ncommand = []\n"), HasSubstr("missing or empty"));
  EXPECT_THAT(refusal(with("ready = { log = \"(\" }")), HasSubstr("regular expression"));
  EXPECT_THAT(refusal(with("ready = { log = \"a\", tcp = 80 }")), HasSubstr("exactly one of"));
  EXPECT_THAT(refusal(with("[variants]\na = { expect = { fail = [\"sleep\"] } }")),
              HasSubstr("unknown metric 'sleep'"));
  EXPECT_THAT(refusal(with("[load]\nkind = \"frames\"\nsend = { rate = \"production\" }")),
              HasSubstr("[production] operations"));
}

TEST_F(ScenarioFile, ANameThatWouldLeaveTheFolderOrTakeAPlaceholderIsRefused) {
  for (const char* name : {"../../x", "/etc/x", "target", "bin"})
    EXPECT_THAT(refusal(with("[services.\"" + std::string(name) + "\"]\nkind = \"redis\"")),
                HasSubstr("a service's name"))
        << name;
}

TEST_F(ScenarioFile, AnIdleProbeTurnsTheLoadOffForTheMiddleThirdOfTheJudgedTime) {
  const std::string load = "[load]\nkind = \"frames\"\nsend = { rate = \"10/s\" }\n";
  const auto file = folder_.write(
      "demo.toml", with(load + "[profiles.probe]\nload = \"idle-probe\"\nwarmup = \"30s\"\ntime = \"6m\""));
  Overrides overrides;
  overrides.profile = "probe";
  const Scenario scenario = resolve(file, "default", overrides);
  EXPECT_DOUBLE_EQ(scenario.load.idle->from_s, 140);
  EXPECT_DOUBLE_EQ(scenario.load.idle->until_s, 250);
  EXPECT_EQ(scenario.settings.stop, Stop::never) << "else a verdict would end it in its first phase";
}

TEST_F(ScenarioFile, AnIdleProbeNeedsARateAndAllItsPhases) {
  const auto probe = [&](const std::string& more, const std::string& load) {
    return refusal(with(load + "[profiles.quick]\nload = \"idle-probe\"\n" + more));
  };
  const std::string open = "[load]\nkind = \"frames\"\nsend = { rate = \"10/s\" }\n";
  EXPECT_THAT(probe("", ""), HasSubstr("needs a [load] with a rate"));
  EXPECT_THAT(probe("", "[load]\nkind = \"frames\"\nsend = { closed = 1 }\n"),
              HasSubstr("needs a [load] with a rate"));
  EXPECT_THAT(probe("stop = \"decided\"", open), HasSubstr("must be \"never\""));
}

TEST_F(ScenarioFile, AVariantMayHaveADotInItsName) {
  const auto file = folder_.write("demo.toml", with("[variants]\n\"v1.2\" = {}\n\"v3.2\" = {}"));
  EXPECT_EQ(summarize(file).variants.at(1).name, "v3.2");
}

TEST_F(ScenarioFile, DevicesMaySendOrOnlyBeThere) {
  const std::string devices = "[load]\nkind = \"devices\"\nconnections = 19000\n";
  EXPECT_FALSE(resolved(with(devices)).load.rate_per_s);
  const Scenario sending = resolved(with(devices + "churn = \"9/s\"\nsend = { rate = \"500/s\" }"));
  EXPECT_DOUBLE_EQ(*sending.load.rate_per_s, 500);
  EXPECT_EQ(sending.load.devices.churn, "9/s");
  EXPECT_THAT(refusal(with(devices + "send = { closed = 1 }")), HasSubstr("give a rate"));
  EXPECT_THAT(refusal(with(devices + "publish = { rate = \"1/s\" }")), HasSubstr("publish"));
}

TEST_F(ScenarioFile, WhatIsReservedSaysSo) {
  EXPECT_THAT(refusal(with("[[phases]]\nname = \"day\"")), HasSubstr("reserved"));
}

TEST_F(ScenarioFile, AnHttpLoadSaysWhatItRequests) {
  const LoadPlan load = resolved(with("[load]\nkind = \"http\"\nconnections = 9\nclose = true\n"
                                      "request = { method = \"POST\", path = \"/orders/{uniform:9}\", "
                                      "headers = { Accept = \"text/plain\" }, body = \"{payload}\", "
                                      "rate = \"50/s\", shape = \"ramp:10s\", payload = \"9 B\" }"))
                            .load;
  EXPECT_EQ(load.kind, LoadPlan::Kind::http);
  EXPECT_EQ(load.to, "http://127.0.0.1:{port}");
  EXPECT_EQ(load.http.method, "POST");
  EXPECT_EQ(load.http.path, "/orders/{uniform:9}");
  EXPECT_EQ(load.http.headers.at("Accept"), "text/plain");
  EXPECT_EQ(load.http.body, "{payload}");
  EXPECT_TRUE(load.http.close);
  EXPECT_EQ(load.rate_per_s, 50);
  EXPECT_EQ(load.shape, "ramp:10s");
  EXPECT_EQ(load.payload, "9 B");
  EXPECT_EQ(load.connections, 9);
}

TEST_F(ScenarioFile, AnHttpLoadThatCannotBeIsRefusedWithItsFix) {
  const auto request = [&](const std::string& text) {
    return refusal(with("[load]\nkind = \"http\"\nrequest = { rate = \"1/s\", " + text + " }"));
  };
  EXPECT_THAT(refusal(with("[load]\nkind = \"http\"")), HasSubstr("write request = {"));
  EXPECT_THAT(request("payload = \"9 B\""), HasSubstr("write {payload} where it belongs"));
  EXPECT_THAT(request("mix = [\"GET /\"], path = \"/\""), HasSubstr("said by each request of mix"));
  EXPECT_THAT(request("mix = []"), HasSubstr("\"3:GET /orders\""));
  EXPECT_THAT(request("shape = \"wavy\""), HasSubstr("is no shape"));
  EXPECT_THAT(request("channel = \"orders\""), HasSubstr("channel"));
  EXPECT_THAT(refusal(with("[load]\nkind = \"http\"\nrequest = { closed = 2 }")),
              HasSubstr("give more connections"));
  EXPECT_THAT(refusal(with("[load]\nkind = \"frames\"\nsend = { closed = 2, shape = \"daily:1h\" }")),
              HasSubstr("goes with rate"));
}

TEST_F(ScenarioFile, ARedisLoadPublishesToSubscribersOrSendsAMix) {
  const auto publish = [&](const std::string& text) {
    return with("[services.redis]\nkind = \"redis\"\n[load]\nkind = \"redis\"\npublish = { rate = \"1/s\", " +
                text + " }");
  };
  EXPECT_EQ(resolved(publish("channel = \"orders\", subscribers = 5")).load.subscribers, 5);
  const LoadPlan mix = resolved(publish("commands = [\"3:GET k\", \"INCR n\"]")).load;
  EXPECT_THAT(mix.commands, ElementsAre("3:GET k", "INCR n"));
  EXPECT_EQ(mix.payload, "") << "nothing has one";
  EXPECT_EQ(resolved(publish("commands = [\"SET k {payload}\"], payload = \"9 B\"")).load.payload, "9 B");
  EXPECT_THAT(refusal(publish("commands = [\"GET k\"], payload = \"9 B\"")), HasSubstr("has no effect"));
  EXPECT_THAT(refusal(publish("commands = [\"GET k\"], channel = \"orders\"")), HasSubstr("beside commands"));
  EXPECT_THAT(refusal(publish("commands = [\"GET k\"], subscribers = 2")), HasSubstr("needs a channel"));
  EXPECT_THAT(refusal(publish("channel = \"orders\", subscribers = 0")), HasSubstr("between 1 and"));
}

TEST_F(ScenarioFile, AnyProgramMayBeTheLoad) {
  const std::string text = with(
      "[load]\nkind = \"command\"\ncommand = [\"k6\", \"run\", \"{port}\"]\ncwd = \"/tmp\"\n"
      "env = { A = \"b\" }\noperations = '(\\d+) complete'\nmay_end = true");
  const LoadProgram program = resolved(text).load.program;
  EXPECT_THAT(program.command.arguments, ElementsAre("k6", "run", "{port}"));
  EXPECT_EQ(program.command.working_directory, "/tmp");
  EXPECT_EQ(program.command.environment.at("A"), "b");
  EXPECT_EQ(program.operations, "(\\d+) complete");
  EXPECT_TRUE(program.may_end);
  EXPECT_THAT(refusal(with("[load]\nkind = \"command\"")), HasSubstr("command = [\"program\""));
  EXPECT_THAT(refusal(with("[load]\nkind = \"command\"\ncommand = [\"a\"]\noperations = \"(\"")),
              HasSubstr("regular expression"));
  EXPECT_THAT(refusal(with("[load]\nkind = \"command\"\ncommand = [\"a\"]\nconnections = 3")),
              HasSubstr("connections"));
  Overrides overrides;
  overrides.rate_per_s = 5;
  EXPECT_THROW(resolved(text, "default", overrides), ScenarioError);
}

TEST_F(ScenarioFile, EvidenceIsACommandOrAPresetAndAFlagGoesBeforeBoth) {
  using Preset = EvidencePlan::Preset;
  EXPECT_FALSE(resolved(with("")).evidence.asked());
  const Scenario by_command =
      resolved(with("[evidence]\ncommand = [\"jcmd\", \"{pid}\", \"VM.metaspace\"]\nwithin = \"9s\""));
  EXPECT_EQ(by_command.evidence.command.size(), 3U);
  EXPECT_EQ(by_command.evidence.within_s, 9);
  const std::string jvm = with("[evidence]\npreset = \"jvm\"");
  EXPECT_EQ(resolved(jvm).evidence.preset, Preset::jvm);
  Overrides overrides;
  overrides.evidence = Preset::node;
  EXPECT_EQ(resolved(jvm, "default", overrides).evidence.preset, Preset::node);
  overrides.evidence = Preset::none;
  EXPECT_FALSE(resolved(jvm, "default", overrides).evidence.asked());
  overrides.evidence = Preset::jvm;
  EXPECT_EQ(plain_scenario({"java"}, std::nullopt, overrides).evidence.preset, Preset::jvm);
}

TEST_F(ScenarioFile, EvidenceThatCannotBeIsRefusedWithItsFix) {
  EXPECT_THAT(refusal(with("[evidence]\npreset = \"jvm\"\ncommand = [\"x\"]")), HasSubstr("needs either"));
  EXPECT_EQ(resolved(with("[evidence]\npause = true")).evidence.looking, Looking::paused);
  EXPECT_THAT(refusal(with("[evidence]\nwithin = \"9s\"")), HasSubstr("needs either"));
  EXPECT_THAT(refusal(with("[evidence]\npreset = \"ruby\"")), HasSubstr("\"jvm\", \"node\" or \"none\""));
  EXPECT_THAT(refusal(with("[evidence]\ncommand = []")), HasSubstr("GC.class_histogram"));
  EXPECT_THAT(refusal(with("[evidence]\npreset = \"jvm\"\nwithin = \"0s\"")), HasSubstr("above 0"));
  EXPECT_THAT(refusal(with("[evidence]\npreset = \"jvm\"\nwihtin = \"9s\"")), HasSubstr("within"));
}

TEST_F(ScenarioFile, TheAgentIsPreloadedUnlessTheFileOrAFlagSaysNo) {
  EXPECT_TRUE(resolved(with("")).target.preload_agent);
  EXPECT_FALSE(resolved(with("[agent]\npreload = false")).target.preload_agent);
  Overrides overrides;
  overrides.agent = true;
  EXPECT_TRUE(resolved(with("[agent]\npreload = false"), "default", overrides).target.preload_agent);
  overrides.agent = false;
  EXPECT_FALSE(resolved(with("[agent]\npreload = true"), "default", overrides).target.preload_agent);
  EXPECT_THAT(refusal(with("[agent]\npreload = 1")), HasSubstr("must be true or false"));
}

TEST_F(ScenarioFile, BrokenTomlNamesTheLine) {
  EXPECT_THAT(refusal("name = \"x\"\nwhat is this\n"), HasSubstr("demo.toml:2: not valid TOML"));
}

TEST_F(ScenarioFile, AMissingFileOrProfileNamesTheFix) {
  EXPECT_THROW(summarize(folder_.path() / "none.toml"), ScenarioError);
  Overrides overrides;
  overrides.profile = "weekly";
  try {
    resolved(whole, "good", overrides);
    ADD_FAILURE();
  } catch (const ScenarioError& error) {
    EXPECT_THAT(error.what(), HasSubstr("there are: quick, nightly"));
  }
}

TEST_F(ScenarioFile, VariantsAreListedAsWritten) {
  const ScenarioSummary summary = summarize(folder_.write("demo.toml", whole));
  ASSERT_EQ(summary.variants.size(), 2U);
  EXPECT_EQ(summary.variants[0].name, "good");
  EXPECT_EQ(summary.variants[1].why, "leaks");
}

TEST(PlainScenario, HasTheDefaultsOfTheDesign) {
  const Scenario scenario = plain_scenario({"/usr/bin/some program"}, {}, {});
  EXPECT_EQ(scenario.name, "some_program");
  EXPECT_DOUBLE_EQ(scenario.settings.time_s, 7200);
  EXPECT_DOUBLE_EQ(scenario.settings.warmup_s, 900);
  EXPECT_DOUBLE_EQ(scenario.settings.age_s, 300);
  EXPECT_DOUBLE_EQ(scenario.settings.settle_s, 600);
  EXPECT_DOUBLE_EQ(scenario.sample_s, 1);
  EXPECT_DOUBLE_EQ(scenario.settings.memory.fail, 90e6);
}

}  // namespace
}  // namespace soakline
