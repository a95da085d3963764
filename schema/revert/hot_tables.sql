-- Revert munim:hot_tables from pg
BEGIN;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['conversation', 'part', 'orders', 'order_line', 'hold', 'batch', 'piece', 'series',
                             'outbox', 'guard', 'gate', 'approval'] LOOP
        EXECUTE format('ALTER TABLE munim.%I RESET (autovacuum_vacuum_scale_factor,
            autovacuum_analyze_scale_factor, autovacuum_vacuum_cost_delay)', t);
    END LOOP;
END $$;
ALTER TABLE munim.batch RESET (fillfactor);
ALTER TABLE munim.piece RESET (fillfactor);
ALTER TABLE munim.gate RESET (fillfactor);
ALTER TABLE munim.series RESET (fillfactor);
ALTER TABLE munim.inbox RESET (autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_cost_delay);

COMMIT;
