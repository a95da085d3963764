-- Verify munim:guard on pg
BEGIN;

SELECT dedupe_key, tenant_id, conversation_id, seq, partition, channel, account_id, class, payload, state, attempt,
       epoch, boot_id, deadline_us, not_before, uncertain_since, settled_by, provider_id, error_code, error,
       resend_of, created_at, settled_at
  FROM munim.guard WHERE false;
SELECT conversation_id, settled_through
  FROM munim.gate WHERE false;
SELECT channel, account_id, provider_id, dedupe_key, sent_at, delivered_at, read_at, failed_at, error_code
  FROM munim.delivery WHERE false;
SELECT 'munim.guard_open'::regclass, 'munim.guard_provider'::regclass;

ROLLBACK;
