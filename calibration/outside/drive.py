"""Drives one real program lightly over a unix socket (sqlite: a FIFO); in the variant `leaking` it keeps --leak bytes/s.

/usr/bin/python3 calibration/outside/drive.py PROGRAM ADDRESS --leak BYTES_PER_S [--variant clean|leaking] [--seed N]
"""
import argparse
import os
import random
import socket
import struct
import time

KEYS = 1200  # the key space of the clean load, full after a minute or less


class Stream:
    """A connection with buffered reading; a target that is silent for 10 s counts as gone."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(address)
        self.file = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data)

    def line(self):
        line = self.file.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("closed")
        return line.rstrip(b"\r\n")

    def exactly(self, count):
        data = self.file.read(count)
        if len(data) != count:
            raise ConnectionError("closed")
        return data

    def close(self):
        self.file.close()
        self.socket.close()


class Program:
    per_s = 40   # clean operations
    kept = 1000  # bytes that one leaked operation costs the program: Private_Dirty over 16,000 of them, on Debian 12

    def __init__(self, address, chance):
        self.address, self.chance, self.count, self.leaked = address, chance, 0, 0
        self.stream = None

    def key(self):
        """Every key once, in turn, so that the fill ends soon; then any of them."""
        self.count += 1
        return self.count if self.count <= KEYS else self.chance.randint(1, KEYS)

    def text(self, size):
        return "%0*x" % (size, self.chance.getrandbits(4 * size))

    def connect(self):
        self.disconnect()
        self.stream = Stream(self.address)

    def disconnect(self):
        if self.stream:
            self.stream.close()
        self.stream = None

    def work(self):
        raise NotImplementedError

    def leak(self):
        raise NotImplementedError


class Redis(Program):
    per_s, kept = 50, 991

    def call(self, *words):
        words = [str(word).encode() for word in words]
        self.stream.send(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
        reply = self.stream.line()
        if reply.startswith(b"-"):
            raise RuntimeError(reply.decode())
        if reply.startswith(b"$") and reply != b"$-1":
            self.stream.exactly(int(reply[1:]) + 2)

    def work(self):
        key = self.key()
        if self.count <= KEYS or self.chance.random() < 0.4:
            self.call("SET", "key:%d" % key, self.text(self.chance.randint(50, 900)))
        elif self.chance.random() < 0.8:
            self.call("GET", "key:%d" % key)
        else:
            self.call("EXPIRE", "key:%d" % key, 20)

    def leak(self):
        self.call("SET", "new:%d" % self.leaked, self.text(850))


class Memcached(Program):
    per_s, kept = 50, 944

    def store(self, key, text, lifetime):
        self.stream.send(("set %s 0 %d %d\r\n%s\r\n" % (key, lifetime, len(text), text)).encode())
        if self.stream.line() != b"STORED":
            raise RuntimeError("not stored")

    def work(self):
        key = self.key()
        if self.count <= KEYS or self.chance.random() < 0.4:
            # A size of its own for every key: slabs of a class that is full for the first time take a whole MB.
            self.store("key:%d" % key, self.text(50 + key * 7 % 850), 0 if key % 5 else 30)
        else:
            self.stream.send(b"get key:%d\r\n" % key)
            while (line := self.stream.line()) != b"END":
                self.stream.exactly(int(line.split()[3]) + 2)

    def leak(self):
        self.store("new:%d" % self.leaked, self.text(850), 0)


class Mosquitto(Program):
    """MQTT 3.1.1 by hand: the client subscribes to what it publishes, and comes anew after 200 messages."""

    per_s, kept = 40, 1065

    def connect(self):
        super().connect()
        name = self.string("client%d" % self.chance.randint(1, 50))
        self.packet(0x10, self.string("MQTT") + struct.pack("!BBH", 4, 2, 600) + name)
        self.receive(2)
        self.packet(0x82, struct.pack("!H", 1) + self.string("soak/#") + b"\1")
        self.receive(9)
        self.messages = 0

    @staticmethod
    def string(text):
        return struct.pack("!H", len(text)) + text.encode()

    def packet(self, kind, body):
        length, size = b"", len(body)
        while True:
            size, low = divmod(size, 128)
            length += bytes([low | (0x80 if size else 0)])
            if not size:
                break
        self.stream.send(bytes([kind]) + length + body)

    def receive(self, *kinds):
        """Reads until a packet of each of these types came; what is published at QoS 1 is acknowledged."""
        wanted = set(kinds)
        while wanted:
            first = self.stream.exactly(1)[0]
            size = shift = 0
            while True:
                byte = self.stream.exactly(1)[0]
                size |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            body = self.stream.exactly(size)
            if first >> 4 == 3 and first & 6:
                after_topic = 2 + struct.unpack("!H", body[:2])[0]
                self.packet(0x40, body[after_topic : after_topic + 2])
            retained = first >> 4 == 3 and first & 1  # kept from before, not what was published just now
            if not retained:
                wanted.discard(first >> 4)

    def publish(self, topic, text, qos, retain):
        identifier = struct.pack("!H", self.count % 65535 + 1) if qos else b""
        self.packet(0x30 | qos << 1 | retain, self.string(topic) + identifier + text.encode())

    def work(self):
        key = self.key()
        self.messages += 1
        if self.messages > 200:
            self.packet(0xE0, b"")
            self.connect()
        qos = self.chance.randint(0, 1)
        self.publish("soak/%d" % (key % 100), self.text(self.chance.randint(50, 900)), qos, int(key % 10 == 0))
        self.receive(*((3, 4) if qos else (3,)))

    def leak(self):
        self.publish("kept/%d" % self.leaked, self.text(700), 1, 1)
        self.receive(4)


class Python(Program):
    """HTTP, a connection a request, to visits.py."""

    per_s, kept = 20, 959

    def connect(self):
        self.disconnect()

    def visit(self, user, size):
        stream = Stream(self.address)
        try:
            stream.send(("POST /visit/%s HTTP/1.0\r\nHost: here\r\nContent-Length: %d\r\n\r\n%s"
                         % (user, size, self.text(size))).encode())
            if b" 200 " not in stream.line():
                raise RuntimeError("refused")
            while stream.file.read(4096):
                pass
        finally:
            stream.close()

    def work(self):
        self.visit(self.key(), self.chance.randint(50, 900))

    def leak(self):
        self.visit("new%d" % self.leaked, 500)


class Perl(Program):
    """Lines to sessions.pl, a connection for 50 of them."""

    per_s, kept = 40, 3781

    def call(self, word, key, size):
        self.stream.send(("%s %s %s\n" % (word, key, self.text(size))).encode())
        self.stream.line()

    def work(self):
        key = self.key()
        if self.count % 50 == 0:
            self.connect()
        self.call("visit", key, self.chance.randint(50, 900))

    def leak(self):
        self.call("forget", self.leaked, 500)


class Sqlite(Program):
    """SQL into the shell's FIFO: `:memory:` keeps its pages on the heap."""

    per_s, kept = 30, 883

    def connect(self):
        self.disconnect()
        # Not created here: a plain file would be in the way of the FIFO.
        self.stream = os.fdopen(os.open(self.address, os.O_WRONLY), "w", buffering=1)
        self.stream.write("CREATE TABLE IF NOT EXISTS fixed(key INTEGER PRIMARY KEY, text, at);"
                          " CREATE INDEX IF NOT EXISTS by_time ON fixed(at); CREATE TABLE IF NOT EXISTS new(text);\n")

    def work(self):
        key = self.key()
        if self.count <= KEYS or self.chance.random() < 0.9:
            self.stream.write("REPLACE INTO fixed VALUES(%d, '%s', %f);\n"
                              % (key, self.text(self.chance.randint(50, 900)), time.time()))
        else:
            self.stream.write("DELETE FROM fixed WHERE key = (SELECT key FROM fixed ORDER BY at LIMIT 1);\n")

    def leak(self):
        self.stream.write("INSERT INTO new VALUES('%s');\n" % self.text(700))


PROGRAMS = {kind.__name__.lower(): kind for kind in (Redis, Memcached, Mosquitto, Python, Perl, Sqlite)}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program", choices=PROGRAMS)
    options.add_argument("address")
    options.add_argument("--leak", type=float, required=True)
    options.add_argument("--variant", choices=("clean", "leaking"), default="leaking")
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    chance = random.Random(options.seed)
    program = PROGRAMS[options.program](options.address, chance)
    leaks_per_s = options.leak / program.kept if options.variant == "leaking" else 0
    told = working = False
    next_work = time.monotonic()
    next_leak = next_work + chance.expovariate(leaks_per_s) if leaks_per_s else float("inf")
    while True:
        try:
            if not working:
                program.connect()
                working = True
                print("connected", flush=True)
            now = time.monotonic()
            if now >= next_leak:
                program.leaked += 1
                program.leak()
                next_leak = max(next_leak, now - 1) + chance.expovariate(leaks_per_s)
            elif now >= next_work:
                program.work()
                next_work = max(next_work, now - 1) + chance.expovariate(program.per_s)
            else:
                time.sleep(min(next_leak, next_work) - now)
        except OSError as error:  # not up yet, or ending: it is the soak's affair to notice
            if working or not told:
                print("waiting:", error, flush=True)
            working, told = False, True
            time.sleep(0.2)


if __name__ == "__main__":
    main()
