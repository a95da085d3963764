-- Verify munim:outbox on pg
BEGIN;

SELECT dedupe_key, tenant_id, conversation_id, seq, key, class, payload, traceparent, resend_of, created_at, taken_at,
       publish_after, publish_count
  FROM munim.outbox WHERE false;
SELECT 'munim.outbox_untaken'::regclass;

ROLLBACK;
