#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/scenario_file.hpp"
#include "harness/testing/temporary_folder.hpp"

namespace soakline {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class FaultSections : public ::testing::Test {
 protected:
  Scenario resolved(const std::string& faults, const Overrides& overrides = {}) {
    return resolve(folder_.write("demo.toml", before_ + faults), "default", overrides);
  }
  std::string refusal(const std::string& faults) {
    try {
      resolved(faults);
    } catch (const ScenarioError& error) {
      return error.what();
    }
    return "accepted";
  }

  testing::TemporaryFolder folder_;
  const std::string before_ =
      "name = \"demo\"\n[target]\ncommand = [\"true\"]\n[services.redis]\nkind = \"redis\"\n"
      "[services.far]\nurl = \"redis://127.0.0.1:6379\"\n[services.own]\ncommand = [\"true\"]\n";
};

TEST_F(FaultSections, AreReadWithTheirTimesInSeconds) {
  const Scenario scenario = resolved(
      "[[faults]]\nkind = \"restart\"\nat = \"2m\"\nevery = \"10m\"\njitter = \"30s\"\nfor = \"5s\"\n"
      "recover = \"10s\"\non = \"redis\"\n"
      "[[faults]]\nkind = \"stop\"\nat = \"90s\"\nfor = \"1s\"\non = \"target\"\n");
  ASSERT_EQ(scenario.faults.size(), 2U);
  const FaultPlan& restart = scenario.faults[0];
  EXPECT_EQ(restart.kind, FaultKind::restart);
  EXPECT_EQ(restart.on, "redis");
  EXPECT_EQ(restart.at_s, 120);
  EXPECT_EQ(restart.every_s, 600);
  EXPECT_EQ(restart.jitter_s, 30);
  EXPECT_EQ(restart.for_s, 5);
  EXPECT_EQ(restart.recover_s, 10);
  EXPECT_EQ(scenario.faults[1].on, "target");
  EXPECT_FALSE(scenario.faults[1].every_s);
}

TEST_F(FaultSections, LetARunGoOnAfterItsPassUnlessToldOtherwise) {
  const std::string fault = "[[faults]]\nkind = \"restart\"\nat = \"2m\"\non = \"redis\"\n";
  EXPECT_EQ(resolved(fault).settings.stop, Stop::fail);
  EXPECT_EQ(resolved("").settings.stop, Stop::decided);
  EXPECT_EQ(resolved(fault + "[profiles.quick]\nstop = \"decided\"\n").settings.stop, Stop::decided);
  Overrides overrides;
  overrides.stop = Stop::decided;
  EXPECT_EQ(resolved(fault, overrides).settings.stop, Stop::decided);
}

TEST_F(FaultSections, AMistakeIsNamedWithItsLineAndTheFix) {
  const auto with = [&](const std::string& line) {
    return refusal("[[faults]]\nkind = \"restart\"\nat = \"2m\"\non = \"redis\"\n" + line);
  };
  EXPECT_THAT(with("evry = \"1m\""), AllOf(HasSubstr("demo.toml:14"), HasSubstr("did you mean 'every'")));
  EXPECT_THAT(with("every = \"5s\"\nfor = \"3s\"\njitter = \"2s\""), HasSubstr("longer than for and jitter"));
  EXPECT_THAT(with("every = \"10ms\""), HasSubstr("more than 100000 faults"));
  EXPECT_THAT(with("for = \"5 moons\""), HasSubstr("unknown unit 'moons'"));
  EXPECT_THAT(refusal("[faults]\nkind = \"stop\"\n"), HasSubstr("must be written as [[faults]]"));
}

TEST_F(FaultSections, AKindThatCannotBeOnWhatItNamesIsRefused) {
  const auto fault = [&](const std::string& kind, const std::string& on, const std::string& more = "") {
    return refusal("[[faults]]\nat = \"2m\"\nkind = \"" + kind + "\"\non = \"" + on + "\"\n" + more);
  };
  EXPECT_THAT(fault("explode", "redis"), HasSubstr("is none of stop, kill, restart"));
  EXPECT_THAT(fault("restart", "postgres"), HasSubstr("there are: redis, far, own"));
  EXPECT_THAT(fault("kill", "target"), HasSubstr("no service that a kill can be on"));
  EXPECT_THAT(fault("kill", "far"), HasSubstr("soakline did not start it"));
  EXPECT_THAT(fault("stop", "redis"), HasSubstr("[faults] for: is missing"));
  EXPECT_THAT(fault("client-kill", "own", "type = \"normal\""), HasSubstr("is no redis"));
  EXPECT_THAT(fault("client-kill", "redis"), HasSubstr("[faults] type: is missing"));
  EXPECT_THAT(fault("client-kill", "redis", "type = \"all\""), HasSubstr("\"normal\" or \"pubsub\""));
  EXPECT_EQ(fault("client-kill", "far", "type = \"pubsub\""), "accepted");
}

class LinkSections : public FaultSections {
 protected:
  static std::string on_link(const std::string& kind, const std::string& on, const std::string& more = "") {
    return "[[faults]]\nat = \"2m\"\nkind = \"" + kind + "\"\non = \"" + on + "\"\n" + more;
  }
  const std::string target_ =
      "name = \"demo\"\n[target]\ncommand = [\"demo\", \"{redis}\"]\nenv = { OWN = \"{own}\" }\n"
      "[services.redis]\nkind = \"redis\"\n[services.own]\ncommand = [\"true\"]\n"
      "[services.other]\ncommand = [\"true\"]\n";
  const std::string frames_ = "[load]\nkind = \"frames\"\nsend = { rate = \"10/s\" }\n";
  const std::string publishes_ =
      "[load]\nkind = \"redis\"\npublish = { channel = \"orders\", rate = \"10/s\" }\n";

  Scenario with(const std::string& load, const std::string& faults) {
    return resolve(folder_.write("demo.toml", target_ + load + faults), "default", {});
  }
  std::string refused(const std::string& load, const std::string& faults) {
    try {
      with(load, faults);
    } catch (const ScenarioError& error) {
      return error.what();
    }
    return "accepted";
  }
};

TEST_F(LinkSections, HaveTheirParametersInSIUnits) {
  const auto parameter = [&](const std::string& fault, const std::string& name) {
    return std::get<double>(with(publishes_, fault).faults.at(0).parameters.at(name));
  };
  const std::string lasts = "for = \"5s\"\n";
  EXPECT_DOUBLE_EQ(parameter(on_link("delay", "target->redis", lasts + "delay = \"200ms\""), "delay_s"), 0.2);
  EXPECT_DOUBLE_EQ(parameter(on_link("cap", "load->redis", lasts + "rate = \"10 kB/s\""), "bytes_per_s"),
                   10'000);
  EXPECT_DOUBLE_EQ(parameter(on_link("tear", "target->own", lasts + "piece = \"3 B\""), "piece_bytes"), 3);
  EXPECT_DOUBLE_EQ(parameter(on_link("tear", "target->own", lasts + "piece = \"3 B\""), "pause_s"), 0.001);
  EXPECT_DOUBLE_EQ(parameter(on_link("lose", "target->redis", lasts + "share = 0.1"), "share"), 0.1);
}

TEST_F(LinkSections, AreRefusedWhereNobodyWouldGoThatWay) {
  EXPECT_THAT(refused("", on_link("reset", "redis")), HasSubstr("is no link"));
  EXPECT_THAT(refused("", on_link("reset", "redis->target")), HasSubstr("is no link"));
  EXPECT_THAT(refused("", on_link("reset", "target->postgres")), HasSubstr("there are: redis, own, other"));
  EXPECT_THAT(refused("", on_link("reset", "target->other")), HasSubstr("do not hold {other}"));
  EXPECT_THAT(refused("", on_link("reset", "load->target")), HasSubstr("there is no [load]"));
  EXPECT_THAT(refused(frames_, on_link("reset", "load->redis")), HasSubstr("\"load->target\""));
  EXPECT_THAT(refused(publishes_, on_link("reset", "load->target")), HasSubstr("\"load->redis\""));
  EXPECT_EQ(refused(frames_, on_link("reset", "load->target")), "accepted");
}

TEST_F(LinkSections, AreRefusedWithoutWhatTheirKindNeeds) {
  const std::string lasts = "for = \"5s\"\n";
  EXPECT_THAT(refused("", on_link("delay", "target->redis", "delay = \"1s\"")), HasSubstr("for: is missing"));
  EXPECT_THAT(refused("", on_link("delay", "target->redis", lasts)), HasSubstr("delay: is missing"));
  EXPECT_THAT(refused("", on_link("cap", "target->redis", lasts + "rate = \"0 B/s\"")), HasSubstr("above 0"));
  EXPECT_THAT(refused("", on_link("half-close", "target->redis", lasts)), HasSubstr("at once"));
  EXPECT_THAT(refused("", on_link("half-close", "target->redis", "direction = \"up\"")),
              HasSubstr("to-server"));
  EXPECT_THAT(refused("", on_link("lose", "target->redis", lasts + "share = 2")),
              HasSubstr("share: is needed"));
  EXPECT_THAT(refused("", on_link("lose", "target->own", lasts + "share = 0.1")),
              HasSubstr("not understood"));
  EXPECT_THAT(refused("", on_link("reset", "target->redis", "delay = \"1s\"")), HasSubstr("unknown key"));
}

TEST_F(LinkSections, OfALoadThatTheProfileTurnsOffDoNotHappen) {
  const Scenario scenario =
      with(frames_, on_link("reset", "load->target") + "[profiles.quick]\nload = \"none\"\n");
  EXPECT_TRUE(scenario.faults.empty());
}

}  // namespace
}  // namespace soakline
