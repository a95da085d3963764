"""--help of every program and of every command of munim: usage on standard output, nothing else, status 0."""
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("BIN", ROOT / "build/release/bin"))
PROGRAMS = ("munim", "munim-ingress", "munim-worker", "munim-sender", "munim-lag", "munim-pool", "munim-sim")


def run(*args):
    return subprocess.run([str(a) for a in args], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)


def commands():
    return re.findall(r"^  (\w+) ", run(BIN / "munim", "help").stdout, re.M)


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs(program):
    done = run(BIN / program, "--help")
    assert done.returncode == 0 and "usage:" in done.stdout and done.stderr == ""


def test_commands():
    assert len(commands()) > 10
    for command in commands():
        for words in ([], ["list"], ["--no-such-option"]):
            done = run(BIN / "munim", command, *words, "--help")
            assert (done.returncode, done.stderr) == (0, ""), (command, words)
            assert done.stdout.startswith("usage: munim"), (command, words)


def test_commands_are_in_the_manual():
    manual = (ROOT / "man/munim.1.scd").read_text()
    assert [c for c in commands() if f"*{c}*" not in manual and f"munim* {c}" not in manual] == []
