"""What every process of an idle instance holds in memory, and the time the reader takes for a message."""
import json
import subprocess
import time

from rig import ROOT, TOOLS, resident, say, table

PROGRAMS = ("munim-ingress", "munim-sim", "munim-worker", "munim-sender", "munim-lag")
SETTLED_S = 5


def memory(rig, _):
    instance = rig.instance()
    try:
        instance.start(*PROGRAMS)
        time.sleep(SETTLED_S)
        sizes = {name: resident(instance.processes[name].pid) for name in PROGRAMS if name != "munim-sim"}
    finally:
        instance.end()
    text = table(["process, idle", "resident MiB", "of it private MiB"],
                 [[name, f"{rss / 1024:.1f}", f"{private / 1024:.1f}"] for name, (rss, private) in sizes.items()])
    return text, {"kib": sizes, "wrong": []}


def reader(_, options):
    folder = ROOT / "tests/reading/eval"
    texts = sorted(p for p in folder.glob("*.jsonl") if p.name != "catalogue.jsonl")
    if not texts:
        say("reader: no evaluation texts in tests/reading/eval")
        return "reader: no texts", {"wrong": []}
    done = subprocess.run([TOOLS / "bench_reader", ROOT / "schema/lexicon", folder / "catalogue.jsonl",
                           str(20 if options.full else 5), *texts], capture_output=True, text=True, check=True)
    r = json.loads(done.stdout)
    text = (f"reader: {r['us_per_message']:.1f} us per message over {r['texts']} texts (median {r['p50_us']:.1f}, "
            f"p99 {r['p99_us']:.1f}, most {r['most_us']:.1f}); over {r['read']} messages the heap grew by "
            f"{r['heap_grew']} bytes")
    return text, {**r, "wrong": [] if r["heap_grew"] == 0 else ["the reader's heap grows"]}
