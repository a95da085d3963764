"""Rules, dashboard, metric pages and their documentation hold together: by promtool, and against the sources' tables."""
import importlib.util
import json
import re
import shutil
import subprocess

import pytest

from instance import ROOT, http, wait_until

RULES = ROOT / "deploy/prometheus/munim.rules.yml"
BOARD = json.loads((ROOT / "deploy/grafana/munim.json").read_text())
# What Grafana puts into an expression before Prometheus sees it.
VARIABLES = {"$__rate_interval": "1m", "$__range": "3h", "$job": "munim-.+", "$instance": ".+", "${datasource}": "x"}
# kafka_exporter's name, which existing boards ask for, against the rule that only histograms end so.
USUAL_NAMES = {'kafka_consumergroup_lag_sum non-histogram and non-summary metrics should not have "_sum" suffix'}

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is missing (package prometheus)")


def promtool(*args, text=None):
    done = subprocess.run(["promtool", *args], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, cwd=ROOT)
    return done.returncode, done.stdout


def sources():
    """The script that prints docs/metrics.md."""
    spec = importlib.util.spec_from_file_location("metrics", ROOT / "scripts/metrics.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def known_names():
    """Every series name a query may use."""
    names = {"up"}
    for found in sources().every().values():
        for name, kind, _, _ in found:
            names |= {name + end for end in ("_bucket", "_sum", "_count")} if kind == "histogram" else {name}
    return names | set(re.findall(r"- record: (\S+)", RULES.read_text()))


def used_names(text):
    return set(re.findall(r"\b(?:munim_|munim:|kafka_|process_)[a-z0-9_:]+", text))


def panels():
    return [p for p in BOARD["panels"] if p["type"] != "row"]


def expressions():
    for panel in panels():
        for target in panel["targets"]:
            expr = target["expr"]
            for variable, value in VARIABLES.items():
                expr = expr.replace(variable, value)
            yield panel["title"], expr


@needs_promtool
def test_rules_are_rules():
    code, out = promtool("check", "rules", str(RULES))
    assert code == 0, out
    code, out = promtool("check", "config", "deploy/prometheus/prometheus.yml")
    assert code == 0, out


@needs_promtool
def test_each_alert_rings_when_it_should():
    tests = ROOT / "deploy/prometheus/munim.rules.test.yml"
    code, out = promtool("test", "rules", str(tests))
    assert code == 0, out
    alerts = set(re.findall(r"- alert: (\w+)", RULES.read_text()))
    fires = set(re.findall(r"alertname: (\w+)\n +exp_alerts:", tests.read_text()))
    assert alerts == fires


def test_each_alert_tells_what_to_do():
    blocks = re.split(r"\n      - alert: ", RULES.read_text())[1:]
    anchors = {line[3:].strip().lower() for line in (ROOT / "docs/runbooks.md").read_text().splitlines()
               if line.startswith("## ")}
    assert len(blocks) >= 9
    for block in blocks:
        name = block.split("\n", 1)[0]
        assert re.search(r"\n        for: \d+m", block), name
        assert re.search(r"severity: (page|ticket)}", block), name
        assert "summary:" in block, name
        assert f"runbook_url: docs/runbooks.md#{name.lower()}\n" in block + "\n", name
        assert name.lower() in anchors, name
    assert anchors == {block.split("\n", 1)[0].lower() for block in blocks}


def test_queries_use_metrics_that_exist():
    known = known_names()
    assert used_names(RULES.read_text()) <= known
    assert used_names("\n".join(expr for _, expr in expressions())) <= known


@needs_promtool
def test_every_panel_asks_a_question_prometheus_understands(tmp_path):
    asked = list(expressions())
    assert len(asked) >= 40
    assert not [(title, expr) for title, expr in asked if "$" in expr]
    rules = [{"record": f"panel:{n}", "expr": expr} for n, (_, expr) in enumerate(asked)]
    path = tmp_path / "panels.json"  # YAML holds JSON
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    code, out = promtool("check", "rules", str(path))
    assert code == 0, out


def test_every_panel_can_be_read_by_a_stranger():
    assert {v["name"] for v in BOARD["templating"]["list"]} == {"datasource", "job", "instance"}
    assert [p["title"] for p in BOARD["panels"] if p["type"] == "row"] == [
        "Overview", "Lag", "Workers", "Sending", "Postgres and Kafka", "Processes"]
    assert len({p["id"] for p in BOARD["panels"]}) == len(BOARD["panels"])
    taken = set()
    for panel in BOARD["panels"]:
        grid = panel["gridPos"]
        cells = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])}
        assert grid["x"] + grid["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
    for panel in panels():
        assert panel["title"] and panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}", panel["title"]
        for target in panel["targets"]:
            assert 'job=~"$job"' in target["expr"] and 'instance=~"$instance"' in target["expr"], panel["title"]
            assert not re.search(r"(rate|increase|deriv)\([^\[]*\[(?!\$__)", target["expr"]), panel["title"]


def test_the_metrics_page_is_of_these_sources():
    assert (ROOT / "docs/metrics.md").read_text() == sources().page(), \
        "docs/metrics.md is old: /usr/bin/python3 scripts/metrics.py > docs/metrics.md"


@needs_promtool
def test_live_pages_are_sound_and_documented(new_instance):
    # With a model reader, though nobody answers there: its metrics are shown only where there is one.
    reader = {"reader.kind": "both", "reader.model": "none", "reader.model_url": "http://127.0.0.1:9/v1"}
    instance = new_instance(reader).start("munim-ingress", "munim-sim", "munim-worker", "munim-sender", "munim-lag")
    instance.say("20m blue cotton", "919812345678")
    instance.wait_sends(1)
    every = sources().every()
    pages = {}

    def page(program):
        return http(f"http://{instance.address(program)['admin']}/metrics")[1].decode()

    for program in ("munim-ingress", "munim-worker", "munim-sender", "munim-lag"):
        wait_until(lambda: "munim_build_info{" in page(program), 10, "a page")
        pages[program] = page(program)
        code, out = promtool("check", "metrics", text=pages[program])
        wrong = {line for line in out.splitlines() if line} - USUAL_NAMES
        assert not wrong and (code == 0 or out), (program, out)
        told = {tuple(line.split()[2:4]) for line in pages[program].splitlines() if line.startswith("# TYPE ")}
        written = {(name, kind) for name, kind, _, _ in every[program] + every["Every process"]}
        assert told == written, program
    assert 'munim_sender_messages_total{state="SENT"} ' in pages["munim-sender"]
