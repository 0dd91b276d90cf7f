"""What gdb does to put the agent into a process (harness/injection.cpp starts it, by `gdb -x`): finds a thread that
waits in the kernel or runs the program's own code, has it load the library and call its start, and lets go. Says one
line that begins with "injected", "refused", "busy" or "failed"."""
import os
import time

import gdb

pid = int(os.environ["SOAKLINE_PID"])
library = os.environ["SOAKLINE_LIBRARY"]
folder = os.environ["SOAKLINE_AGENT"]
is_loaded = os.environ["SOAKLINE_IS_LOADED"] == "1"
# Where they lie, the last one from where the library begins.
function = dict(word.split("=") for word in os.environ["SOAKLINE_FUNCTIONS"].split())
function = {name: int(address) for name, address in function.items()}
program = os.readlink(f"/proc/{pid}/exe")
patience_s = float(os.environ["SOAKLINE_PATIENCE_S"])

RTLD_NOW, RTLD_NODELETE = 2, 0x1000
# read write poll select pause nanosleep sendto recvfrom sendmsg recvmsg accept wait4 and their kin: no allocator waits
# in these, and the loader has its own code for those that it makes.
WAITS = {0, 1, 7, 19, 20, 23, 34, 35, 43, 44, 45, 46, 47, 61, 128, 130, 208, 230, 232, 247, 270, 271, 281, 288, 441}
FUTEX, FUTEX_WAIT_BITSET = 202, 9  # for a condition, a semaphore or a thread's end; locks wait otherwise
STACK_NEEDED = 128 << 10
STACK_LOOKED_AT = 16 << 10
PAGES, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, MAP_FAILED = 2 * 4096, 3, 0x22, (1 << 64) - 1
NO_SYSTEM_CALL = (1 << 64) - 1
SYSCALL = b"\x0f\x05"


def register(name):
    return int(gdb.parse_and_eval("(unsigned long) $" + name))


def mappings():
    with open(f"/proc/{pid}/maps", errors="replace") as lines:
        for line in lines:
            place, rights, _, _, _, *name = line.rstrip("\n").split(None, 5)
            first, last = (int(end, 16) for end in place.split("-"))
            yield first, last, rights, name[0] if name else ""


def return_from_signal():
    """Where handlers return to: glibc's code that asks the kernel to go on (mov $15,%rax; syscall)."""
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for first, last, rights, name in mappings():
            if "x" in rights and "/libc" in name:
                memory.seek(first)
                at = memory.read(last - first).find(b"\x48\xc7\xc0\x0f\x00\x00\x00\x0f\x05")
                if at >= 0:
                    return first + at
    return None


def waits(memory):
    """Whether the selected thread is in a system call in which no lock of the allocator or the loader is held."""
    system_call, code = register("orig_rax"), register("rip")
    waits_for_event = system_call in WAITS or (system_call == FUTEX and register("rsi") & 0x7F == FUTEX_WAIT_BITSET)
    return waits_for_event and bytes(memory.read_memory(code - 2, 2)) == SYSCALL


def may_call(memory, in_handler):
    code, stack = register("rip"), register("rsp")
    place = next((mapping for mapping in mappings() if mapping[0] <= code < mapping[1]), None)
    below = next((mapping for mapping in mappings() if mapping[0] <= stack < mapping[1]), None)
    if place is None or below is None or "/ld-linux" in place[3]:
        return False
    runs_itself = register("orig_rax") == NO_SYSTEM_CALL and place[3] == program  # and not a library
    if not runs_itself and not waits(memory):
        return False
    if below[3] != "[stack]" and stack - below[0] < STACK_NEEDED:
        return False
    top = bytes(memory.read_memory(stack, min(below[1] - stack, STACK_LOOKED_AT)))
    # A signal may have come in the middle of malloc.
    return all(int.from_bytes(top[i : i + 8], "little") != in_handler for i in range(0, len(top), 8))


def call(address, *arguments):
    types = ", ".join(["long"] * len(arguments))
    value = gdb.parse_and_eval(f"((long (*)({types})) {address})({', '.join(map(str, arguments))})")
    return int(value) & (1 << 64) - 1


def text_at(memory, address):
    text = b""
    while address and b"\0" not in text and len(text) < 512:
        text += bytes(memory.read_memory(address + len(text), 1))
    return text.rstrip(b"\0").decode(errors="replace")


def alone():
    gdb.execute("set scheduler-locking on")  # with many threads, to let all run and to stop them again takes long


def among_others():
    gdb.execute("set scheduler-locking off")  # one of them may have the lock that is waited for


def load_and_start(memory):
    """Why not, or nothing. Nothing of the thread is changed but by gdb, which puts back what it changes for a call."""
    alone()
    page = call(function["mmap"], 0, PAGES, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0)
    if page >= MAP_FAILED:
        return "has no memory left"
    texts = [text.encode(errors="surrogateescape") + b"\0" for text in (library, folder)]
    memory.write_memory(page, b"".join(texts))
    if not is_loaded:  # else alone, for what all threads count in is exchanged
        among_others()
        if not call(function["dlopen"], page, RTLD_NOW | RTLD_NODELETE):
            return "cannot load the agent: " + text_at(memory, call(function["dlerror"]))
    begin = min(first for first, _, _, name in mappings() if name == library)
    why_not = text_at(memory, call(begin + function["soakline_agent_start"], page + len(texts[0])))
    alone()
    call(function["munmap"], page, PAGES)
    return why_not


def attempt(in_handler):
    gdb.execute(f"attach {pid}")
    try:
        process = gdb.selected_inferior()
        threads = sorted(process.threads(), key=lambda thread: thread.ptid[1])  # the first has the largest stack
        for thread in threads:
            thread.switch()
            if may_call(process, in_handler):
                return load_and_start(process) or "injected"
        return None
    finally:
        gdb.execute("detach")


def inject():
    gdb.execute("handle all nostop noprint pass", to_string=True)
    gdb.execute("handle SIGINT stop nopass", to_string=True)  # how the harness calls off what does not return
    gdb.execute("set unwindonsignal on")
    in_handler = return_from_signal()
    stood_still_s, end = 0, time.monotonic() + patience_s
    while time.monotonic() < end:
        began = time.monotonic()
        answer = attempt(in_handler)
        took_s = time.monotonic() - began
        stood_still_s += took_s
        if answer == "injected":
            return f"injected {stood_still_s:.6f}"
        if answer:
            return "refused " + answer
        time.sleep(max(0.05, 5 * took_s))  # it is to get on with its work meanwhile
    return "busy"


try:
    print(inject(), flush=True)
except (gdb.error, gdb.MemoryError, OSError, ValueError, KeyboardInterrupt) as error:
    print("failed " + " ".join(f"{error or type(error).__name__}".split()), flush=True)
