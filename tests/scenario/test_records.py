"""What the programs really write fits the contracts that other programs may build on."""

import json
import re
import uuid

import jsonschema
from confluent_kafka import Consumer, TopicPartition

from instance import ROOT, wait_until
from test_demo_order import ask_for_20_metres

CONTRACTS = ROOT / "schema/contracts"
TRACEPARENT = re.compile("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def contract():
    """By the AsyncAPI document: {topic without prefix: {ce_type: validator}}."""
    document = json.loads((CONTRACTS / "munim.asyncapi.json").read_text())
    found = {}
    for channel in document["channels"].values():
        topic = found.setdefault(channel["address"].removeprefix("{prefix}."), {})
        for name in channel["messages"]:
            message = document["components"]["messages"][name]
            schema = json.loads((CONTRACTS / message["payload"]["schema"]["$ref"]).read_text())
            topic[message["name"]] = jsonschema.Draft202012Validator(schema)
    return found


def records(instance):
    """Every record on every topic of the instance, from the beginning: (topic, headers, value). Not the note of who
    owns the prefix, which is no event."""
    consumer = Consumer({
        "bootstrap.servers": instance.services.bootstrap, "group.id": uuid.uuid4().hex, "enable.auto.commit": False,
    })
    found = []
    for topic, about in consumer.list_topics(timeout=10).topics.items():
        if not topic.startswith(instance.name + ".") or topic == instance.name + ".owner.v1":
            continue
        for partition in about.partitions:
            at, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
            consumer.assign([TopicPartition(topic, partition, at)])
            while at < end:
                message = consumer.poll(10)
                assert message is not None and message.error() is None, f"{topic} {partition} ends before {end}"
                at = message.offset() + 1
                headers = {k: (v or b"").decode() for k, v in message.headers() or []}
                found.append((topic[len(instance.name) + 1:], headers, message.value()))
    consumer.close()
    return found


def test_every_record_of_an_order_fits_its_contract(new_instance):
    instance = new_instance().start("munim-ingress", "munim-sim", "munim-worker", "munim-sender")
    order = ask_for_20_metres(instance)[0]
    code, _ = instance.approve(order["order_id"])
    assert code == 0
    wait_until(lambda: instance.db("select 1 from munim.guard where state <> 'SENT'") == [], 20, "settled guards")
    wait_until(lambda: instance.db("select 1 from munim.approval where dirty") == [], 20, "published approvals")

    known = contract()
    seen = set()
    for topic, headers, value in records(instance):
        assert headers["ce_specversion"] == "1.0" and headers["content-type"] == "application/json"
        assert TRACEPARENT.fullmatch(headers["traceparent"]), f"{topic} {headers}"
        known[topic][headers["ce_type"]].validate(json.loads(value))
        seen.add(topic)
    assert {"inbound.v1", "outbound.v1", "approval.v1", "decision.v1"} <= seen
