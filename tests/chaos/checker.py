"""The invariants, each a function with its number, from the rows, records and logs in Facts alone.

A function yields one sentence for each violation, nothing when its invariant holds. A later flow adds its own with the
next free number; `check` finds them by their names. Numbers 1 to 15 are those that the project keeps since its design.
"""
import collections
import hashlib
import json

from facts import TOPICS

ENDED = ("ORDER_COMPLETED", "ORDER_REJECTED", "ORDER_CANCELLED")
TERMINAL = ("SENT", "FAILED", "UNKNOWN")


def check(facts):
    """[(number, what it says, sentence)] of everything that does not hold."""
    found = [(number, Watchword.get(number, ""), words) for number, words in facts.watch]
    for name, function in sorted(globals().items()):
        if name.startswith("inv_"):
            found += [(int(name[4:6]), name[7:].replace("_", " "), words) for words in function(facts)]
    return found


Watchword = {7: "stock is what the holds say", 8: "books only grow", 9: "positions and epochs only grow"}


def place(row):
    return (row["topic"], row["partition"], row["offset"])


def doubles(items):
    return [item for item, n in collections.Counter(items).items() if n > 1]


def message_of(record):
    """The provider's message id of an inbound record."""
    try:
        return json.loads(record.value).get("message_id")
    except ValueError:
        return None


def inv_01_nothing_acknowledged_is_lost(f):
    """Each message that the channel got a 200 for is in the log, and has one inbox row, or was parked or refused."""
    logged = {message_of(one) for one in f.records["inbound.v1"]}
    inbox = collections.Counter(row["message_id"] for row in f.inbox)
    kept = {place(row) for row in f.parked if row["state"] == "parked"} | {place(row) for row in f.refused}
    topic = f.prefix + "inbound.v1"
    kept_ids = {message_of(one) for one in f.records["inbound.v1"] if (topic, one.partition, one.offset) in kept}
    for one in f.said:
        if one not in logged:
            yield f"{one} was acknowledged and is not in the log"
        elif inbox[one] + (one in kept_ids) != 1:
            yield f"{one} has {inbox[one]} inbox rows" + (" and is kept aside" if one in kept_ids else "")
    for one in f.strangers:
        if one in inbox or one not in kept_ids:
            yield f"{one}, to a number of no shop, is not among the refused"


def inv_02_one_effect_for_each_event(f):
    """A message is in the chat once; an answer's key follows from its event, is planned once and guarded once."""
    for one in doubles((row["direction"], row["message_id"]) for row in f.message):
        yield f"the chat has {one} twice"
    chat = {row["message_id"] for row in f.message if row["direction"] == "in"}
    for row in f.inbox:
        if row["channel"] == "whatsapp" and row["message_id"] not in chat:
            yield f"{row['message_id']} had no effect"
    for one in chat - {row["message_id"] for row in f.inbox}:
        yield f"{one} is in the chat and was never taken"
    planned = {row["dedupe_key"]: row for row in f.outbox}
    derived = set()
    for row in f.inbox:
        for tenant in f.tenant:
            for ordinal in range(9):
                name = "\n".join((tenant["tenant_id"], row["channel"], row["account_id"], row["message_id"],
                                  str(ordinal)))
                key = hashlib.sha256(name.encode()).hexdigest()
                if key not in planned:
                    break
                derived.add(key)
    for key, row in planned.items():
        if row["resend_of"] is None and key not in derived:
            yield f"the answer {key} belongs to no event"
    for key in {row["dedupe_key"] for row in f.guard} - set(planned):
        yield f"{key} is guarded and was never planned"


def inv_03_the_channel_accepts_once(f):
    """At most one acceptance for each key; a second one under a new key only where the first stayed unknown."""
    for key in doubles(send["dedupe_key"] for send in f.sends):
        yield f"the channel accepted {key} more than once"
    guard, accepted = f.by("guard", "dedupe_key"), {send["dedupe_key"]: send for send in f.sends}
    for key, send in accepted.items():
        if key not in guard:
            yield f"{key} was sent without a guard row"
        elif json.loads(guard[key]["payload"])["text"] != send["text"]:
            yield f"{key} was sent with other words than planned"
    for key, row in guard.items():
        if row["state"] == "SENT" and key not in accepted:
            yield f"{key} is SENT, and the channel never took it"
        if row["state"] == "SENT" and key in accepted and row["provider_id"] != accepted[key]["id"]:
            yield f"{key} has another id than the channel's"
        if row["state"] == "FAILED" and row["settled_by"] != "receipt" and key in accepted:
            yield f"{key} is FAILED, and the channel took it"
    again = [row for row in f.outbox if row["resend_of"] is not None]
    for old in doubles(row["resend_of"] for row in again):
        yield f"{old} was sent again twice"
    for row in again:
        if guard.get(row["resend_of"], {}).get("state") != "UNKNOWN":
            yield f"{row['resend_of']} was sent again though its outcome is known"
        first = guard.get(row["resend_of"], {})
        if first.get("settled_by") != "owner" and (first.get("resend_of") is not None or first.get("class") != "reply"):
            yield f"{row['resend_of']} is a {first.get('class')} or a resend, and was sent again without a person's word"


def inv_04_every_message_comes_to_an_end(f):
    """Each planned answer was taken and is SENT, FAILED or UNKNOWN. Of what stayed unknown an answer was sent again; a
    greeting was not; a bill, and a second try, is held for a person, or he has decided."""
    guard = f.by("guard", "dedupe_key")
    again = {row["resend_of"] for row in f.outbox}
    for row in f.outbox:
        state = guard.get(row["dedupe_key"], {}).get("state")
        if row["taken_at"] is None or state not in TERMINAL:
            yield f"{row['dedupe_key']} ended as {state}, taken at {row['taken_at']}"
        by = guard.get(row["dedupe_key"], {}).get("settled_by")
        sent_again = row["dedupe_key"] in again
        if state == "UNKNOWN" and by == "window" and sent_again != (row["class"] == "reply"):
            yield f"{row['dedupe_key']}, a {row['class']}, stayed unknown and was {'' if sent_again else 'not '}sent again"
        if state == "UNKNOWN" and by == "held" and (sent_again or (row["class"] == "reply" and row["resend_of"] is None)):
            yield f"{row['dedupe_key']}, a {row['class']}, is held, and should not be"


def inv_05_order_of_sending(f):
    """A conversation's sequence has no hole, the gate stands at its end, and the channel accepted in that order."""
    conversations, gates = f.by("conversation", "conversation_id"), f.by("gate", "conversation_id")
    seq_of = {}
    for one, rows in f.grouped("outbox", "conversation_id", "seq").items():
        found = [row["seq"] for row in rows]
        if found != list(range(1, conversations[one]["next_seq"])):
            yield f"{one} has the sequence {found}, and the next is {conversations[one]['next_seq']}"
        if gates.get(one, {}).get("settled_through") != found[-1]:
            yield f"the gate of {one} stands at {gates.get(one, {}).get('settled_through')} of {found[-1]}"
        seq_of.update({row["dedupe_key"]: (one, row["seq"]) for row in rows})
    last = {}
    for send in sorted(f.sends, key=lambda send: send["n"]):
        one, seq = seq_of.get(send["dedupe_key"], (None, 0))
        if seq < last.get(one, 0):
            yield f"{one}: number {seq} was accepted after number {last[one]}"
        last[one] = max(seq, last.get(one, 0))


def inv_06_order_of_effects(f):
    """A conversation's messages had their effect in the order of the log, each at its first occurrence there."""
    inbox = {row["message_id"]: row for row in f.inbox}
    for one, rows in f.grouped("message", "conversation_id", "n").items():
        last = collections.defaultdict(lambda: -1)
        for row in (row for row in rows if row["direction"] == "in" and row["message_id"] in inbox):
            at = inbox[row["message_id"]]
            if at["offset"] < last[at["partition"]]:
                yield f"{one}: {row['message_id']} took effect before an earlier one"
            last[at["partition"]] = at["offset"]
    first = {}
    for record in f.records["inbound.v1"]:
        first.setdefault(message_of(record), (f.prefix + "inbound.v1", record.partition, record.offset))
    for one, row in inbox.items():
        if one in first and place(row) != first[one]:
            yield f"{one} took effect at {place(row)}, and stands first at {first[one]}"


def inv_07_stock_is_what_the_holds_say(f):
    held, sold = collections.Counter(), collections.Counter()
    for row in f.hold:
        if row["state"] != "released":
            count = held if row["state"] == "held" else sold
            count[row["piece_id"] or row["batch_id"]] += row["length_um"] if row["piece_id"] else row["rolls"]
    cut = collections.Counter((row["batch_id"], row["length_um"]) for row in f.hold
                              if row["state"] == "sold" and not row["piece_id"] and row["rolls"] == 1)
    for row in f.batch:
        one = row["batch_id"]
        if (row["rolls_held"], row["rolls_sold"]) != (held[one], sold[one]):
            yield (f"lot {row['dye_lot']} has {row['rolls_held']} rolls held, {row['rolls_sold']} sold;"
                   f" its holds say {held[one]}, {sold[one]}")
        if row["rolls"] != f.stock_before[one] or row["rolls_held"] + row["rolls_sold"] > row["rolls"]:
            yield f"lot {row['dye_lot']} had {f.stock_before[one]} rolls, has {row['rolls']}"
        made = collections.Counter((p["batch_id"], p["sold_um"] - sold[p["piece_id"]]) for p in f.piece
                                   if p["from_roll"] and p["batch_id"] == one)
        want = collections.Counter({key: n for key, n in cut.items() if key[0] == one and key[1] < row["roll_um"]})
        if made != want:
            yield f"lot {row['dye_lot']}: rolls were cut {dict(want)}, and left the pieces {dict(made)}"
    for row in f.piece:
        own = 0 if not row["from_roll"] else row["sold_um"] - sold[row["piece_id"]]
        if row["held_um"] != held[row["piece_id"]] or row["sold_um"] - own != sold[row["piece_id"]]:
            yield f"piece {row['piece_id']} has {row['held_um']} held, {row['sold_um']} sold, against its holds"
        if not row["from_roll"] and f.pieces_before.get(row["piece_id"]) != row["length_um"]:
            yield f"piece {row['piece_id']} has another length than before"
    states = f.by("orders", "order_id")
    for row in f.hold:
        want = {"held": "WAITING_OWNER_CONFIRMATION", "sold": "ORDER_COMPLETED"}.get(row["state"])
        if want and states[row["order_id"]]["state"] != want:
            yield f"a hold of {row['order_id']} is {row['state']}, the order {states[row['order_id']]['state']}"


def inv_08_books_balance(f):
    """One invoice for each completed order, gap-free; double entry that sums to nothing; the total is receivable."""
    entries, transactions = f.grouped("ledger_entry", "txn_id"), {row["ref_id"]: row for row in f.ledger_txn}
    for one, rows in entries.items():
        if sum(row["amount_paise"] for row in rows) != 0 or len(rows) < 2:
            yield f"the ledger's {one} does not balance"
    invoices = {row["order_id"]: row for row in f.invoice}
    for order in f.orders:
        if (order["state"] == "ORDER_COMPLETED") != (order["order_id"] in invoices):
            yield f"order {order['order_id']} is {order['state']}, invoices: {order['order_id'] in invoices}"
    lines, sold = f.grouped("invoice_line", "invoice_id"), collections.Counter()
    for row in f.hold:
        sold[row["order_id"]] += row["length_um"] if row["state"] == "sold" else 0
    for row in f.invoice:
        txn = transactions.get(row["invoice_id"], {}).get("txn_id")
        owed = sum(e["amount_paise"] for e in entries.get(txn, []) if e["account"] == "receivable")
        if owed != row["total_paise"]:
            yield f"{row['number']} is {row['total_paise']}, the ledger says {owed}"
        if sum(line["quantity_um"] for line in lines[row["invoice_id"]]) != sold[row["order_id"]]:
            yield f"{row['number']} bills another length than was sold"
    for one, rows in f.grouped("invoice", "fy", "no").items():
        if [row["no"] for row in rows] != list(range(1, len(rows) + 1)):
            yield f"numbers of {one} have gaps: {[row['no'] for row in rows]}"
    if len(f.ledger_txn) != len(f.invoice):
        yield f"{len(f.ledger_txn)} transactions for {len(f.invoice)} invoices"


def inv_09_positions_stand_at_the_end(f):
    """Each consumed partition is read to its end, by somebody who claimed it. That none went back is seen by Watch."""
    part = {(row["topic"], row["partition"]): row for row in f.part}
    for topic in ("inbound.v1", "decision.v1", "outbound.v1", "receipt.v1"):
        for partition, end in f.ends[topic].items():
            row = part.get((f.prefix + topic, partition))
            if end > 0 and (row is None or row["next_offset"] != end or row["epoch"] < 1):
                yield f"{topic} {partition} stands at {row and row['next_offset']} of {end}"


def inv_10_the_log_and_the_inbox_agree(f):
    """Of each partition: rows = records - repeats - what was kept aside; no row without its record."""
    aside = {place(row) for row in f.refused} | {place(row) for row in f.parked if row["state"] == "parked"}
    for topic, name in (("inbound.v1", "message_id"), ("decision.v1", "decision_id")):
        events = collections.defaultdict(set)
        for record in f.records[topic]:
            if (f.prefix + topic, record.partition, record.offset) not in aside:
                events[record.partition].add(json.loads(record.value).get(name))
        rows = collections.Counter(row["partition"] for row in f.inbox if row["topic"] == f.prefix + topic)
        for partition in set(events) | set(rows):
            if rows[partition] != len(events[partition]):
                yield f"{topic} {partition}: {len(events[partition])} events, {rows[partition]} inbox rows"


def inv_11_what_is_forged_leaves_nothing(f):
    if f.forged_answers.get(200):
        yield f"{f.forged_answers[200]} forged webhooks were taken"
    everything = [one.value or b"" for topic in TOPICS for one in f.records[topic]]
    for one in f.forged:
        if any(one.encode() in value for value in everything) or any(row["message_id"] == one for row in f.inbox):
            yield f"{one} was not signed by the channel, and left a trace"


def inv_12_all_comes_to_rest(f):
    if f.unrest:
        yield f"no rest within {f.bound} s: {f.unrest}"
    open_items = {row["conversation_id"] for row in f.parked if row["state"] == "parked"}
    for row in f.conversation:
        if row["parked"] != (row["conversation_id"] in open_items):
            yield f"conversation {row['conversation_id']}: parked {row['parked']}, without an item that says so"


def inv_13_no_secret_in_any_log(f):
    canaries = [*f.secrets, *(row["address"] for row in f.conversation), *f.forged_people]
    for name, text in f.logs.items():
        for one in canaries:
            if one in text:
                yield f"{name} holds {one[:6]}..."


def inv_14_appetite_returns_to_normal(f):
    """After the faults: descriptors and memory of each process, and connections, as before them."""
    for name, (files, memory) in f.appetite.items():
        files_before, memory_before = f.appetite_before[name.split(".")[0]]
        if files > files_before + 48:
            yield f"{name} has {files} descriptors open, {files_before} before"
        if memory > 3 * memory_before + 50_000:
            yield f"{name} holds {memory} kB, {memory_before} before"
    if f.connections > f.connections_before + 4:
        yield f"{f.connections} connections to Postgres, {f.connections_before} before"


def inv_15_the_log_repeats_itself_only_as_allowed(f):
    """Jepsen's anomalies: another value at the same key; an answer in the log that Postgres did not commit."""
    planned = {row["dedupe_key"]: row for row in f.outbox}
    for record in f.records["outbound.v1"]:
        value = json.loads(record.value)
        row = planned.get(value["dedupe_key"])
        if row is None:
            yield f"outbound {record.partition}/{record.offset} was never committed"
        elif json.loads(row["payload"]) != value or row["key"] != record.key:
            yield f"outbound {record.partition}/{record.offset} differs from its row"
    first = {}
    for record in f.records["inbound.v1"]:
        value = json.loads(record.value)
        same = first.setdefault(value.get("message_id"), (record.partition, record.key, value.get("text")))
        if same != (record.partition, record.key, value.get("text")):
            yield f"{value.get('message_id')} stands in the log with two contents or keys"


def inv_16_decisions_are_answered_once(f):
    """Each decision has one outcome; an order is completed by one approval; the owner is told the present state."""
    rows = {(row["order_id"], row["decision_id"]): row for row in f.decision}
    for one in f.decisions:
        if one["acknowledged"] and (one["order"], one["id"]) not in rows:
            yield f"decision {one['id']} has no outcome"
        outcome = rows.get((one["order"], one["id"]), {}).get("outcome")
        if outcome in ("completed", "rejected") and (outcome == "completed") != (one["verb"] == "approve"):
            yield f"decision {one['id']} to {one['verb']} came out as {outcome}"
    numbers, states = {row["order_id"]: row["number"] for row in f.invoice}, f.by("orders", "order_id")
    for one in f.by_tool:
        if one["outcome"] == "completed" and numbers.get(one["order"]) != one["number"]:
            yield f"the tool told invoice {one['number']}, the books have {numbers.get(one['order'])}"
    told = {one.key: json.loads(one.value) for one in f.records["approval.v1"] if one.value}
    for order_id, outcomes in f.grouped("decision", "order_id", "n").items():
        outcomes = [row["outcome"] for row in outcomes]
        if outcomes.count("completed") != (states[order_id]["state"] == "ORDER_COMPLETED"):
            yield f"order {order_id} is {states[order_id]['state']} after {outcomes}"
    for row in f.approval:
        order, last = states[row["order_id"]], told.get(row["order_id"], {})
        if (last.get("state"), last.get("version")) != (order["state"], order["version"]):
            yield f"the owner was last told {last.get('state')} of {row['order_id']}, which is {order['state']}"


def inv_17_an_order_walks_its_states(f):
    """Steps follow each other, end where the order stands, and nobody has two open orders."""
    steps = f.grouped("transition_log", "order_id", "transition_id")
    for order in f.orders:
        walked = [(row["from_state"], row["to_state"]) for row in steps[order["order_id"]] if row["ok"]]
        for one, two in zip(walked, walked[1:]):
            if one[1] != two[0]:
                yield f"order {order['order_id']} jumped from {one[1]} to {two[0]}"
        if not walked or walked[-1][1] != order["state"]:
            yield f"order {order['order_id']} is {order['state']}, its log ends {walked[-1:]}"
    for one in doubles((row["contact_id"], row["flow"]) for row in f.orders if row["state"] not in ENDED):
        yield f"{one[0]} has two open orders"
