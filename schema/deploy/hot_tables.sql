-- Deploy munim:hot_tables to pg
-- requires: stock contacts positions inbox orders holds approvals books outbox guard
BEGIN;
SET LOCAL lock_timeout = '10s';

-- Rows that every turn or send updates: vacuum after 2 % of dead rows, without pauses, so that the pages' free room
-- comes back before new pages are taken.
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['conversation', 'part', 'orders', 'order_line', 'hold', 'batch', 'piece', 'series',
                             'outbox', 'guard', 'gate', 'approval'] LOOP
        EXECUTE format('ALTER TABLE munim.%I SET (autovacuum_vacuum_scale_factor = 0.02,
            autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0)', t);
    END LOOP;
END $$;

-- Room in the page for the next version of a row whose updated columns no index holds (heap-only updates).
ALTER TABLE munim.batch SET (fillfactor = 85);
ALTER TABLE munim.piece SET (fillfactor = 85);
ALTER TABLE munim.gate SET (fillfactor = 85);
ALTER TABLE munim.series SET (fillfactor = 50);

-- The inbox only grows between purges; its visibility map keeps look-ups of a repeat to the index.
ALTER TABLE munim.inbox SET (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

COMMIT;
