-- Verify munim:contacts on pg
BEGIN;

SELECT contact_id, tenant_id, name, created_at
  FROM munim.contact WHERE false;
SELECT tenant_id, identity, contact_id
  FROM munim.contact_identity WHERE false;
SELECT conversation_id, tenant_id, channel, account_id, contact_id, key, address, version, next_seq, parked, language,
       created_at
  FROM munim.conversation WHERE false;

ROLLBACK;
