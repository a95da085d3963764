-- Verify munim:messages on pg
BEGIN;

SELECT conversation_id, n, tenant_id, direction, message_id, kind, body, order_id, at
  FROM munim.message WHERE false;

ROLLBACK;
