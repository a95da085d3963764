-- Deploy munim:books to pg
-- requires: orders
BEGIN;
SET LOCAL lock_timeout = '10s';

-- The next number of a series in a financial year; its row lock makes the numbers gap-free.
CREATE TABLE IF NOT EXISTS munim.series (
    tenant_id uuid NOT NULL REFERENCES munim.tenant,
    series    text NOT NULL,
    fy        text NOT NULL,                 -- '26-27'
    next_no   bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, series, fy)
);

CREATE TABLE IF NOT EXISTS munim.invoice (
    invoice_id      uuid PRIMARY KEY,
    tenant_id       uuid NOT NULL,
    order_id        uuid NOT NULL UNIQUE,    -- an order is invoiced once
    series          text NOT NULL,
    fy              text NOT NULL,
    no              bigint NOT NULL,
    number          text NOT NULL CHECK (char_length(number) <= 16),
    place_of_supply char(2) NOT NULL,
    inter_state     boolean NOT NULL,
    taxable_paise   bigint NOT NULL,
    cgst_paise      bigint NOT NULL,
    sgst_paise      bigint NOT NULL,
    igst_paise      bigint NOT NULL,
    round_off_paise bigint NOT NULL,
    total_paise     bigint NOT NULL,
    dated           date NOT NULL,
    at              timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, series, fy, no),
    UNIQUE (tenant_id, fy, number),
    CHECK (taxable_paise + cgst_paise + sgst_paise + igst_paise + round_off_paise = total_paise),
    FOREIGN KEY (tenant_id, order_id) REFERENCES munim.orders (tenant_id, order_id)
);

CREATE TABLE IF NOT EXISTS munim.invoice_line (
    invoice_id    uuid NOT NULL REFERENCES munim.invoice,
    line_no       int NOT NULL,
    description   text NOT NULL,
    hsn           text NOT NULL,
    quantity_um   bigint NOT NULL,
    price_paise   bigint NOT NULL,
    gst_bp        int NOT NULL,
    taxable_paise bigint NOT NULL,
    cgst_paise    bigint NOT NULL,
    sgst_paise    bigint NOT NULL,
    igst_paise    bigint NOT NULL,
    total_paise   bigint NOT NULL,
    PRIMARY KEY (invoice_id, line_no)
);

CREATE TABLE IF NOT EXISTS munim.ledger_txn (
    txn_id    uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    kind      text NOT NULL,
    ref_id    uuid NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, kind, ref_id)         -- one cause is booked once
);

CREATE TABLE IF NOT EXISTS munim.ledger_entry (
    txn_id       uuid NOT NULL REFERENCES munim.ledger_txn,
    n            int NOT NULL,
    tenant_id    uuid NOT NULL,
    account      text NOT NULL,
    contact_id   uuid,
    amount_paise bigint NOT NULL CHECK (amount_paise <> 0), -- debit positive, credit negative
    PRIMARY KEY (txn_id, n)
);
CREATE INDEX IF NOT EXISTS ledger_entry_contact ON munim.ledger_entry (tenant_id, contact_id)
    WHERE contact_id IS NOT NULL;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['invoice', 'invoice_line', 'ledger_txn', 'ledger_entry'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON munim.%I
            FOR EACH STATEMENT EXECUTE FUNCTION munim.refuse_change()', t);
        -- ALWAYS: a session_replication_role of replica does not open the books either.
        EXECUTE format('ALTER TABLE munim.%I ENABLE ALWAYS TRIGGER append_only', t);
    END LOOP;
END $$;

-- Double entry, judged at commit: the entries of a transaction are at least two and their sum is 0. Fires for the
-- transaction's own row too, so that one without entries is refused.
CREATE OR REPLACE FUNCTION munim.ledger_balanced() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    entries bigint;
    total   numeric;
BEGIN
    SELECT count(*), coalesce(sum(amount_paise), 0) INTO entries, total
      FROM munim.ledger_entry WHERE txn_id = NEW.txn_id;
    IF entries < 2 OR total <> 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'MU009',
            MESSAGE = format('ledger transaction %s does not balance: %s entries, sum %s paise', NEW.txn_id, entries, total);
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS ledger_balanced ON munim.ledger_txn;
CREATE CONSTRAINT TRIGGER ledger_balanced AFTER INSERT ON munim.ledger_txn
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION munim.ledger_balanced();
ALTER TABLE munim.ledger_txn ENABLE ALWAYS TRIGGER ledger_balanced;
DROP TRIGGER IF EXISTS ledger_balanced ON munim.ledger_entry;
CREATE CONSTRAINT TRIGGER ledger_balanced AFTER INSERT ON munim.ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION munim.ledger_balanced();
ALTER TABLE munim.ledger_entry ENABLE ALWAYS TRIGGER ledger_balanced;

COMMIT;
