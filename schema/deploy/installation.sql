-- Deploy munim:installation to pg
-- requires: appschema
BEGIN;
SET LOCAL lock_timeout = '10s';

-- Who owns the Kafka prefix that the positions in this database belong to. One row, made here, carried along by a dump:
-- a restored database is the same installation.
CREATE TABLE IF NOT EXISTS munim.installation (
    one             boolean PRIMARY KEY DEFAULT true CHECK (one),
    installation_id uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO munim.installation DEFAULT VALUES ON CONFLICT DO NOTHING;

COMMIT;
