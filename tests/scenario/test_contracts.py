"""The contracts between the programs: schemas with examples, and two descriptions of the topics that must agree."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest

CONTRACTS = Path(__file__).resolve().parents[2] / "schema/contracts"
SCHEMAS = sorted(p.name for p in CONTRACTS.glob("*.json") if p.name not in ("topics.json", "munim.asyncapi.json"))
# Which of our parts a channel or a customer fills: there the channel may write what it likes.
OPEN = {"location", "order", "reaction", "system", "context", "referral", "raw", "contacts", "errors", "stock"}


def load(name):
    return json.loads((CONTRACTS / name).read_text())


def objects(schema, path=""):
    """Every schema of an object in it, with its path."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" or "properties" in schema:
            yield path, schema
        for key, value in schema.items():
            if key != "examples" and key not in ("if", "then"):
                yield from objects(value, f"{path}/{key}")
    elif isinstance(schema, list):
        for n, value in enumerate(schema):
            yield from objects(value, f"{path}/{n}")


def validator(name):
    schema = load(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_there_is_a_schema_for_every_record():
    channels = load("munim.asyncapi.json")["components"]["messages"].values()
    referred = {message["payload"]["schema"]["$ref"] for message in channels}
    assert referred == set(SCHEMAS) - {"reading.json"}


@pytest.mark.parametrize("name", SCHEMAS)
def test_examples_are_valid_and_each_required_member_is_missed(name):
    check = validator(name)
    schema = load(name)
    assert schema["$schema"].endswith("2020-12/schema") and schema["examples"]
    for example in schema["examples"]:
        check.validate(example)
        for member in schema.get("required", []):
            without = {k: v for k, v in example.items() if k != member}
            assert not check.is_valid(without), f"{name} does without {member}"


@pytest.mark.parametrize("name", SCHEMAS)
def test_objects_are_closed_unless_a_channel_fills_them(name):
    for path, schema in objects(load(name)):
        if OPEN.isdisjoint(path.split("/")):
            assert "additionalProperties" in schema and schema["additionalProperties"] is not True, f"{name}{path}"
    for example in load(name)["examples"]:
        assert not validator(name).is_valid({**example, "unheard_of": 1})


WRONG = [
    ("inbound.message.json", ["key"], "+919812345678"),
    ("inbound.message.json", ["identities"], []),
    ("inbound.message.json", ["sent_at"], 1718000000),
    ("outbound.message.json", ["dedupe_key"], "ABC"),
    ("outbound.message.json", ["text"], "x" * 4097),
    ("outbound.message.json", ["seq"], 0),
    ("approval.state.json", ["state"], "ORDER_INITIATED"),
    ("approval.state.json", ["total_paise"], 2520.5),
    ("approval.state.json", ["lines", 0, "quantity"], 20),
    ("approval.state.json", ["route", "key"], ""),
    ("decision.order.json", ["verb"], "maybe"),
    ("decision.order.json", ["version"], None),
    ("reading.json", ["intent"], "pay"),
    ("reading.json", ["items", 0, "unit"], "metre"),
    ("reading.json", ["items", 0, "price"], 120),
    ("reading.json", ["clarify"], ["price"]),
]


@pytest.mark.parametrize("name, path, value", WRONG, ids=[f"{n}:{p[-1]}" for n, p, _ in WRONG])
def test_wrong_values_are_refused(name, path, value):
    example = copy.deepcopy(load(name)["examples"][0])
    at = example
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    assert not validator(name).is_valid(example)


def test_a_rejection_has_a_reason():
    example = copy.deepcopy(load("decision.order.json")["examples"][1])
    assert example["verb"] == "reject"
    example["reason"] = ""
    assert not validator("decision.order.json").is_valid(example)


def resolve(document, ref):
    at = document
    assert ref.startswith("#/")
    for step in ref[2:].split("/"):
        at = at[step]
    return at


def references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_asyncapi_refers_to_nothing_that_is_not_there():
    document = load("munim.asyncapi.json")
    assert document["asyncapi"] == "3.0.0"
    for ref in references(document):
        if ref.startswith("#"):
            resolve(document, ref)
        else:
            assert (CONTRACTS / ref).exists(), ref
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")


def test_topics_and_asyncapi_agree():
    channels = load("munim.asyncapi.json")["channels"]
    topics = {topic["name"]: topic for topic in load("topics.json")["topics"]}
    assert set(channels) == set(topics)
    for name, topic in topics.items():
        channel = channels[name]
        assert channel["address"] == "{prefix}." + topic["suffix"]
        assert channel["x-munim-synced"] is topic["synced"]
        kafka = channel["bindings"]["kafka"]
        assert kafka.get("partitions", "default") == topic["partitions"]
        settings = kafka["topicConfiguration"]
        assert settings["cleanup.policy"] == [topic["cleanup"]]
        assert settings.get("retention.ms") == topic.get("retention_ms")
        assert settings["max.message.bytes"] == topic["max_message_bytes"]


def test_what_must_outlive_a_power_cut_is_synced():
    topics = {topic["name"]: topic for topic in load("topics.json")["topics"]}
    assert {name for name, topic in topics.items() if topic["synced"]} == {"inbound", "receipt", "decision", "approval"}
    assert [name for name, topic in topics.items() if topic["cleanup"] == "compact"] == ["approval"]
    assert topics["dlq"]["partitions"] == 1
