"""munim-ingress under attack: what happens to honest webhooks meanwhile, as share answered and latency.

    /usr/bin/python3 tests/bench/attack.py [--seconds 10] [--connections 10000] [KIND...]

Each kind of attack is a process of its own (asyncio), so that the honest customers' clock is not disturbed by it.
"""
import argparse
import asyncio
import json
import multiprocessing
import pathlib
import random
import resource
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scenario"))

from instance import Instance, wait_until  # noqa: E402
from play import message, webhook_of  # noqa: E402
from services import Services  # noqa: E402
import smuggling  # noqa: E402

PATH = "/webhooks/whatsapp"
HEAD = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
WRONG = "X-Hub-Signature-256: sha256=" + "ab" * 32 + "\r\n"
FEW = 8  # connections of the attacks that go at full speed


async def stay(address, act, done):
    """One attacker's place: connects, acts, and again when it is thrown out. done counts the connections made."""
    while True:
        writer = None
        try:
            reader, writer = await asyncio.open_connection(*address)
            done[0] += 1
            await act(reader, writer)
        except OSError:
            await asyncio.sleep(0.1)
        finally:
            if writer is not None:
                writer.close()
        await asyncio.sleep(0.05)


async def idle(reader, _):
    await reader.read()


async def slowloris(_, writer):
    """A request that never ends, a byte now and then."""
    for byte in (HEAD + "X: " + "y" * 100000).encode():
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(random.uniform(0.2, 1.0))
        if writer.is_closing():
            return


async def half(reader, writer):
    """A body that stops half-way."""
    writer.write((HEAD + WRONG + "Content-Length: 100000\r\n\r\n").encode() + b"x" * 50000)
    await writer.drain()
    await reader.read()


async def wrong(reader, writer):
    """Wrong signatures over real bodies, as fast as they are answered."""
    body = b'{"entry":[' + b" " * 4000 + b"]}"
    request = (HEAD + WRONG + f"Content-Length: {len(body)}\r\n\r\n").encode() + body
    while True:
        writer.write(request)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))


async def pipelined(reader, writer):
    """A hundred requests at once, the answers read late."""
    request = (HEAD + WRONG + "Content-Length: 2\r\n\r\n{}").encode()
    while True:
        writer.write(request * 100)
        await writer.drain()
        seen = 0
        while seen < 100:
            got = await reader.read(65536)
            if not got:
                return
            seen += got.count(b"HTTP/1.1 401")


async def framing(reader, writer):
    """Requests to be refused, whole and cut off."""
    raw = random.choice(smuggling.CASES)[1]
    writer.write(raw[:random.randint(1, len(raw))] if random.random() < 0.5 else raw)
    writer.write_eof()
    await reader.read()


async def flood(_, writer):
    """Connects and goes."""
    writer.close()


KINDS = {"idle": idle, "slowloris": slowloris, "half": half, "wrong": wrong, "pipelined": pipelined,
         "framing": framing, "flood": flood}
MANY = ("idle", "slowloris", "half")


def attack(kind, address, places, count):
    """The attacker's process, until it is ended."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # a login's soft limit is 1,024
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    async def run():
        done = [0]
        tasks = []
        for _ in range(places):
            tasks.append(asyncio.ensure_future(stay(address, KINDS[kind], done)))
            if len(tasks) % 100 == 0:
                await asyncio.sleep(0)
        while True:
            await asyncio.sleep(0.1)
            count.value = done[0]

    asyncio.run(run())


class Honest(threading.Thread):
    """A customer's channel: a signed webhook every so often, each on a connection of its own."""

    def __init__(self, instance, number, every, until):
        super().__init__(daemon=True)
        self.instance, self.number, self.every, self.until = instance, number, every, until
        self.took, self.failed = [], []

    def run(self):
        due = time.monotonic()
        while due < self.until:
            time.sleep(max(0, due - time.monotonic()))
            body = webhook_of(self.instance.account_id, message(self.number, "1m white cotton"))
            began = time.monotonic()
            try:
                status = self.instance.webhook(body, timeout=30)[0]
            except OSError as why:
                status = repr(why)
            if status == 200:
                self.took.append(time.monotonic() - began)
            else:
                self.failed.append(status)
            due = max(due + self.every, time.monotonic())


def percentile(values, q):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * q))] if ordered else float("nan")


def measure(instance, kind, seconds, places=None, customers=4, every=0.05):
    """Honest webhooks during the attack: {kind, places, connected, sent, answered, share, p50_ms, p99_ms, failed}. With
    kind None there is no attack."""
    host, port = instance.kept["ingress"].split(":")
    places = 0 if kind is None else (places or 500) if kind in MANY else FEW
    count = multiprocessing.Value("q", 0)
    attacker = multiprocessing.get_context("fork").Process(
        target=attack, args=(kind, (host, int(port)), places, count), daemon=True)
    try:
        if kind is not None:
            attacker.start()
            wait_until(lambda: count.value >= places, 120, f"the attack's {places} connections")
        until = time.monotonic() + seconds
        honest = [Honest(instance, str(919860000000 + i), every, until) for i in range(customers)]
        for one in honest:
            one.start()
        for one in honest:
            one.join()
        connected = count.value
    finally:
        if attacker.pid is not None:
            attacker.kill()
            attacker.join()
    took = [t for one in honest for t in one.took]
    failed = [str(f) for one in honest for f in one.failed]
    sent = len(took) + len(failed)
    return {"kind": kind or "none", "places": places, "connected": connected, "sent": sent, "answered": len(took),
            "share": len(took) / sent if sent else 0.0, "p50_ms": round(percentile(took, 0.5) * 1000, 1),
            "p99_ms": round(percentile(took, 0.99) * 1000, 1), "failed": sorted(set(failed))}


def line(r):
    return (f"{r['kind']:<10} {r['places']:>6} places {r['connected']:>7} connections  {r['answered']}/{r['sent']} answered"
            f" ({r['share']:.2%})  p50 {r['p50_ms']} ms  p99 {r['p99_ms']} ms {' '.join(r['failed'])}").rstrip()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--connections", type=int, default=10000, help="of idle, slowloris and half")
    options.add_argument("--json", action="store_true")
    options.add_argument("kinds", nargs="*", metavar="KIND", help=" ".join(KINDS))
    got = options.parse_args()
    import tempfile
    var = pathlib.Path(tempfile.mkdtemp(prefix="munim-attack-"))
    var.chmod(0o755)
    services = Services(var)
    instance = None
    try:
        services.start()
        (var / "munim").mkdir()
        instance = Instance(services, var / "munim").start("munim-ingress")
        for kind in [None, *(got.kinds or KINDS)]:
            result = measure(instance, kind, got.seconds, got.connections)
            print(json.dumps(result) if got.json else line(result), flush=True)
    finally:
        if instance is not None:
            instance.end()
        services.stop()


if __name__ == "__main__":
    main()
