"""What load costs, beside a bare epoll loop, redis-benchmark and memtier_benchmark: tables in Markdown.

/usr/bin/python3 loadgen/bench/load_bench.py BIN [--rounds N] [--only SECTION...]     (ci/bench load)

Each round runs every way in turn, against one redis-server; a ratio is the median over the rounds of the ratio in each. CPU is
that of the client's process, so that other programs on the machine disturb little.
"""
import argparse
import contextlib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time

CONNECTIONS = 50
PAYLOAD = "x" * 64


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def redis_server():
    """A private one; its TCP port, its unix socket and its process."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="soakline-bench-"))
    port, path = free_port(), folder / "s"
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--unixsocket", str(path), "--save", "", "--appendonly", "no",
         "--client-output-buffer-limit", "pubsub", "0", "0", "0", "--dir", str(folder)], stdout=subprocess.DEVNULL)
    try:
        while not path.exists():
            time.sleep(0.01)
        yield port, path, server
    finally:
        server.send_signal(signal.SIGCONT)
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def last_json(command):
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def cpu_of(command):
    """Seconds of CPU of a child and all it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def quartiles(values):
    if len(values) < 2:
        return f"{values[0]:.2f}"
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{middle:.2f} ({low:.2f}..{high:.2f})"


class Sending:
    """ns of CPU a PUBLISH, each way, closed loop."""

    def __init__(self, binaries, port, path, where):
        self.binaries = binaries
        self.floor_to = str(port) if where == "tcp" else str(path)
        self.to = f"127.0.0.1:{port}" if where == "tcp" else f"unix:{path}"
        self.where = where
        self.benchmark_to = ["-p", str(port)] if where == "tcp" else ["-s", str(path)]
        self.memtier_to = ["-p", str(port)] if where == "tcp" else ["-S", str(path)]

    def floor(self, depth, seconds):
        told = last_json([f"{self.binaries}/load_floor", "send", self.floor_to, str(CONNECTIONS), str(depth), str(seconds)])
        return 1e9 * told["cpu_s"] / told["messages"]

    def soakline(self, depth, seconds):
        told = last_json([f"{self.binaries}/soakline-load", "redis", "--to", self.to, "--closed", str(depth), "--connections",
                          str(CONNECTIONS), "--time", f"{seconds}s", "--json"])
        return 1e9 * told["cpu_s"] / told["answered"]

    def redis_benchmark(self, depth, requests):
        used = cpu_of(["redis-benchmark", *self.benchmark_to, "-c", str(CONNECTIONS), "-P", str(depth), "-n", str(requests), "-q",
                       "PUBLISH", "orders", PAYLOAD])
        return 1e9 * used / requests

    def memtier(self, depth, requests):
        each = requests // CONNECTIONS
        used = cpu_of(["memtier_benchmark", *self.memtier_to, "-t", "1", "-c", str(CONNECTIONS), f"--pipeline={depth}",
                       f"--requests={each}", f"--command=PUBLISH orders {PAYLOAD}", "--hide-histogram"])
        return 1e9 * used / (each * CONNECTIONS)


def sending(binaries, rounds):
    print(f"### Sending\n\nCPU a message, closed loop, 64-byte PUBLISH, {CONNECTIONS} connections; soakline-load with times, three "
          "histograms, numbers and CRC.\n")
    print("| | in flight | bare loop, ns | soakline-load, ns | to the bare loop | to redis-benchmark | to memtier |")
    print("|---|---|---|---|---|---|---|")
    memtier = shutil.which("memtier_benchmark")
    with redis_server() as (port, path, _):
        for where in ("tcp", "unix"):
            ways = Sending(binaries, port, path, where)
            for depth, seconds, requests in ((1, 2, 200_000), (16, 2, 2_000_000), (64, 2, 4_000_000)):
                floor, ours, benchmark, other = [], [], [], []
                for _ in range(rounds):
                    floor.append(ways.floor(depth, seconds))
                    ours.append(ways.soakline(depth, seconds))
                    benchmark.append(ways.redis_benchmark(depth, requests))
                    if memtier:
                        other.append(ways.memtier(depth, requests))
                ratio = [a / b for a, b in zip(ours, floor)]
                to_benchmark = [a / b for a, b in zip(ours, benchmark)]
                to_memtier = quartiles([a / b for a, b in zip(ours, other)]) if memtier else "not installed"
                print(f"| {where} | {depth} | {statistics.median(floor):.0f} | {statistics.median(ours):.0f} | {quartiles(ratio)} | "
                      f"{quartiles(to_benchmark)} | {to_memtier} |", flush=True)
    print()


def receiving(binaries, rounds):
    print("### Receiving\n\nCPU a delivery of 64 bytes, another process publishing 16 at a time: a bare loop that parses, and "
          "soakline-load's connections with ledger, CRC and histogram.\n")
    print("| subscribers | parsing only, ns | with the ledger, ns | ratio |\n|---|---|---|---|")
    with redis_server() as (port, path, _):
        publisher = [f"{binaries}/soakline-load", "redis", "--to", f"unix:{path}", "--closed", "16", "--connections", "4", "--json"]
        for subscribers in (1, 50):
            figures = {"parse": [], "receive": []}
            for _ in range(rounds):
                for way, found in figures.items():
                    with subprocess.Popen([*publisher, "--time", "4s"], stdout=subprocess.DEVNULL) as running:
                        told = last_json([f"{binaries}/load_floor", way, str(path), str(subscribers), "2"])
                        running.terminate()
                    found.append(1e9 * told["cpu_s"] / told["messages"])
            ratio = [a / b for a, b in zip(figures["receive"], figures["parse"])]
            print(f"| {subscribers} | {statistics.median(figures['parse']):.0f} | {statistics.median(figures['receive']):.0f} | "
                  f"{quartiles(ratio)} |", flush=True)
    print()


def stalled(command, server, run_s=10, stall_s=1, at_s=4.5):
    """Output of a command of ten seconds in the middle of which the server stands still for one."""
    def stop():
        time.sleep(at_s)
        server.send_signal(signal.SIGSTOP)
        time.sleep(stall_s)
        server.send_signal(signal.SIGCONT)
    stopper = threading.Thread(target=stop)
    stopper.start()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    stopper.join()
    return done.stdout


def stall(binaries, rounds):
    """The true quantiles follow from the timetable: of ten seconds one stands still, and who came t into it waits 1 - t."""
    rate, run_s = 2000, 10
    print(f"### The stall\n\nThe server is stopped for 1 s of {run_s} s at {rate}/s: the true p95 is 500 ms, p99 900 ms.\n")
    print("| | sent of those due | p95, ms | p99, ms |\n|---|---|---|---|")
    with redis_server() as (port, path, server):
        rows = [json.loads(stalled([f"{binaries}/soakline-load", "redis", "--to", f"127.0.0.1:{port}", "--rate", f"{rate}/s",
                                    "--connections", str(CONNECTIONS), "--time", f"{run_s}s", "--json"], server).splitlines()[-1])
                for _ in range(min(rounds, 5))]
        for row in rows:
            latency = row["latency_from_intended_us"]
            print(f"| soakline-load | {100 * row['sent'] / (rate * run_s):.1f} % | {latency['p95'] / 1e3:.1f} | "
                  f"{latency['p99'] / 1e3:.1f} |", flush=True)
        requests = 10 * 30_000  # it knows no rate: about as many as it sends in the time, one in flight on each connection
        text = stalled(["redis-benchmark", "-p", str(port), "-c", "1", "-n", str(requests), "--csv", "PUBLISH", "orders", PAYLOAD],
                       server, at_s=2)
        cells = text.splitlines()[-1].replace('"', "").split(",")
        print(f"| redis-benchmark, no rate, one connection | it asks when it was answered | {float(cells[5]):.2f} | "
              f"{float(cells[6]):.2f} |")
        if shutil.which("memtier_benchmark"):
            with tempfile.NamedTemporaryFile() as out:
                stalled(["memtier_benchmark", "-p", str(port), "-t", "1", "-c", str(CONNECTIONS), "--test-time=10",
                         f"--rate-limiting={rate // CONNECTIONS}", f"--command=PUBLISH orders {PAYLOAD}", "--hide-histogram",
                         "--print-percentiles=95,99", f"--json-out-file={out.name}"], server)
                totals = json.load(open(out.name))["ALL STATS"]["Totals"]
            print(f"| memtier | {100 * totals['Ops/sec'] / rate:.1f} % | {totals['Percentile Latencies']['p95.00']:.1f} | "
                  f"{totals['Percentile Latencies']['p99.00']:.1f} |")
    print()


def seeds(binaries, rounds):
    """The same seed sends the same bytes, also on a machine that is busy, or at a server that is slow."""
    with redis_server() as (port, path, server):
        hashes = []
        for i in range(10):
            busy = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(3 * (i % 2))]
            hashes.append(last_json([f"{binaries}/soakline-load", "redis", "--to", f"unix:{path}", "--rate", "20k/s", "--arrivals",
                                     "poisson", "--shape", "daily:2s", "--command", "SET key:{zipf:100000} {payload}", "--payload",
                                     "64..512B", "--connections", "8", "--time", "2s", "--seed", "7", "--json"])["stream_hash"])
            for process in busy:
                process.kill()
                process.wait()
    print(f"### The same seed\n\n{hashes.count(hashes[0])} of 10 runs have the hash {hashes[0]}, every other one beside three busy "
          "loops.\n", flush=True)


def wire_faults(wire, count, generator):
    """So many short faults one after the other, each of a random kind and share; how many messages each kind edited."""
    edited = dict.fromkeys(("lose", "duplicate", "corrupt"), 0)
    for number in range(count):
        kind = generator.choice(list(edited))
        fault = {"id": number, "kind": kind, "for_s": generator.uniform(0.005, 0.03), "share": generator.choice([0.01, 0.1, 0.5, 1])}
        wire.stdin.write(json.dumps(fault) + "\n")
        wire.stdin.flush()
        edited[kind] += json.loads(wire.stdout.readline())["messages"]
        time.sleep(0.005)
    return edited


def through_wire(binaries, messages, to, load, count, generator):
    """What the proxy edited on the way from `to`, and the account of the load that went through it."""
    with subprocess.Popen([f"{binaries}/soakline-wire", "--listen", "127.0.0.1:0", "--to", to, "--messages", messages, "--seed",
                           str(generator.randrange(1 << 30))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as wire:
        address = json.loads(wire.stdout.readline())["listening"]
        with subprocess.Popen([f"{binaries}/soakline-load", messages, "--to", address, "--rate", "5k/s", "--connections", "4",
                               *load, "--time", "1h", "--json", "--progress", "100ms"], stdout=subprocess.PIPE, text=True) as running:
            while json.loads(running.stdout.readline())["answered"] == 0:
                pass
            edited = wire_faults(wire, count, generator)
            running.terminate()
            account = json.loads(running.communicate()[0].splitlines()[-1])
        wire.stdin.close()
    return edited, account


def ledger(binaries, rounds, faults=1000):
    """Every message that is lost, doubled or damaged on the way must be found, and nothing else."""
    generator = random.Random(7)
    print("### The ledger\n\n| through the proxy | faults | edited: lost, doubled, damaged | found: lost, doubled, damaged |\n"
          "|---|---|---|---|")
    with redis_server() as (port, _, _):
        edited, told = through_wire(binaries, "redis", f"127.0.0.1:{port}", ["--subscribers", "3"], faults // 2, generator)
        found = told["deliveries"]
        print(f"| redis, 3 subscribers | {faults // 2} | {edited['lose']}, {edited['duplicate']}, {edited['corrupt']} | "
              f"{found['lost'] - found['corrupted']}, {found['duplicated']}, {found['corrupted']} |", flush=True)
    with subprocess.Popen([f"{binaries}/executor", "--scheduler", "dedicated", "--listen", "0"], stdout=subprocess.PIPE,
                          text=True) as server:
        address = re.search(r"listening on (\S+)", server.stdout.readline())[1]
        edited, told = through_wire(binaries, "frames", address, [], faults // 2, generator)
        print(f"| frames | {faults // 2} | {edited['lose']}, {edited['duplicate']}, {edited['corrupt']} | {told['unexplained']}, "
              f"{told.get('duplicated', 0)}, {told.get('corrupted', 0)} |", flush=True)
        server.terminate()
    print()


def rss_bytes(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def drift(binaries, rounds, seconds=3600):
    """What the generator's own memory does at 50,000 messages a second, in bursts, so that the machine has time for others: a line through its RSS once a second."""
    with redis_server() as (_, path, _):
        with subprocess.Popen([f"{binaries}/soakline-load", "redis", "--to", f"unix:{path}", "--rate", "50k/s", "--shape", "bursts:1ms/10ms",
                               "--connections", str(CONNECTIONS), "--time", f"{seconds}s", "--json"], stdout=subprocess.PIPE, text=True) as load:
            samples = []
            begin = time.monotonic()
            while load.poll() is None and time.monotonic() < begin + seconds - 1:
                samples.append((time.monotonic() - begin, rss_bytes(load.pid)))
                time.sleep(1)
            told = json.loads(load.communicate()[0].splitlines()[-1])
    later = [sample for sample in samples if sample[0] > seconds / 10]
    slope = statistics.linear_regression(*zip(*later)).slope
    print(f"### Own memory\n\n{told['answered']} answered of {told['offered']} in {seconds} s at 50k/s, {told['cpu_s'] / seconds:.2f} of "
          f"a core: RSS {later[0][1] / 1024:.0f} KiB after a tenth of the time, {later[-1][1] / 1024:.0f} KiB at the end, "
          f"{slope * 3600 / 1024:+.1f} KiB/h; lateness p99 {told['lateness_us']['p99']} us, valid: {told['valid']}.\n", flush=True)


def restarts(binaries, rounds, seconds=3600, every=120):
    """Redis is ended and started again every two minutes; every message must be accounted for."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="soakline-bench-"))
    path = folder / "s"

    def start():
        path.unlink(missing_ok=True)
        server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)],
                                  stdout=subprocess.DEVNULL)
        while not path.exists():
            time.sleep(0.01)
        return server

    server = start()
    times = 0
    with subprocess.Popen([f"{binaries}/soakline-load", "redis", "--to", f"unix:{path}", "--rate", "2k/s", "--arrivals", "poisson",
                           "--connections", "4", "--subscribers", "5", "--time", f"{seconds}s", "--json"],
                          stdout=subprocess.PIPE, text=True) as load:
        end = time.monotonic() + seconds - every / 2
        while time.monotonic() + every < end:
            time.sleep(every)
            server.send_signal(signal.SIGKILL if times % 2 else signal.SIGTERM)
            server.wait()
            time.sleep(times % 3)
            server = start()
            times += 1
        told = json.loads(load.communicate()[0].splitlines()[-1])
    server.terminate()
    server.wait()
    shutil.rmtree(folder)
    counts = {name: told[name] for name in ("offered", "sent", "answered", "failed", "dropped", "unexplained")}
    print(f"### Restarts\n\n{times} restarts in {seconds} s: {counts}, deliveries {told['deliveries']}.\n", flush=True)


SECTIONS = {"sending": sending, "receiving": receiving, "stall": stall, "seeds": seeds, "ledger": ledger}
HOURS = {"drift": drift, "restarts": restarts}  # only when they are asked for: an hour each


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("binaries")
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--only", nargs="+", choices=SECTIONS | HOURS, default=list(SECTIONS))
    chosen = arguments.parse_args()
    uname = os.uname()
    print(f"{uname.sysname} {uname.release.split('-')[0]}, {os.cpu_count()} cores, {chosen.rounds} rounds; load at the start "
          f"{os.getloadavg()[0]:.1f}\n")
    for section in chosen.only:
        (SECTIONS | HOURS)[section](chosen.binaries, chosen.rounds)


main()
