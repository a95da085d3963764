-- Deploy munim:tenants to pg
-- requires: appschema
BEGIN;
SET LOCAL lock_timeout = '10s';

CREATE TABLE IF NOT EXISTS munim.tenant (
    tenant_id         uuid PRIMARY KEY,
    code              text NOT NULL UNIQUE,
    name              text NOT NULL,
    gstin             text,
    state_code        char(2) NOT NULL,
    -- With a year and six figures it makes the sixteen characters that rule 46(b) allows.
    invoice_series    text NOT NULL DEFAULT 'INV' CHECK (invoice_series ~ '^[A-Z1-9][A-Z0-9]{0,2}$'),
    approval_ttl      interval NOT NULL DEFAULT '24 hours',
    catalogue_version bigint NOT NULL DEFAULT 1 -- moved by triggers of product, variant and word
);

-- A shop's number or bot at a channel.
CREATE TABLE IF NOT EXISTS munim.account (
    channel    text NOT NULL,
    account_id text NOT NULL,
    tenant_id  uuid NOT NULL REFERENCES munim.tenant,
    display    text NOT NULL DEFAULT '',
    PRIMARY KEY (channel, account_id)
);

COMMIT;
