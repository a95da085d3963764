-- Revert munim:orders from pg
BEGIN;

DROP TABLE IF EXISTS munim.transition_log;
DROP TABLE IF EXISTS munim.order_line;
DROP TABLE IF EXISTS munim.orders;

COMMIT;
