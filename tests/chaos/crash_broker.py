"""What can be done to a broker of our own from outside: stopped for a while, its log cut as a power cut would."""
import contextlib
import os
import pathlib
import signal
import struct


def data(services):
    return pathlib.Path(services.env["MUNIM_VAR"]) / "kafka"


@contextlib.contextmanager
def suspended(services):
    """The broker stands still meanwhile; connections stay open and nothing answers."""
    pid = int((data(services) / "pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def partition_directory(services, topic, number):
    return data(services) / "data" / f"{topic}-{number}"


def cut_last_batch(directory):
    """Takes the log's last record batch away; the broker must not be running. A batch begins with its base offset (8 bytes)
    and the length of what follows (4)."""
    segment = max(directory.glob("*.log"))
    log = segment.read_bytes()
    at = last = 0
    while at < len(log):
        length, = struct.unpack(">i", log[at + 8:at + 12])
        last, at = at, at + 12 + length
    assert last or at, f"{segment} is empty"
    with open(segment, "r+b") as file:
        file.truncate(last)
    # The broker makes them again from the log.
    for index in (*directory.glob("*.index"), *directory.glob("*.timeindex"), *directory.glob("*.snapshot")):
        index.unlink()
