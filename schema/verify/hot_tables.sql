-- Verify munim:hot_tables on pg
BEGIN;

DO $$
DECLARE
    missing text;
BEGIN
    SELECT string_agg(t, ', ') INTO missing
      FROM unnest(ARRAY['conversation', 'part', 'orders', 'order_line', 'hold', 'batch', 'piece', 'series',
                        'outbox', 'guard', 'gate', 'approval']) t
      JOIN pg_class c ON c.oid = ('munim.' || t)::regclass
     WHERE NOT coalesce(c.reloptions @> ARRAY['autovacuum_vacuum_scale_factor=0.02', 'autovacuum_vacuum_cost_delay=0'], false);
    ASSERT missing IS NULL, format('no vacuum settings on %s', missing);
END $$;

ROLLBACK;
