"""What the agent costs, beside heaptrack, jemalloc's profiler and gperftools: a table in Markdown.

/usr/bin/python3 harness/agent_bench.py BIN [--rounds N] [--only ROW...]     (ci/bench agent)

Each round runs every way in turn; a figure is the median over the rounds of its ratio to the same round's bare one, or of its
difference. All of them are CPU time, so that other programs on the machine disturb little.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

LIBRARIES = pathlib.Path("/usr/lib/x86_64-linux-gnu")
HEAPTRACK = "/usr/lib/heaptrack/libheaptrack_preload.so"
SLOW = {"gperftools": 3}  # rounds: a thousand times slower than bare, and so told apart soon
WAYS = ["bare", "soakline agent", "heaptrack", "jemalloc prof", "gperftools"]


@contextlib.contextmanager
def environment(way, binaries):
    """What a program is started with, so that it runs this way, and a folder that is gone afterwards."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="soakline-bench-", dir="/dev/shm"))
    added = {
        "bare": {},
        "soakline agent": {"LD_PRELOAD": f"{binaries}/libsoakline_agent.so", "SOAKLINE_AGENT": str(folder)},
        # What its own script would let another process write to a disk goes nowhere.
        "heaptrack": {"LD_PRELOAD": HEAPTRACK, "DUMP_HEAPTRACK_OUTPUT": "/dev/null"},
        "jemalloc prof": {"LD_PRELOAD": f"{LIBRARIES}/libjemalloc.so.2", "MALLOC_CONF": "prof:true,lg_prof_sample:19"},
        "gperftools": {"LD_PRELOAD": f"{LIBRARIES}/libtcmalloc.so.4", "HEAPPROFILE": f"{folder}/profile"},
    }[way]
    (folder / "clock").write_bytes(bytes(4))
    try:
        yield {**os.environ, **added}
    finally:
        shutil.rmtree(folder)


def benchmark(name, way, binaries):
    """One figure of agent_bench: ns of CPU an iteration, or what it says itself."""
    with environment(way, binaries) as env:
        done = subprocess.run([f"{binaries}/agent_bench", f"--benchmark_filter=^{name}$", "--benchmark_format=json"],
                              env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True)
    figures = json.loads(done.stdout)["benchmarks"][0]
    return figures.get("figure", figures["cpu_time"])


def cpu_s(pid):
    """Of all threads of a process, also of those that are gone (clock_getcpuclockid)."""
    return time.clock_gettime(~pid << 3 | 2)


def saturated(start, load, way, binaries, seconds=2):
    """CPU of the server in ns a request, while the load generator keeps it busy."""
    with environment(way, binaries) as env:
        server, address = start(env, binaries)
        try:
            command = [f"{binaries}/soakline-load", *load, "--to", address, "--json", "--seed", "7"]
            subprocess.run([*command, "--time", "500ms"], check=True, stdout=subprocess.DEVNULL)
            before_s = cpu_s(server.pid)
            done = subprocess.run([*command, "--time", f"{seconds}s"], check=True, stdout=subprocess.PIPE, text=True)
            used_s = cpu_s(server.pid) - before_s
            return 1e9 * used_s / json.loads(done.stdout.splitlines()[-1])["answered"]
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()


def start_redis(env, binaries):
    path = tempfile.mktemp(prefix="soakline-bench-", suffix=".sock", dir="/dev/shm")
    server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no"],
                              env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not os.path.exists(path):
        if server.poll() is not None:
            raise RuntimeError("redis-server did not start")
        time.sleep(0.01)
    return server, f"unix:{path}"


def start_frames(env, binaries):
    server = subprocess.Popen([f"{binaries}/executor", "--listen", "0"], env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
    for line in server.stdout:
        if found := re.search(r"listening on (\S+)", line):
            return server, found[1]
    raise RuntimeError("executor did not start")


REDIS_LOAD = ["redis", "--closed", "256", "--connections", "4", "--command", "SET key:{uniform:100000} {payload}",
              "--payload", "64..512B"]
FRAMES_LOAD = ["frames", "--closed", "32", "--connections", "8", "--payload", "64..512B"]

# name: what it measures, its title with the unit, how two ways compare
RATIO, DIFFERENCE = "ratio", "difference"
ROWS = {
    "pair": (lambda way, b: benchmark("pair", way, b), "malloc+free in a tight loop, ns", RATIO),
    "ring": (lambda way, b: benchmark("ring", way, b), "ring of 1,024 live blocks, 512 sites, ns a pair", RATIO),
    "paced_pair": (lambda way, b: benchmark("paced_pair/iterations:1", way, b),
                   "a million pairs a second, tight, % of a core", DIFFERENCE),
    "paced_ring": (lambda way, b: benchmark("paced_ring/iterations:1", way, b),
                   "a million pairs a second in the ring, % of a core", DIFFERENCE),
    "redis": (lambda way, b: saturated(start_redis, REDIS_LOAD, way, b), "redis-server, saturated by SET, CPU ns a request",
              RATIO),
    "frames": (lambda way, b: saturated(start_frames, FRAMES_LOAD, way, b),
               "our frame server, saturated, CPU ns a request", RATIO),
    "rss": (lambda way, b: benchmark("held/0/iterations:1", way, b) / 1e6, "RSS without blocks, MB", DIFFERENCE),
    "rss_block": (lambda way, b: (benchmark("held/1000000/iterations:1", way, b) -
                                  benchmark("held/0/iterations:1", way, b)) / 1e6, "RSS a block of 88 bytes, bytes",
                  DIFFERENCE),
}


def quartiles(values):
    low, _, high = statistics.quantiles(values, n=4) if len(values) > 1 else [values[0]] * 3
    return low, high


def cell(way, values, how):
    median = statistics.median(values[way])
    if way == "bare":
        return f"{median:.3g}"
    if how == RATIO:
        compared = [100 * (a / b - 1) for a, b in zip(values[way], values["bare"])]
        middle, (low, high) = statistics.median(compared), quartiles(compared)
        if middle >= 1000:
            return f"{median:.3g} ({1 + middle / 100:.0f}×)"
        return f"{median:.3g} ({middle:+.0f} %, {low:+.0f} to {high:+.0f})"
    compared = [a - b for a, b in zip(values[way], values["bare"])]
    low, high = quartiles(compared)
    return f"{statistics.median(compared):+.3g} ({low:+.3g} to {high:+.3g})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binaries")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS))
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    arguments = parser.parse_args()
    arguments.binaries = os.path.abspath(arguments.binaries)
    ways = ["bare"] + [way for way in arguments.ways if way != "bare"]
    print("| | " + " | ".join(ways) + " |")
    print("|---" * (len(ways) + 1) + "|")
    for row in arguments.only:
        measure, title, how = ROWS[row]
        values = {way: [] for way in ways}
        for _ in range(arguments.rounds):
            for way in ways:
                if len(values[way]) == SLOW.get(way):
                    continue
                values[way].append(measure(way, arguments.binaries))
        print(f"| {title} | " + " | ".join(cell(way, values, how) for way in ways) + " |", flush=True)


if __name__ == "__main__":
    main()
