-- Verify munim:approvals on pg
BEGIN;

SELECT order_id, tenant_id, version, dirty, publish_after, publish_count
  FROM munim.approval WHERE false;
SELECT order_id, decision_id, tenant_id, verb, outcome, reason, by_whom, n, at
  FROM munim.decision WHERE false;
SELECT 'munim.approval_dirty'::regclass;

ROLLBACK;
