"""A short run of every fuzz target and of the socket fuzzer, seeds and kept findings first; `scripts/fuzz 3600` and
tests/fuzz/http_socket.py are the long ones."""
import os
import subprocess
import sys

from instance import ROOT, Instance

sys.path.insert(0, str(ROOT / "tests/fuzz"))
import http_socket  # noqa: E402

SECONDS = 2
SOCKET_SECONDS = 10


def test_every_target_for_a_moment():
    targets = sorted(path.stem[len("fuzz_"):] for path in (ROOT / "tests/fuzz").glob("fuzz_*.c"))
    done = subprocess.run([ROOT / "scripts/fuzz", str(SECONDS)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-6000:]
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line.endswith("clean")}
    assert sorted(rows) == targets
    for name, row in rows.items():
        seeds = len(list((ROOT / "tests/fuzz/corpus" / name).iterdir()))
        assert seeds > 0 and int(row[2]) > seeds, f"{name}: {row[2]} executions of {seeds} seeds"


def test_the_socket_for_a_moment(services, tmp_path):
    """The build with sanitizers, on a real broker."""
    subprocess.run(["make", "-s", "-C", ROOT, "SAN=1", "build/san/bin/munim-ingress"], check=True, stdin=subprocess.DEVNULL)
    one = Instance(services, tmp_path)
    one.binaries["munim-ingress"] = ROOT / "build/san/bin/munim-ingress"
    try:
        one.start("munim-ingress")
        counts = http_socket.fuzz(one, int(os.environ.get("SEED", "1")), SOCKET_SECONDS)
        print(dict(counts))
        assert counts["compared"] > 10 and counts["answer 200"] > 0 and counts["answer 400"] > 0
        http_socket.check_end(one)
    finally:
        one.end()
