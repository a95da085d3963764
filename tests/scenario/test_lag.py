"""munim-lag and `munim lag`: what waits is told by somebody who does not himself wait in the queue."""
import json
import time

import pytest

from instance import http, wait_until

CUSTOMER = "919812345678"


def page(instance):
    """The series on munim-lag's /metrics, by name with labels."""
    text = http(f"http://{instance.address('munim-lag')['admin']}/metrics")[1].decode()
    return {name: float(value) for name, _, value in
            (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))}


def lag_sum(instance, group, topic):
    name = instance.name
    return page(instance).get(f'kafka_consumergroup_lag_sum{{consumergroup="{name}-{group}",topic="{name}.{topic}.v1"}}')


def seconds(instance, group, topic):
    """The oldest age over the topic's partitions."""
    start = f'munim_consumergroup_lag_seconds{{consumergroup="{instance.name}-{group}",topic="{instance.name}.{topic}.v1"'
    return max((value for name, value in page(instance).items() if name.startswith(start)), default=None)


def state(instance, group):
    """The state the group is in; every state has a series, and one is 1."""
    start = f'munim_consumergroup_state{{consumergroup="{instance.name}-{group}",state="'
    found = {name[len(start):-2]: value for name, value in page(instance).items() if name.startswith(start)}
    assert set(found) == {"Unknown", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead", "Empty"}
    assert sorted(found.values()) == [0, 0, 0, 0, 0, 1]
    return max(found, key=found.get)


def over_partitions(instance, metric, topic):
    start = f'{metric}{{topic="{instance.name}.{topic}.v1"'
    return sum(value for name, value in page(instance).items() if name.startswith(start))


def rows(instance, topic):
    return [row for row in map(json.loads, instance.munim("lag", "--json").splitlines())
            if row["topic"] == f"{instance.name}.{topic}.v1"]


def caught_up(instance):
    return all(lag_sum(instance, group, topic) == 0 and seconds(instance, group, topic) == 0
               for group, topic in (("worker", "inbound"), ("worker", "decision"),
                                    ("sender", "outbound"), ("sender", "receipt")))


def test_dead_workers_are_told_of(new_instance):
    instance = new_instance().start("munim-ingress", "munim-sim", "munim-worker", "munim-sender", "munim-lag")
    instance.say("20m blue cotton", CUSTOMER)
    instance.wait_sends(1, CUSTOMER)
    wait_until(lambda: over_partitions(instance, "kafka_topic_partition_current_offset", "outbound") >= 1 and
               caught_up(instance), 20, "a lag of 0")
    wait_until(lambda: state(instance, "worker") == state(instance, "sender") == "Stable", 20, "stable groups")
    assert page(instance)[f'kafka_consumergroup_members{{consumergroup="{instance.name}-worker"}}'] == 1

    instance.kill("munim-worker")
    instance.kill("munim-sender")
    for n in range(3):
        instance.say(f"{n + 1}m blue cotton", CUSTOMER)
    wait_until(lambda: lag_sum(instance, "worker", "inbound") == 3, 20, "a lag of 3")
    wait_until(lambda: state(instance, "worker") == "Empty" and state(instance, "sender") == "Empty", 30, "empty groups")
    assert lag_sum(instance, "sender", "outbound") == 0 and seconds(instance, "sender", "outbound") == 0
    assert over_partitions(instance, "munim_part_lag", "inbound") == 3

    # The oldest goes on ageing while nobody writes, as fast as the clock does.
    before, began = seconds(instance, "worker", "inbound"), time.monotonic()
    wait_until(lambda: seconds(instance, "worker", "inbound") > before + 2, 20, "a greater age")
    assert abs((seconds(instance, "worker", "inbound") - before) - (time.monotonic() - began)) < 1

    found = rows(instance, "inbound")
    assert [row["partition"] for row in found] == [0, 1, 2]
    assert sum(row["lag"] for row in found) == 3
    assert {(row["group"], row["state"], row["members"]) for row in found} == {(f"{instance.name}-worker", "Empty", 0)}
    assert all((row["lag"] > 0) == (row["lag_seconds"] > 0) for row in found)

    instance.start("munim-worker", "munim-sender")
    wait_until(lambda: caught_up(instance), 30, "a lag of 0")
    wait_until(lambda: state(instance, "worker") == "Stable", 20, "a stable group")
    assert over_partitions(instance, "munim_part_lag", "inbound") == 0


def test_a_group_that_never_was_lags_from_the_logs_start(new_instance):
    instance = new_instance().start("munim-ingress", "munim-sim", "munim-lag")
    for n in range(4):
        instance.say(f"message {n}", f"91981234567{n}")
    wait_until(lambda: lag_sum(instance, "worker", "inbound") == 4, 20, "a lag of 4")
    assert state(instance, "worker") == "Dead"
    assert seconds(instance, "worker", "inbound") > 0 and seconds(instance, "worker", "decision") == 0
    assert sum(row["lag"] for row in rows(instance, "inbound")) == 4
    assert {row["committed"] for row in rows(instance, "inbound")} == {None}
    table = instance.munim("lag").splitlines()
    assert table[0].split() == ["GROUP", "STATE", "MEMBERS", "TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "SECONDS"]
    assert len(table) == 1 + 4 * 3 and len({len(line) for line in table}) == 1


def test_postgres_away_hides_only_its_own_metric(new_instance):
    instance = new_instance({"postgres.url": "postgresql://nobody@127.0.0.1:9/nothing"})
    instance.start("munim-ingress", "munim-sim", "munim-lag")
    instance.say("hello", CUSTOMER)
    wait_until(lambda: lag_sum(instance, "worker", "inbound") == 1, 20, "a lag of 1")
    assert not [name for name in page(instance) if name.startswith("munim_part_lag")]


def test_the_admin_port_answers_while_kafka_is_away(services, new_instance):
    if not services.owns_kafka:
        pytest.skip("needs a Kafka of its own to kill")
    instance = new_instance().start("munim-lag")
    admin = f"http://{instance.address('munim-lag')['admin']}"
    services.kafka_kill()
    try:
        end, slowest, words = time.monotonic() + 40, 0, None
        while words is None and time.monotonic() < end:
            began = time.monotonic()
            assert http(admin + "/livez", timeout=3)[0] == 200
            slowest = max(slowest, time.monotonic() - began)
            status, answer = http(admin + "/readyz", timeout=3)
            words = answer.decode() if status == 503 else None
        assert slowest < 3
        assert services.bootstrap in words
        assert not [name for name in page(instance) if name.startswith(("kafka_", "munim_consumergroup_"))]
        code, out, errors = instance.munim("lag", check=False)
        assert (code, out) == (1, "") and services.bootstrap in errors
    finally:
        services.kafka_start()
    wait_until(lambda: http(admin + "/readyz")[0] == 200, 30, "readiness")
    assert lag_sum(instance, "worker", "inbound") == 0


def test_missing_topics_are_named(instance_without_topics):
    code, out, errors = instance_without_topics.munim("lag", check=False)
    assert (code, out) == (1, "")
    assert "munim topics create" in errors


@pytest.fixture
def instance_without_topics(new_instance):
    instance = new_instance()
    instance.settings["kafka.prefix"] = instance.name + "-other"
    return instance


def test_a_wrong_call_is_told_the_usage(new_instance):
    code, _, errors = new_instance().munim("lag", "--yaml", check=False)
    assert code == 2 and "usage: munim lag [--json]" in errors
