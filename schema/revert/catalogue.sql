-- Revert munim:catalogue from pg
BEGIN;

DROP TABLE IF EXISTS munim.word;
DROP TABLE IF EXISTS munim.variant;
DROP TABLE IF EXISTS munim.product;
DROP FUNCTION IF EXISTS munim.catalogue_changed();

COMMIT;
