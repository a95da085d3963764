"""Numbers as a property: what two independent sources spell out reads back as the number itself.

Sources: ICU's spell-out rules (PyICU) and num2words; a source that is not installed is skipped. The reader is the built
`munim read`, asked for a line of cloth of so many metres.
"""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MUNIM = os.environ.get("MUNIM_BIN", str(ROOT / "build/release/bin/munim"))
ROUND = [n * scale for scale in (100_000, 10_000_000) for n in range(1, 100)]
ALL = list(range(10_000)) + ROUND
LINE = {"en": "{} meter cotton", "hi": "{} मीटर कॉटन"}
FRACTIONS = {"hi": {"सवा": 1.25, "डेढ़": 1.5, "ढाई": 2.5, "साढ़े तीन": 3.5, "पौने दो": 1.75, "पौने पांच": 4.75, "सवा दो": 2.25},
             "hi-Latn": {"sava": 1.25, "dedh": 1.5, "dhai": 2.5, "sadhe teen": 3.5, "paune do": 1.75, "paune paanch": 4.75,
                         "sava do": 2.25}}
SCALES = {"hi": {"सौ": 100, "हज़ार": 1000, "लाख": 100_000, "करोड़": 10_000_000},
          "hi-Latn": {"sau": 100, "hazaar": 1000, "lakh": 100_000, "crore": 10_000_000}}


def icu_speller(lang):
    icu = pytest.importorskip("icu")
    return icu.RuleBasedNumberFormat(icu.URBNFRuleSetTag.SPELLOUT, icu.Locale(lang + "_IN")).format


def num2words_speller(lang):
    num2words = pytest.importorskip("num2words").num2words
    try:
        num2words(1, lang="en_IN" if lang == "en" else lang)
    except NotImplementedError:
        pytest.skip(f"this num2words does not spell {lang}")
    return lambda n: num2words(n, lang="en_IN" if lang == "en" else lang)


SPELLERS = {"icu": icu_speller, "num2words": num2words_speller}


def read(texts):
    """What munim reads in each text: the quantity of its one line, or the whole answer where there is no such line."""
    lines = "".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in enumerate(texts))
    done = subprocess.run([MUNIM, "read"], input=lines, capture_output=True, text=True, timeout=120, check=True)
    answers = [json.loads(a) for a in done.stdout.splitlines()]
    assert [a["id"] for a in answers] == list(range(len(texts)))
    return [a["items"][0]["quantity"] if len(a["items"]) == 1 else a["items"] for a in answers]


def wrong(texts, numbers):
    return [(t, n, got) for t, n, got in zip(texts, numbers, read(texts)) if got != n]


@pytest.mark.parametrize("lang", ["en", "hi"])
@pytest.mark.parametrize("source", SPELLERS)
def test_cardinals_read_back(source, lang):
    spell = SPELLERS[source](lang)
    texts = [LINE[lang].format(spell(n)) for n in ALL]
    assert wrong(texts, ALL) == []


@pytest.mark.parametrize("lang", FRACTIONS)
def test_fractions_before_every_scale(lang):
    pairs = [(f"{f} {s} meter cotton", v * w) for f, v in FRACTIONS[lang].items() for s, w in SCALES[lang].items()]
    assert wrong([t for t, _ in pairs], [n for _, n in pairs]) == []


def test_digits_in_every_grouping():
    texts, numbers = [], []
    for n in (7, 10, 125, 1250, 12500, 125000, 1250000, 12500000):
        plain = str(n)
        head, tail = plain[:-3], plain[-3:]
        pairs = []
        while head:
            pairs.insert(0, head[-2:])
            head = head[:-2]
        for text in (plain, f"{n:,}", ",".join(pairs + [tail]), plain.translate(str.maketrans("0123456789", "०१२३४५६७८९"))):
            texts.append(f"{text} meter cotton")
            numbers.append(n)
    assert wrong(texts, numbers) == []
