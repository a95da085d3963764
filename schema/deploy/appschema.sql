-- Deploy munim:appschema to pg
-- Every deploy script is one transaction and may be run again: sqitch notes a change only after it has committed, so
-- a stop between the two makes it run once more.
BEGIN;
SET LOCAL lock_timeout = '10s';

CREATE SCHEMA IF NOT EXISTS munim;

-- Fails the transaction unless a statement touched as many rows as it must. Codes: MU001 fenced (epoch or next_offset),
-- MU002 conversation version, MU003 inbox row exists, MU004 stock, MU005 order version or state, MU006 hold,
-- MU007 guard state.
CREATE OR REPLACE FUNCTION munim.require(actual bigint, wanted bigint, code text, what text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF actual IS DISTINCT FROM wanted THEN
        RAISE EXCEPTION USING ERRCODE = code, MESSAGE = what, DETAIL = format('%s rows, wanted %s', actual, wanted);
    END IF;
END $$;

-- Trigger of the tables that only grow (books, transition log).
CREATE OR REPLACE FUNCTION munim.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'MU008',
        MESSAGE = format('%s.%s is append-only: %s refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP),
        HINT = 'A correction is a new row.';
END $$;

-- Trigger: updated_at moves on every change, whoever writes.
CREATE OR REPLACE FUNCTION munim.touch_updated_at() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;

COMMIT;
