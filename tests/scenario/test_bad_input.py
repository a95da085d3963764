"""What comes from outside and is no order: a clear status, a counted metric, no record; or kept, with the reason."""
import collections
import json
import os
import pathlib
import socket

import pytest

import invariants
from instance import ROOT, http, wait_until
from play import ask, message, order_of, phone, webhook_of

TOPICS = ("inbound.v1", "inbound.v1.dlq", "outbound.v1", "receipt.v1", "decision.v1", "approval.v1")
LIMIT = 3 * 1024 * 1024
CORPUS = pathlib.Path(os.environ.get("MUNIM_CORPUS", ROOT / "../shared/corpus")) / "whatsapp"
PAYLOADS = sorted(path for path in CORPUS.glob("*/*.json"))


@pytest.fixture
def instance(shared):
    return shared


def traces(instance):
    """How much of anything there is: records by topic, rows by table."""
    rows = [instance.db(f"select count(*) from munim.{table}")[0][0]
            for table in ("inbox", "refused", "parked", "conversation", "contact", "message", "outbox", "orders")]
    return [sum(instance.topics().ends(topic).values()) for topic in TOPICS] + rows


def refused(instance, reason):
    return instance.metric("munim_ingress_refused_total", f'{{reason="{reason}"}}')


def deep(levels):
    return b"[" * levels + b"]" * levels


def invalid_utf8(account_id):
    body = json.dumps(webhook_of(account_id, message("919812345678", "@"))).encode()
    return body.replace(b"@", b"\xff\xfe")


@pytest.mark.parametrize("what, reason, status, body, signature", [
    ("wrong signature", "signature_wrong", 401, b"{}", "sha256=" + "0" * 64),
    ("signature of another body", "signature_wrong", 401, b"{}", "sha256=" + "ab" * 32),
    ("half a signature", "signature_wrong", 401, b"{}", "sha256=00"),
    ("not JSON", "not_json", 400, b"20m blue cotton", None),
    ("an empty body", "not_json", 400, b"", None),
    ("two values", "not_json", 400, b"{}{}", None),
    ("a thousand levels", "not_json", 400, deep(1000), None),
    ("a hundred thousand levels", "not_json", 400, deep(100000), None),
    ("levels without end", "not_json", 400, b"[" * 100000, None),
    ("invalid UTF-8", "not_json", 400, invalid_utf8, None),
    ("a NUL in the text", "not_json", 400, b'{"entry":[{"id":"\0"}]}', None),
    ("a body over the limit", "body_too_large", 413, b" " * (LIMIT + 1), None),
], ids=lambda value: value if isinstance(value, str) and " " in value else "")
def test_refused_at_the_door(instance, what, reason, status, body, signature):
    before, counted = traces(instance), refused(instance, reason)
    got, words = instance.webhook(body(instance.account_id) if callable(body) else body, signature)
    assert (got, words.decode()) == (status, reason), what
    assert refused(instance, reason) == counted + 1
    invariants.settle(instance)
    assert traces(instance) == before


def test_no_signature_at_all(instance):
    before, counted = traces(instance), refused(instance, "signature_missing")
    body = json.dumps(webhook_of(instance.account_id, message(phone(), "20m blue cotton"))).encode()
    url = f"http://{instance.kept['ingress']}/webhooks/whatsapp"
    assert http(url, body, {"Content-Type": "application/json"}) == (401, b"signature_missing")
    assert refused(instance, "signature_missing") == counted + 1
    invariants.settle(instance)
    assert traces(instance) == before


def test_a_chunked_body_over_the_limit(instance):
    """Without a Content-Length the limit holds all the same, and before the whole body has come."""
    counted = refused(instance, "body_too_large")
    host, port = instance.kept["ingress"].split(":")
    with socket.create_connection((host, int(port)), timeout=15) as s:
        s.sendall(b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(4):
                s.sendall(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
        except OSError:
            pass  # it has answered and closes
        assert s.recv(1000).startswith(b"HTTP/1.1 413 ")
    wait_until(lambda: refused(instance, "body_too_large") == counted + 1, 10, "the count")


def test_the_shop_still_answers_after_all_that(instance):
    who = phone()
    assert [line["product"] for line in ask(instance, who, "1m white cotton")["lines"]] == ["white cotton"]


@pytest.mark.parametrize("query, status", [
    ("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}", 200),
    ("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=wrong", 403),
    ("hub.mode=subscribe&hub.challenge=1158201444", 403),
    ("hub.mode=unsubscribe&hub.challenge=1158201444&hub.verify_token={token}", 403),
    ("hub.mode=subscribe&hub.verify_token={token}", 403),
    ("", 403),
], ids=["good", "wrong-token", "no-token", "wrong-mode", "no-challenge", "nothing"])
def test_handshake(instance, query, status):
    token = (instance.path / "verify_token").read_text().strip()
    counted = refused(instance, "verify_token")
    got, body = http(f"http://{instance.kept['ingress']}/webhooks/whatsapp?{query.format(token=token)}")
    assert got == status
    assert refused(instance, "verify_token") == counted + (status != 200)
    if status == 200:
        assert body == b"1158201444"


def test_a_number_of_no_shop(instance):
    """Acknowledged, or the channel repeats it for a week; kept with the reason; no answer, no order."""
    who, stranger = phone(), "999000111222333"
    counted = instance.metric("munim_worker_turns_total", '{outcome="refused"}', "munim-worker")
    sends = len(instance.sends())
    assert instance.webhook(webhook_of(stranger, message(who, "20m blue cotton", "wamid.stranger")))[0] == 200
    found = wait_until(lambda: instance.db("select topic, reason, raw from munim.refused where raw like %s",
                                           f"%{stranger}%".encode()), 20, "the refused event")
    assert [(row[0], row[1]) for row in found] == [(instance.name + ".inbound.v1", "no shop has this account")]
    event = json.loads(bytes(found[0][2]))
    assert (event["account_id"], event["text"], event["key"]) == (stranger, "20m blue cotton", who)
    assert instance.metric("munim_worker_turns_total", '{outcome="refused"}', "munim-worker") == counted + 1
    invariants.settle(instance)
    assert order_of(instance, who) is None and len(instance.sends()) == sends
    assert instance.db("select 1 from munim.contact_identity where identity = %s", "p:" + who) == []
    # The same customer at the right number is served.
    instance.say("1m white cotton", who)
    instance.wait_sends(1, who)


def test_a_status_of_a_number_of_no_shop(instance):
    """Nobody's message: counted by the sender, and it stands in nobody's way."""
    name = "munim_sender_unknown_receipts_total"
    before = instance.metric(name, process="munim-sender")
    status = {"id": "wamid.unknown", "status": "delivered", "timestamp": "1780000000", "recipient_id": "919800000001"}
    assert instance.webhook(webhook_of("999000111222333", statuses=[status]))[0] == 200
    wait_until(lambda: instance.metric(name, process="munim-sender") > before, 20, "the count")


def test_one_webhook_of_good_and_bad(instance):
    """What is good becomes events, what is bad is explained; the answer is 200 for the whole."""
    who = phone()
    dlq = len(instance.topics().records("inbound.v1.dlq"))
    body = webhook_of(instance.account_id, message(who, "1m white cotton"), "no object", {"id": "wamid.nobody"})
    body["entry"].append({"id": "2"})
    body["entry"].append({"id": "3", "changes": [{"field": "a field of next year", "value": {}}]})
    assert instance.webhook(body)[0] == 200
    instance.wait_sends(1, who)
    kept = instance.topics().records("inbound.v1.dlq")[dlq:]
    reasons = sorted(json.loads(record.value)["reason"] for record in kept)
    assert len(reasons) == 4 and all(reasons), reasons


def items_of(payload):
    """The messages, statuses and changes of a payload that must each be accounted for."""
    messages, statuses, others = [], [], 0
    for entry in payload.get("entry", []):
        changes = entry.get("changes")
        if not changes:
            others += 1
        for change in changes or []:
            value = change.get("value", {})
            found = value.get("messages", []), value.get("statuses", [])
            if change.get("field") == "messages" and (found[0] or found[1]):
                messages += found[0]
                statuses += found[1]
            else:
                others += 1
    return messages, statuses, others if "entry" in payload else 1


@pytest.mark.skipif(not PAYLOADS, reason=f"no corpus at {CORPUS}; set MUNIM_CORPUS")
def test_every_real_payload_is_accounted_for(new_instance):
    """As an event or as a refusal with its reason: every message, status and other change of every payload."""
    instance = new_instance().start("munim-ingress", "munim-sim")
    topics = instance.topics()
    seen = {topic: 0 for topic in ("inbound.v1", "receipt.v1", "inbound.v1.dlq")}
    wanted = collections.Counter()
    for path in PAYLOADS:
        raw = path.read_bytes()
        messages, statuses, others = items_of(json.loads(raw))
        wanted.update(one["id"] for one in messages if "id" in one)
        assert instance.webhook(raw)[0] == 200, path.name
        grown = {topic: sum(topics.ends(topic).values()) for topic in seen}
        news = {topic: grown[topic] - seen[topic] for topic in seen}
        seen = grown
        assert sum(news.values()) == len(messages) + len(statuses) + others, f"{path.name}: {news}"
        assert news["inbound.v1"] <= len(messages) and news["receipt.v1"] <= len(statuses), f"{path.name}: {news}"
    events = [json.loads(record.value) for record in topics.records("inbound.v1")]
    refusals = [json.loads(record.value) for record in topics.records("inbound.v1.dlq")]
    kept = collections.Counter(event["message_id"] for event in events)
    kept.update(one["raw"].get("id") for one in refusals)
    assert wanted and not wanted - kept, f"lost: {wanted - kept}"
    for one in refusals:
        assert one["channel"] == "whatsapp" and len(one["reason"]) > 10 and one["raw"]
    page = http(f"http://{instance.address('munim-ingress')['admin']}/metrics")[1].decode()
    assert sum(seen.values()) == sum(float(line.rsplit(" ", 1)[1]) for line in page.splitlines()
                                     if line.startswith("munim_ingress_items_total{"))
    # And what the shop makes of them: a turn each where the number is its own, a refusal with the reason elsewhere.
    instance.start("munim-worker", "munim-sender")
    invariants.check(instance)
    strangers = [event for event in events if event["account_id"] != instance.account_id]
    assert instance.db("select reason, count(*) from munim.refused where topic = %s group by 1",
                       topics.prefix + "inbound.v1") == [("no shop has this account", len(strangers))]


@pytest.mark.skipif(not PAYLOADS, reason=f"no corpus at {CORPUS}; set MUNIM_CORPUS")
def test_every_real_payload_for_our_own_number(new_instance):
    """The same with the shop's account in them: whatever the kind, each message becomes one turn of its customer."""
    instance = new_instance().start()
    for path in PAYLOADS:
        payload = json.loads(path.read_bytes())
        for entry in payload.get("entry", []):
            for change in entry.get("changes", []):
                if isinstance(change.get("value"), dict) and "metadata" in change["value"]:
                    change["value"]["metadata"]["phone_number_id"] = instance.account_id
        assert instance.webhook(payload)[0] == 200, path.name
    invariants.check(instance)
    assert instance.db("select count(*) from munim.parked") == [(0,)]
    assert instance.db("select reason from munim.refused where topic = %s", instance.name + ".inbound.v1") == []
    events = {json.loads(record.value)["message_id"] for record in instance.topics().records("inbound.v1")}
    assert instance.db("select count(*) from munim.inbox") == [(len(events),)]
