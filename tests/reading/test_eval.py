"""munim read --eval over the sentences beside each catalogue: the aims that the word lists keep, on those they were
improved with and on those set aside (*_held.jsonl)."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).parent
MUNIM = os.environ.get("MUNIM_BIN", str(ROOT / "build/release/bin/munim"))
LEAST_F1, LEAST_EXACT = 0.97, 0.90
LEAST_LINES = {"eval": 150, "second": 50, "third": 50, "fourth": 50, "fifth": 50, "sixth": 50, "seventh": 40, "eighth": 40,
               "ninth": 40, "tenth": 40, "eleventh": 39}


def files(shop, held):
    return sorted(f for f in (HERE / shop).glob("*.jsonl") if f.name != "catalogue.jsonl" and f.stem.endswith("_held") == held)


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("shop", LEAST_LINES)
def test_aims(shop, held, tmp_path):
    together = tmp_path / "all.jsonl"
    together.write_text("".join(f.read_text() for f in files(shop, held)))
    done = subprocess.run([MUNIM, "read", "--catalogue", str(HERE / shop / "catalogue.jsonl"), "--eval", str(together)],
                          capture_output=True, text=True, timeout=120, check=True)
    row = next(line.split() for line in done.stdout.splitlines() if line.startswith("all "))
    lines, f1, exact = int(row[1]), float(row[3]), float(row[4])
    assert lines >= LEAST_LINES[shop]
    assert f1 >= LEAST_F1, done.stdout
    assert exact >= LEAST_EXACT, done.stdout
