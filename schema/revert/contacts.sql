-- Revert munim:contacts from pg
BEGIN;

DROP TABLE IF EXISTS munim.conversation;
DROP TABLE IF EXISTS munim.contact_identity;
DROP TABLE IF EXISTS munim.contact;

COMMIT;
