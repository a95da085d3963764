-- Revert munim:approvals from pg
BEGIN;

DROP TABLE IF EXISTS munim.decision;
DROP TABLE IF EXISTS munim.approval;

COMMIT;
