"""What must be true of an instance whatever happened to it; called at the end of each test about a fault.

`settle` waits until nothing moves any more, `check` asserts. Witnesses are three that do not know of each other: the
simulated channel (what it accepted), Kafka's topics (what came in) and Postgres (what came of it).
"""
import collections
import json

from instance import http, wait_until

TERMINAL = ("SENT", "FAILED", "UNKNOWN")
CONSUMED = ("inbound.v1", "decision.v1", "outbound.v1", "receipt.v1")


def counts(instance):
    return json.loads(http(f"http://{instance.kept['sim']}/control/counts")[1])


def unsettled(instance, topics):
    """What still moves, in words; empty when nothing does."""
    sim = counts(instance)
    if sim["webhooks"] != sim["acknowledged"]:
        return f"{sim['webhooks'] - sim['acknowledged']} webhooks are not acknowledged"
    for topic in CONSUMED:
        at = dict(instance.db("select partition, next_offset from munim.part where topic = %s", topics.prefix + topic))
        for partition, end in topics.ends(topic).items():
            if end > 0 and at.get(partition) != end:
                return f"{topic} {partition} is read to {at.get(partition)} of {end}"
    for what, sql in (("untaken answers", "select 1 from munim.outbox where taken_at is null"),
                      ("open guard rows", "select 1 from munim.guard where state not in %s"),
                      ("unpublished orders", "select 1 from munim.approval where dirty")):
        if instance.db(sql, *([TERMINAL] if "%s" in sql else [])):
            return what
    return ""


def wait_read(instance, timeout=30):
    """Until every record that stands in the sender's topics now has been taken."""
    ends = {(f"{instance.name}.{topic}", n): end for topic in ("outbound.v1", "receipt.v1")
            for n, end in instance.topics().ends(topic).items() if end > 0}

    def read():
        at = {row[:2]: row[2] for row in instance.db("select topic, partition, next_offset from munim.part")}
        return all(at.get(place, -1) >= end for place, end in ends.items())

    wait_until(read, timeout, f"reading to {ends}")


def settle(instance, timeout=30):
    topics = instance.topics()
    last = [""]

    def settled():
        last[0] = unsettled(instance, topics)
        return last[0] == ""

    try:
        wait_until(settled, timeout, "rest")
    except AssertionError:
        raise AssertionError(f"no rest within {timeout} s: {last[0]}") from None


def check(instance, timeout=30):
    """Waits for rest, then asserts every invariant."""
    settle(instance, timeout)
    for one in (check_inbound, check_messages, check_witness, check_sequences, check_stock, check_orders, check_books,
                check_approvals, check_logs):
        one(instance)


def inbound_key(record):
    """What the inbox knows the event by: (channel, account id, message id)."""
    event = json.loads(record.value)
    if record.type.endswith("redrive.v1"):
        return ("operator", event["account_id"], event["command_id"])
    return (event["channel"], event["account_id"], event["message_id"])


def check_inbound(instance):
    """Nothing acknowledged is lost: a record has its inbox row, or a refused or parked one; no row without a record."""
    topics = instance.topics()
    name = topics.prefix + "inbound.v1"
    refused = set(instance.db('select partition, "offset" from munim.refused where topic = %s', name))
    parked = set(instance.db("select partition, \"offset\" from munim.parked where topic = %s and state = 'parked'",
                             name))
    inbox = {row[:3]: row[3:] for row in instance.db(
        'select channel, account_id, message_id, topic, partition, "offset" from munim.inbox')}
    keys = set()
    for record in topics.records("inbound.v1"):
        place = (record.partition, record.offset)
        assert place not in refused or place not in parked, f"{place} is both refused and parked"
        if place in refused or place in parked:
            continue
        key = inbound_key(record)
        keys.add(key)
        assert key in inbox, f"the event at {place} has no row of its own: {record.value[:200]!r}"
    for record in topics.records("decision.v1"):
        if instance.db('select 1 from munim.refused where topic = %s and partition = %s and "offset" = %s',
                       topics.prefix + "decision.v1", record.partition, record.offset):
            continue
        decision = json.loads(record.value)["decision_id"]
        keys |= {key for key in inbox if key[2] == decision}
        assert [key for key in inbox if key[2] == decision], f"decision {decision} has no row"
    # An event that was parked once and redriven has a row, and its record is one of those above.
    assert set(inbox) == keys, f"rows without a record: {set(inbox) - keys}"
    known = {key[2] for key in inbox}
    kept = {json.loads(bytes(raw).decode(errors="replace"))["message_id"] for (raw,) in instance.db(
        "select raw from munim.refused where topic = %s and reason <> '' union all"
        " select raw from munim.parked where topic = %s", name, name) if b'"message_id"' in bytes(raw)}
    lost = [one for one in instance.said if one not in known and one not in kept]
    assert not lost, f"acknowledged and lost: {lost}"


def check_messages(instance):
    """Each event had its effect once, and those of a conversation in the order of its partition: a conversation that
    was seen under two identities, a phone and a user id, has two."""
    assert instance.db(
        "select conversation_id, direction, message_id, count(*) from munim.message group by 1, 2, 3"
        " having count(*) > 1") == []
    assert instance.db(
        "select i.message_id from munim.inbox i left join munim.message m on m.message_id = i.message_id"
        " and m.conversation_id = i.conversation_id and m.direction = 'in'"
        " where i.channel = 'whatsapp' and m.n is null") == [], "an event without effect"
    assert instance.db(
        "select m.message_id from munim.message m left join munim.inbox i on i.message_id = m.message_id"
        " and i.conversation_id = m.conversation_id"
        " where m.direction = 'in' and i.message_id is null") == [], "an effect without an event"
    assert instance.db(
        'select * from (select m.conversation_id, m.n, i."offset", lag(i."offset") over'
        " (partition by m.conversation_id, i.partition order by m.n) as before from munim.message m join munim.inbox i"
        " on i.message_id = m.message_id and i.conversation_id = m.conversation_id where m.direction = 'in') x"
        " where \"offset\" < before") == []


def check_witness(instance):
    """The channel accepted each message once, what was said is what was planned, and FAILED means never."""
    sends = instance.sends()
    accepted = collections.Counter(send["dedupe_key"] for send in sends)
    assert [key for key, n in accepted.items() if n > 1] == [], "the channel accepted a message twice"
    guard = {row[0]: row[1:] for row in instance.db(
        "select dedupe_key, state, payload, coalesce(settled_by, ''), provider_id from munim.guard")}
    for send in sends:
        assert send["dedupe_key"] in guard, f"sent without a guard row: {send}"
        assert json.loads(guard[send["dedupe_key"]][1])["text"] == send["text"]
    for key, (state, _, by, provider_id) in guard.items():
        if state == "SENT":
            assert accepted[key] == 1, f"{key} is SENT (by {by}), and the channel has it {accepted[key]} times"
            assert provider_id == next(send["id"] for send in sends if send["dedupe_key"] == key)
        if state == "FAILED" and by != "receipt":
            assert accepted[key] == 0, f"{key} is FAILED and the channel has it"


def check_sequences(instance):
    """No hole in any conversation's sequence, every row of it ended, the gate open, the channel's order the same."""
    rows = instance.db("select o.conversation_id::text, o.seq, o.dedupe_key, g.state from munim.outbox o"
                       " left join munim.guard g using (dedupe_key) order by 1, 2")
    next_seq = dict(instance.db("select conversation_id::text, next_seq from munim.conversation"))
    gates = dict(instance.db("select conversation_id::text, settled_through from munim.gate"))
    by_conversation = collections.defaultdict(list)
    for conversation, seq, key, state in rows:
        assert state in TERMINAL, f"{key} is {state}"
        by_conversation[conversation].append((seq, key))
    for conversation, found in by_conversation.items():
        assert [seq for seq, _ in found] == list(range(1, next_seq[conversation])), f"holes in {found}"
        assert gates.get(conversation) == found[-1][0], f"the gate stands at {gates.get(conversation)} of {found[-1]}"
        place = {key: n for n, (_, key) in enumerate(found)}
        order = [place[send["dedupe_key"]] for send in instance.sends() if send["dedupe_key"] in place]
        assert order == sorted(order), f"sent out of order: {order}"
    assert instance.db("select count(*) from munim.guard") == [(len(rows),)]


def check_stock(instance):
    """Promised and sold of each lot are what the holds say, by count and by length."""
    assert instance.db(
        "select b.dye_lot, b.rolls_held, b.rolls_sold, h.held, h.sold from munim.batch b left join lateral (select"
        " coalesce(sum(rolls) filter (where state = 'held'), 0) as held,"
        " coalesce(sum(rolls) filter (where state = 'sold'), 0) as sold from munim.hold h"
        " where h.batch_id = b.batch_id and h.piece_id is null) h on true"
        " where (b.rolls_held, b.rolls_sold) is distinct from (h.held, h.sold)") == []
    assert instance.db(
        "select p.piece_id, p.held_um, h.held from munim.piece p left join lateral (select"
        " coalesce(sum(length_um) filter (where state = 'held'), 0) as held from munim.hold h"
        " where h.piece_id = p.piece_id) h on true where p.held_um <> h.held") == []
    # Sold length: whole rolls that were not cut, and what is gone of each piece, cut rolls being pieces by now.
    assert instance.db(
        "select b.dye_lot, h.sold, b.rolls_sold, p.cut, p.sold from munim.batch b, lateral (select"
        " coalesce(sum(length_um), 0) as sold from munim.hold h where h.batch_id = b.batch_id and h.state = 'sold') h,"
        " lateral (select count(*) filter (where from_roll) as cut, coalesce(sum(sold_um), 0) as sold"
        " from munim.piece p where p.batch_id = b.batch_id) p"
        " where h.sold <> (b.rolls_sold - p.cut) * b.roll_um + p.sold") == []


def check_orders(instance):
    """States, holds and lines agree, and the log of transitions leads to the state."""
    held = {row[:2]: row[2] for row in instance.db(
        "select order_id::text, state, sum(length_um) from munim.hold group by 1, 2")}
    for order_id, state, wanted in instance.db(
            "select o.order_id::text, o.state, (select coalesce(sum(quantity_um), 0) from munim.order_line l"
            " where l.order_id = o.order_id and l.status = 'ACCEPTED') from munim.orders o"):
        sold = held.get((order_id, "sold"), 0)
        assert sold == (wanted if state == "ORDER_COMPLETED" else 0), f"{order_id} is {state}: {sold} of {wanted} sold"
        if state != "WAITING_OWNER_CONFIRMATION":
            assert held.get((order_id, "held"), 0) == 0, f"{order_id} is {state} and holds goods"
        steps = instance.db("select from_state, to_state from munim.transition_log where order_id = %s and ok"
                            " order by transition_id", order_id)
        assert steps and steps[-1][1] == state, f"{order_id} is {state}, its log ends with {steps[-1:]}"
        assert all(one[1] == two[0] for one, two in zip(steps, steps[1:])), f"{order_id} jumped: {steps}"
    assert instance.db(
        "select contact_id from munim.orders where state not in ('ORDER_COMPLETED', 'ORDER_REJECTED',"
        " 'ORDER_CANCELLED') group by contact_id having count(*) > 1") == []


def check_books(instance):
    """One invoice for each completed order and no other; numbers without gaps; double entry that sums to nothing."""
    assert instance.db(
        "select o.order_id, o.state, i.number from munim.orders o full join munim.invoice i using (order_id)"
        " where (o.state = 'ORDER_COMPLETED') is distinct from (i.invoice_id is not null)") == []
    assert instance.db("select o.order_id from munim.orders o join munim.invoice i using (order_id)"
                       " where o.total_paise <> i.total_paise") == []
    numbers = collections.defaultdict(list)
    for tenant, series, fy, no in instance.db("select tenant_id::text, series, fy, no from munim.invoice order by no"):
        numbers[tenant, series, fy].append(no)
    for series, found in numbers.items():
        assert found == list(range(1, len(found) + 1)), f"{series} has gaps: {found}"
        assert instance.db("select next_no from munim.series where tenant_id = %s and series = %s and fy = %s",
                           *series) == [(len(found) + 1,)]
    assert instance.db("select txn_id, sum(amount_paise) from munim.ledger_entry group by 1"
                       " having sum(amount_paise) <> 0 or count(*) < 2") == []
    assert instance.db(
        "select i.number from munim.invoice i left join munim.ledger_txn t on t.kind = 'invoice'"
        " and t.ref_id = i.invoice_id left join munim.ledger_entry e on e.txn_id = t.txn_id"
        " and e.account = 'receivable' where e.amount_paise is distinct from i.total_paise") == []
    assert instance.db("select count(*) from munim.ledger_txn") == instance.db("select count(*) from munim.invoice")


def check_approvals(instance):
    """The last record of each order that the owner was asked about is its present state, with its last answers."""
    last = {record.key: json.loads(record.value) for record in instance.topics().records("approval.v1")
            if record.value is not None}
    for order_id, state, version, number in instance.db(
            "select o.order_id::text, o.state, o.version, i.number from munim.orders o join munim.approval"
            " using (order_id) left join munim.invoice i using (order_id)"):
        told = last[order_id]
        assert (told["state"], told["version"], told["invoice_number"]) == (state, version, number)
        answers = dict(instance.db("select decision_id, outcome from munim.decision where order_id = %s"
                                   " order by n desc limit 8", order_id))
        assert {key: answer["outcome"] for key, answer in told["answers"].items()} == answers


def check_logs(instance):
    """No phone, text or secret of this instance stands in any log; no sanitizer has complained."""
    secrets = [(instance.path / name).read_text().strip() for name in ("app_secret", "verify_token", "access_token")]
    phones = [address for (address,) in instance.db("select address from munim.conversation") if len(address) >= 10]
    for path in instance.path.glob("*.log"):
        text = path.read_text(errors="replace")
        for canary in secrets + phones:
            assert canary not in text, f"{path.name} holds {canary[:4]}..."
        assert "ERROR: AddressSanitizer" not in text and "runtime error:" not in text, f"{path.name}:\n{text[-3000:]}"
