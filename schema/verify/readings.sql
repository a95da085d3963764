-- Verify munim:readings on pg
BEGIN;

SELECT channel, account_id, message_id, tenant_id, reader, outcome, model, prompt_hash, latency_us, answer, at
  FROM munim.reading WHERE false;
SELECT 'munim.reading_at'::regclass;

ROLLBACK;
