-- Verify munim:inbox on pg
BEGIN;

SELECT channel, account_id, message_id, topic, partition, "offset", conversation_id, at
  FROM munim.inbox WHERE false;
SELECT topic, partition, "offset", reason, raw, at
  FROM munim.refused WHERE false;
SELECT topic, partition, "offset", parked_id, conversation_id, channel, account_id, key, type, raw, reason, attempts,
       state, at
  FROM munim.parked WHERE false;
SELECT 'munim.inbox_at'::regclass, 'munim.parked_conversation'::regclass;

ROLLBACK;
