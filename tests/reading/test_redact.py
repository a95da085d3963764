"""munim redact over the texts in redact/: every span that must not leave, and nothing else; the text comes back whole."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXTS = pathlib.Path(__file__).parent / "redact"
MUNIM = os.environ.get("MUNIM_BIN", str(ROOT / "build/release/bin/munim"))


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*.jsonl")), ids=lambda p: p.stem)
def test_spans(path):
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    done = subprocess.run([MUNIM, "redact"], input="".join(json.dumps(line) + "\n" for line in lines),
                          capture_output=True, text=True, timeout=60, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines)
    wrong = []
    for line, answer in zip(lines, answers):
        found = [[token["type"], token["text"]] for token in answer["tokens"]]
        whole = answer["text"]
        for token in answer["tokens"]:
            whole = whole.replace(token["token"], token["text"], 1)
        if found != line["expect"] or whole != line["text"]:
            wrong.append((line["text"], line["expect"], found))
    assert not wrong
