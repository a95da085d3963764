"""Every metric of munim, read out of the sources' tables: docs/metrics.md is what this prints.

    /usr/bin/python3 scripts/metrics.py > docs/metrics.md
"""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[1]
# A program and the folders whose tables it shows.
PROGRAMS = {
    "munim-ingress": ["ingress"], "munim-worker": ["workers/turn", "workers/reading/model"], "munim-sender": ["workers/sender"],
    "munim-lag": ["workers/lag"],
}
TABLE = re.compile(r"struct metric (?!\*)\w+ = \{(.*?)\};", re.S)
STANDARD = re.compile(r'head\(out, "(process_\w+)", "(\w+)",\s*((?:"[^"]*"\s*)+)\)')
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
HEAD = """# Metrics

Every process answers on its admin port at `/metrics`, in Prometheus' text format 0.0.4 (`munim status` tells the ports). Rules and an
example of a scrape configuration are in `deploy/prometheus`, a dashboard in `deploy/grafana`; what to do when an alert rings is in
[runbooks.md](runbooks.md). This page is printed by `scripts/metrics.py` from the sources; a test holds it against them.

Times are in seconds. A label never holds a phone, a name, an id or a message's text.
"""


def field(body, name):
    """The source text of one designated initialiser."""
    found = re.search(rf"\.{name} = (.*?)(?=,\s*\.\w+ = |$)", body, re.S)
    return found.group(1) if found else ""


def metrics(folder):
    """(name, type, labels, help) of each table in a folder."""
    for path in sorted((ROOT / folder).glob("*.c")):
        for body in TABLE.findall(path.read_text()):
            name, help_text, labels = ("".join(TEXT.findall(field(body, key))) if key != "labels" else
                                       TEXT.findall(field(body, key)) for key in ("name", "help", "labels"))
            kind = field(body, "type").strip().removeprefix("METRIC_").rstrip(", }").lower()
            yield name, kind, labels, help_text


def standard():
    """The process_* metrics, which have no table of that kind."""
    for name, kind, help_text in STANDARD.findall((ROOT / "common/metrics/metrics_process.c").read_text()):
        yield name, kind, [], "".join(TEXT.findall(help_text))


def every():
    """Heading -> metrics, in the page's order."""
    sections = {program: [one for folder in folders for one in metrics(folder)] for program, folders in PROGRAMS.items()}
    sections["Every process"] = [*metrics("common/service"), *standard()]
    return sections


def page():
    out = [HEAD]
    for heading, found in every().items():
        out.append(f"## {heading}\n\n| name | type | labels | meaning |\n| --- | --- | --- | --- |")
        for name, kind, labels, help_text in found:
            names = ", ".join(f"`{label}`" for label in labels)
            end = "" if help_text.endswith(".") else "."
            out.append(f"| `{name}` | {kind} | {names} | {help_text.replace('|', chr(92) + '|')}{end} |")
        out.append("")
    return "\n".join(out)


if __name__ == "__main__":
    print(page(), end="")
