"""Kafka's side of an instance: what stands in its topics, and records that no program of ours would write."""
import collections
import uuid

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from services import wait_until

Record = collections.namedtuple("Record", "partition offset key type value")
PATIENCE = 15


class Topics:
    """Reads and writes the topics of one instance by their names without prefix ("inbound.v1")."""

    def __init__(self, instance):
        self.prefix = instance.name + "."
        self.bootstrap = instance.services.bootstrap
        self.consumer = Consumer({
            "bootstrap.servers": self.bootstrap, "group.id": uuid.uuid4().hex, "enable.auto.commit": False,
            "fetch.wait.max.ms": 20, "log_level": 2,
        })
        self.partitions = {}

    def close(self):
        self.consumer.close()

    def all(self, topic):
        """The numbers of the topic's partitions, which never change."""
        if topic not in self.partitions:
            about = self.consumer.list_topics(self.prefix + topic, timeout=PATIENCE).topics[self.prefix + topic]
            self.partitions[topic] = sorted(about.partitions)
        return self.partitions[topic]

    def ends(self, topic):
        """{partition: offset of the next record}."""
        found = {}

        def end(n):
            try:
                return self.consumer.get_watermark_offsets(TopicPartition(self.prefix + topic, n), timeout=PATIENCE)
            except KafkaException:  # a broker that has just been started has no leader yet
                return None

        for n in self.all(topic):
            found[n] = wait_until(lambda n=n: end(n), PATIENCE, f"the end of {topic} {n}")[1]
        return found

    def records(self, topic):
        """Every record of the topic in the order of its partitions and offsets."""
        ends = {n: end for n, end in self.ends(topic).items() if end > 0}
        self.consumer.assign([TopicPartition(self.prefix + topic, n, 0) for n in ends])
        found = []
        left = set(ends)
        while left:
            message = self.consumer.poll(PATIENCE)
            assert message is not None and message.error() is None, f"{topic} is not readable to its end: {message}"
            headers = dict(message.headers() or [])
            found.append(Record(message.partition(), message.offset(), (message.key() or b"").decode(),
                                (headers.get("ce_type") or b"").decode(), message.value()))
            if message.offset() + 1 >= ends[message.partition()]:
                left.discard(message.partition())
        self.consumer.unassign()
        return sorted(found)

    def put(self, topic, value, key="919800000000", headers=None):
        """Writes one record and returns (partition, offset)."""
        where = []
        producer = Producer({"bootstrap.servers": self.bootstrap, "partitioner": "murmur2_random", "log_level": 2})
        producer.produce(self.prefix + topic, value, key, headers=headers or {},
                         on_delivery=lambda error, m: where.append(error or (m.partition(), m.offset())))
        producer.flush(PATIENCE)
        assert where and isinstance(where[0], tuple), f"not written: {where}"
        return where[0]
