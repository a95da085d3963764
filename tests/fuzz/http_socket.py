"""munim-ingress as a whole on its socket: generated conversations, right, wrong and cut off, with signatures that fit.

    /usr/bin/python3 tests/fuzz/http_socket.py [--seconds 60] [--seed N] [--binary build/san/bin/munim-ingress]

What must hold: the process lives and its sanitizers are silent; the same bytes give the same answers at once and in
pieces; a signed webhook that is JSON is never answered 4xx; an honest webhook is answered 200 at any time. The same
seed makes the same conversations.
"""
import argparse
import collections
import json
import pathlib
import random
import shutil
import socket
import struct
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/scenario"))

from instance import Instance  # noqa: E402
from play import message, webhook_of  # noqa: E402
from services import Services  # noqa: E402
from smuggling import CASES  # noqa: E402

WORDS = ["", "x", "20m neela cotton", "नीला", "🙂", "\x00", "\x7f", "919812345678", "US.1", "text", "image", "a" * 300]
NAMES = ["from", "id", "type", "text", "body", "timestamp", "from_user_id", "image", "interactive", "errors", "context",
         "order", "button_reply", "contacts", "metadata", "phone_number_id", "wa_id", "profile", "name"]


def value(rng, depth=0):
    """Any JSON value, the names mostly those of the channel."""
    kind = rng.randrange(4 if depth > 5 else 7)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind == 1:
        return rng.choice([0, -1, 131026, 2**53, 1.5, -0.0, 10**30])
    if kind in (2, 3):
        return rng.choice(WORDS)
    if kind == 4:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(NAMES): value(rng, depth + 1) for _ in range(rng.randrange(5))}


def bend(rng, tree):
    """Puts another value somewhere into a webhook."""
    nodes = [tree]
    for node in nodes:
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
        nodes += [one for one in inner if isinstance(one, (dict, list))]
    node = rng.choice([one for one in nodes if one] or [tree])
    if isinstance(node, dict) and node:
        node[rng.choice([*node, rng.choice(NAMES)])] = value(rng)
    elif node:
        node[rng.randrange(len(node))] = value(rng)


def scratch(rng, raw):
    """Bytes changed, cut, doubled."""
    raw = bytearray(raw)
    for _ in range(rng.randrange(1, 5)):
        if not raw:
            break
        at = rng.randrange(len(raw))
        what = rng.randrange(4)
        if what == 0:
            raw[at] = rng.choice(b"\x00\r\n\t :0123456789abcXYZ\xff")
        elif what == 1:
            del raw[at:at + rng.randrange(1, 9)]
        elif what == 2:
            raw[at:at] = rng.choice([b"\r\n", b"\n", b" ", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"0"])
        else:
            raw[at:at] = raw[at:at + rng.randrange(1, 40)]
    return bytes(raw)


class Talk:
    """One connection's bytes, and what is known of the answers."""

    def __init__(self, rng, instance):
        self.rng, self.instance = rng, instance
        self.raw, self.signed = b"", None
        for _ in range(rng.randrange(1, 4)):
            self.raw += rng.choice([self.webhook, self.handshake, self.case, self.case])()
        self.whole = rng.random() < 0.6
        if not self.whole:
            self.raw, self.signed = scratch(rng, self.raw), None

    def webhook(self):
        tree = webhook_of(self.instance.account_id, message("919812345678", self.rng.choice(WORDS), "wamid.fuzz"))
        for _ in range(self.rng.randrange(4)):
            bend(self.rng, tree)
        body, signature = self.instance.signed(tree)
        if not self.raw:
            self.signed = 200  # the first of the connection: its answer is known
        head = f"POST /webhooks/whatsapp HTTP/1.1\r\nHost: a\r\nX-Hub-Signature-256: {signature}\r\n"
        if self.rng.random() < 0.7:
            return (head + f"Content-Length: {len(body)}\r\n\r\n").encode() + body
        chunks, at = b"", 0
        while at < len(body):
            n = self.rng.randrange(1, len(body) + 1)
            chunks += b"%x\r\n" % len(body[at:at + n]) + body[at:at + n] + b"\r\n"
            at += n
        return (head + "Transfer-Encoding: chunked\r\n\r\n").encode() + chunks + b"0\r\n\r\n"

    def handshake(self):
        token = (self.instance.path / "verify_token").read_text().strip() if self.rng.random() < 0.5 else "no"
        return (f"GET /webhooks/whatsapp?hub.mode=subscribe&hub.challenge={self.rng.randrange(10**9)}&hub.verify_token={token}"
                " HTTP/1.1\r\nHost: a\r\n\r\n").encode()

    def case(self):
        return self.rng.choice(CASES)[1]


def answers(address, raw, pieces):
    """Final statuses of a connection on which these pieces are sent."""
    got = b""
    with socket.create_connection(address, timeout=30) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces(raw):
                s.sendall(piece)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has answered and goes
        try:
            while part := s.recv(65536):
                got += part
        except ConnectionResetError:
            pass
    return [int(part[:3]) for part in got.split(b"HTTP/1.1 ")[1:] if not part.startswith(b"100 ")]


def abandon(rng, address, raw):
    """Sends a part and goes: politely, or with a reset."""
    with socket.create_connection(address, timeout=30) as s:
        if rng.random() < 0.5:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        try:
            s.sendall(raw[:rng.randrange(len(raw) + 1)])
        except OSError:
            pass


def pieces_of(rng):
    def cut(raw):
        at = 0
        while at < len(raw):
            n = rng.choice([1, 2, 7, 64, 400, 5000])
            yield raw[at:at + n]
            at += n
            if rng.random() < 0.2:
                time.sleep(0.001)
    return cut


def fuzz(instance, seed, seconds):
    """Counts by name; raises AssertionError with the seed and the bytes when something does not hold."""
    host, port = instance.kept["ingress"].split(":")
    address = (host, int(port))
    rng = random.Random(seed)
    counts = collections.Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        talk = Talk(rng, instance)
        if rng.random() < 0.2:
            abandon(rng, address, talk.raw)
            counts["abandoned"] += 1
        else:
            whole = answers(address, talk.raw, lambda raw: [raw])
            parts = answers(address, talk.raw, pieces_of(rng))
            counts["compared"] += 1
            counts.update(f"answer {status}" for status in whole)
            assert whole == parts, f"seed {seed}: {whole} at once, {parts} in pieces: {talk.raw!r}"
            assert talk.signed is None or whole[:1] == [talk.signed], f"seed {seed}: {whole} to {talk.raw!r}"
        counts["connections"] += 1
        if counts["connections"] % 50 == 0:
            status, words = instance.webhook(webhook_of(instance.account_id, message("919812345679", "honest")))
            assert status == 200, f"seed {seed}: an honest webhook was answered {status} {words!r}"
            counts["honest"] += 1
        code = instance.processes["munim-ingress"].poll()
        assert code is None, f"seed {seed}: ingress ended with {code}: {instance.tail('munim-ingress', 60)}"
    return counts


def check_end(instance):
    """It drains and ends well, and no sanitizer has said anything."""
    code = instance.kill("munim-ingress", 15)
    log = instance.tail("munim-ingress", 10000)
    assert code == 0 and "Sanitizer" not in log and "runtime error" not in log, f"ended with {code}: {log[-6000:]}"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--seed", type=int, default=None)
    options.add_argument("--binary", default=str(ROOT / "build/san/bin/munim-ingress"))
    got = options.parse_args()
    seed = got.seed if got.seed is not None else random.SystemRandom().randrange(10**6)
    var = pathlib.Path(tempfile.mkdtemp(prefix="munim-fuzz-"))
    var.chmod(0o755)
    services = Services(var)
    instance = None
    try:
        services.start()
        (var / "munim").mkdir()
        instance = Instance(services, var / "munim")
        instance.binaries["munim-ingress"] = pathlib.Path(got.binary)
        instance.start("munim-ingress")
        counts = fuzz(instance, seed, got.seconds)
        check_end(instance)
        print(f"seed {seed}: " + ", ".join(f"{name} {n}" for name, n in sorted(counts.items())))
    finally:
        if instance is not None:
            instance.end()
        services.stop()
        link = var / "postgres"
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(var, ignore_errors=True)


if __name__ == "__main__":
    main()
