-- Revert munim:books from pg
BEGIN;

-- Tax law keeps invoices for six years: a database that holds one is not reverted past them.
DO $$
BEGIN
    IF to_regclass('munim.invoice') IS NULL THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM munim.invoice) THEN
        RAISE EXCEPTION 'munim.invoice holds invoices; the books are not dropped'
            USING HINT = 'Keep a dump of them, then drop the whole database.';
    END IF;
END $$;

DROP TABLE IF EXISTS munim.ledger_entry;
DROP TABLE IF EXISTS munim.ledger_txn;
DROP TABLE IF EXISTS munim.invoice_line;
DROP TABLE IF EXISTS munim.invoice;
DROP TABLE IF EXISTS munim.series;
DROP FUNCTION IF EXISTS munim.ledger_balanced();

COMMIT;
