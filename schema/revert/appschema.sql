-- Revert munim:appschema from pg
BEGIN;

-- No CASCADE: what somebody else put into the schema stops the revert.
DROP FUNCTION IF EXISTS munim.touch_updated_at();
DROP FUNCTION IF EXISTS munim.refuse_change();
DROP FUNCTION IF EXISTS munim.require(bigint, bigint, text, text);
DROP SCHEMA IF EXISTS munim;

COMMIT;
