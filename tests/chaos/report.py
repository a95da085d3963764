"""What a run has to say for itself, as text and as one JSON object."""
import collections
import json

from checker import ENDED


def make(plan, faults, facts, violations, times):
    """A dict of plain values. Counts of what was done to munim, of what came of it, and the verdict."""
    accepted = collections.Counter(send["dedupe_key"] for send in facts.sends)
    states = collections.Counter(row["state"] for row in facts.orders)
    settled = collections.Counter((row["state"], row["settled_by"]) for row in facts.guard
                                  if row["uncertain_since"] is not None or row["state"] == "UNKNOWN")
    distinct = len({json.loads(one.value).get("message_id") for one in facts.records["inbound.v1"]})
    struck = collections.Counter(faults.struck)
    report = {
        "seed": plan.seed, "seconds": plan.seconds, "customers": len(plan.people),
        "events": len(facts.records["inbound.v1"]) + len(facts.records["decision.v1"]),
        "messages_said": len(facts.said), "webhooks_offered": sum(facts.offered.values()),
        "duplicates_offered": sum(facts.offered.values()) - len(facts.offered),
        "duplicates_in_the_log": len(facts.records["inbound.v1"]) - distinct,
        "duplicates_made": sum(1 for _, name, _ in violations if "once" in name or "one effect" in name),
        "lost": sum(1 for number, _, _ in violations if number in (1, 4)),
        "faults": sum(struck.values()), "faults_by_kind": dict(sorted(struck.items())), "kills": faults.kills,
        "faults_that_failed": faults.failed, "not_struck_here": faults.not_due(),
        "kafka_mended": faults.surroundings.mended,
        "ends_of_their_own": dict(collections.Counter(f"{name.split('.')[0]} {status}"
                                                      for name, status in faults.own_ends)),
        "aborts_in_librdkafka": [words.split(": ", 1)[-1][-160:] for words in faults.client_aborts],
        "claims": sum(row["epoch"] for row in facts.part), "parked": len(facts.parked),
        "sends_accepted": len(facts.sends), "accepted_twice": sum(1 for n in accepted.values() if n > 1),
        "uncertain": sum(settled.values()),
        "uncertain_ended": {f"{state} by {by}": n for (state, by), n in sorted(settled.items(), key=str)},
        "sent_again_marked": sum(1 for row in facts.outbox if row["resend_of"] is not None),
        "orders_started": len(facts.orders), "orders_ended_by_themselves": times["ended"],
        "open_at_first_rest": times["open"],
        "orders_ended": sum(n for state, n in states.items() if state in ENDED), "orders": dict(states),
        "decisions": len(facts.decisions) + len(facts.by_tool), "invoices": len(facts.invoice),
        "seconds_to_quiet": round(times["quiet"], 1), "seconds_all": round(times["all"], 1),
        "violations": [f"{number:02d} {name}: {words}" for number, name, words in violations],
    }
    report["vacuous"] = vacuous(report, faults.kinds(), struck)
    report["gave_up"] = faults.given_up
    report["good"] = not (report["violations"] or report["vacuous"] or report["gave_up"])
    return report


def vacuous(report, kinds, struck):
    """Why the run proves nothing; empty when it proves something."""
    why = [f"never struck: {kind}" for kind in kinds if not struck[kind]]
    if report["orders_ended_by_themselves"] * 2 < report["orders_started"] or report["orders_started"] == 0:
        why.append(f"{report['orders_ended_by_themselves']} of {report['orders_started']} orders ended")
    return why


# What the reports of several seeds add up to; dicts by their keys.
SUMMED = ("customers", "events", "messages_said", "webhooks_offered", "duplicates_offered", "duplicates_in_the_log",
          "duplicates_made", "lost", "faults", "kills", "claims", "parked", "sends_accepted", "accepted_twice",
          "uncertain", "uncertain_ended", "sent_again_marked", "orders_started", "orders_ended_by_themselves",
          "orders_ended", "orders", "decisions", "invoices", "ends_of_their_own", "seconds_all", "faults_by_kind")


def total(found):
    """One report of many: what was reached, and which seeds were bad or proved nothing, by number."""
    summed = {"runs": len(found), "seeds": f"{found[0]['seed']} to {found[-1]['seed']}",
              "good": sum(one["good"] for one in found),
              "bad": [one["seed"] for one in found if one["violations"] or one["gave_up"]],
              "vacuous": [one["seed"] for one in found if one["vacuous"]],
              "aborts_in_librdkafka": sum(len(one["aborts_in_librdkafka"]) for one in found),
              "faults_that_failed": sum(len(one["faults_that_failed"]) for one in found),
              "kafka_mended": sum(len(one["kafka_mended"]) for one in found),
              "not_struck_here": {kind: why for one in found for kind, why in one["not_struck_here"].items()}}
    for key in SUMMED:
        if isinstance(found[0][key], dict):
            count = collections.Counter()
            for one in found:
                count.update(one[key])
            summed[key] = dict(sorted(count.items()))
        else:
            summed[key] = round(sum(one[key] for one in found), 1)
    return summed


def plain(key, value):
    if isinstance(value, dict):
        value = ", ".join(f"{name}: {n}" if isinstance(n, str) else f"{name} {n}" for name, n in value.items()) or "none"
    if isinstance(value, list):
        value = ", ".join(map(str, value)) or "none"
    return f"  {key.replace('_', ' '):28} {value}"


def total_text(summed):
    lines = [f"chaos, {summed['runs']} runs: {summed['good']} good, {len(summed['bad'])} bad,"
             f" {len(summed['vacuous'])} vacuous"]
    lines += [plain(key, value) for key, value in summed.items() if key not in ("runs", "good", "faults_by_kind")]
    lines += [f"  struck {n:5} x {kind}" for kind, n in summed["faults_by_kind"].items()]
    return "\n".join(lines)


def text(report):
    lines = [f"chaos seed {report['seed']}, {report['seconds']} s: " + ("good" if report["good"] else "BAD")]
    for key, value in report.items():
        if key in ("violations", "vacuous", "gave_up", "faults_by_kind", "faults_that_failed", "seed", "good"):
            continue
        lines.append(plain(key, value))
    lines += [f"  struck {n:3} x {kind}" for kind, n in report["faults_by_kind"].items()]
    lines += [f"  not possible: {one}" for one in report["faults_that_failed"]]
    lines += [f"VACUOUS {one}" for one in report["vacuous"]]
    lines += [f"GAVE UP {one}" for one in report["gave_up"]]
    lines += [f"VIOLATION {one}" for one in report["violations"]]
    return "\n".join(lines)
