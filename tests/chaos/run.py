"""make chaos SEED=n TIME=s: plays a seeded load under seeded faults, heals, waits for rest, checks, reports.

Exit status: 0 good, 1 a violation, 2 the laboratory itself failed, 3 a run that proves nothing, but no violation.
"""
import argparse
import json
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))

import checker  # noqa: E402
import report as reports  # noqa: E402
from facts import Facts, Watch  # noqa: E402
from faults import Faults  # noqa: E402
from lab import Lab, LabServices  # noqa: E402
from load import Load  # noqa: E402
from owner import Owner  # noqa: E402
from plan import PROCESSES, Plan  # noqa: E402
from rest import Rest  # noqa: E402

BOUND = 90  # seconds to rest after the last fault, on a machine that others use too


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="default: a random one, printed")
    parser.add_argument("--time", type=float, default=60, help="seconds of faults")
    parser.add_argument("--runs", type=int, default=1, help="so many seeds, counted up, on the same services")
    parser.add_argument("--people", type=int, default=None, help="customers; default 3 for each second")
    parser.add_argument("--out", type=pathlib.Path, default=None, help="directory of reports and the logs of bad runs")
    parser.add_argument("--plan", action="store_true", help="only print the schedule")
    parser.add_argument("--json", action="store_true", help="each report as one JSON object a line, the sum of several last")
    return parser.parse_args()


def play(plan, lab):
    """Everything between a fresh instance and rest; the facts and the times."""
    began_all = time.monotonic()
    lab.begin()
    before = lab.appetite()
    given = {"appetite_before": {name.split(".")[0]: value for name, value in before.items()},
             "connections_before": lab.admin("select count(*) from pg_stat_activity where datname = %s"
                                             " and application_name <> 'chaos'", lab.name)[0][0],
             "stock_before": dict(lab.admin("select batch_id, rolls from munim.batch")),
             "pieces_before": dict(lab.admin("select piece_id, length_um from munim.piece"))}
    watch, load, owner = Watch(lab.url), Load(plan, lab), Owner(plan, lab)
    faults = Faults(plan, lab, lab.proxies)
    faults.up(*PROCESSES)
    rest = Rest(lab, owner)
    watch.start()
    owner.start()
    began = faults.start()
    load.start(began)
    load.through.wait(plan.seconds * 2 + 60)
    faults.heal(2 * plan.seconds + 120)
    load.join()
    healed = time.monotonic()
    faults.guard()
    unrest = rest.wait(BOUND)
    times = {"quiet": time.monotonic() - healed, "ended": rest.ended(), "open": rest.open_states()}
    faults.settle_rules()
    for turn in range(3):
        if unrest or not rest.open_orders():
            break
        load.close_orders(rest.open_orders(waiting=False), last=turn > 0)
        owner.decide_open(last=turn > 1)
        unrest = rest.wait(BOUND)
    owner.stop()
    unrest = unrest or rest.wait(BOUND)
    faults.stopping.set()
    watch.stop()
    times["all"] = time.monotonic() - began_all
    secrets = [(lab.path / name).read_text().strip() for name in ("app_secret", "verify_token", "access_token")]
    facts = Facts(lab.url, lab.kafka, lab.name, lab.path / "witness.jsonl", **given, watch=watch.violations,
                  said=load.said, offered=load.offered, strangers=load.strangers, forged=load.forged,
                  forged_answers=load.answers, forged_people=list(load.strangers.values()), unrest=unrest, bound=BOUND,
                  decisions=owner.decisions, by_tool=owner.by_tool, secrets=secrets, logs=lab.logs(),
                  appetite=lab.appetite())
    return facts, faults, load, times


def observe(plan, lab, out):
    """Plays, judges, keeps, and ends the lab whatever happens."""
    try:
        facts, faults, load, times = play(plan, lab)
        found = reports.make(plan, faults, facts, checker.check(facts), times)
        keep(out, plan, found, lab, load)
        return found
    finally:
        lab.closed = True  # the keeper starts nothing again
        for process in lab.processes.values():
            process.kill()
        if sys.exc_info()[0] is not None and out:
            keep_logs(out / f"seed-{plan.seed}", lab)
        lab.end()


def one_run(plan, services, arguments):
    path = pathlib.Path(tempfile.mkdtemp(prefix="munim-chaos-run-"))
    lab = Lab(services, path)
    try:
        with lab.surrounded():
            found = observe(plan, lab, arguments.out)
    finally:
        shutil.rmtree(path, ignore_errors=True)
    print(json.dumps(found) if arguments.json else reports.text(found), flush=True)
    return found


def keep_logs(to, lab):
    to.mkdir(parents=True, exist_ok=True)
    for path in [*lab.path.glob("*.log"), *lab.path.glob("witness.jsonl")]:
        shutil.copy(path, to)


def keep(out, plan, found, lab, load):
    """The report always; logs, schedule and a dump of the rows of a bad run."""
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    (out / f"seed-{plan.seed}.json").write_text(json.dumps(found, indent=1) + "\n")
    (out / f"seed-{plan.seed}.txt").write_text(plan.text() + "\n\n" + reports.text(found) + "\n")
    if found["good"]:
        return
    to = out / f"seed-{plan.seed}"
    keep_logs(to, lab)
    (to / "said.jsonl").write_text("".join(json.dumps(one) + "\n" for one in load.log()))
    for table in ("part", "inbox", "guard", "outbox", "gate", "orders", "transition_log", "decision", "message",
                  "parked", "refused", "conversation", "hold"):
        rows = lab.admin(f"select row_to_json(t)::text from munim.{table} t")
        (to / f"{table}.jsonl").write_text("".join(row[0] + "\n" for row in rows))


def keep_total(out, total):
    """After each run, so that it is there when a night's work is ended early."""
    if out is not None and total["runs"] > 1:
        (out / "sum.json").write_text(json.dumps(total, indent=1) + "\n")
        (out / "sum.txt").write_text(reports.total_text(total) + "\n")


def main():
    arguments = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # ends what it has started
    first = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1, 1_000_000)
    plans = [Plan(first + n, arguments.time, arguments.people) for n in range(arguments.runs)]
    if arguments.plan or not arguments.json:
        print(plans[0].text(), flush=True)
    if arguments.plan:
        return 0
    var = pathlib.Path(tempfile.mkdtemp(prefix="munim-chaos-"))
    var.chmod(0o755)
    services = LabServices(var)
    found = []
    try:
        services.launch()
        for plan in plans:
            found.append(one_run(plan, services, arguments))
            keep_total(arguments.out, reports.total(found))
    finally:
        services.stop()
        services.proxies.close()
        link = var / "postgres"
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(var, ignore_errors=True)
    total = reports.total(found)
    if arguments.runs > 1:
        print(json.dumps({"sum": total}) if arguments.json else reports.total_text(total), flush=True)
    return 1 if total["bad"] else 3 if total["vacuous"] else 0


if __name__ == "__main__":
    try:
        STATUS = main()
    except Exception:  # not munim's fault: told apart from a violation
        traceback.print_exc()
        STATUS = 2
    sys.exit(STATUS)
