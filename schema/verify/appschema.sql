-- Verify munim:appschema on pg
BEGIN;

SELECT munim.require(1, 1, 'MU001', 'one is one');
SELECT has_function_privilege('munim.refuse_change()', 'execute');
SELECT has_function_privilege('munim.touch_updated_at()', 'execute');
DO $$
BEGIN
    PERFORM munim.require(0, 1, 'MU004', 'stock');
    ASSERT false, 'munim.require let a wrong count pass';
EXCEPTION WHEN SQLSTATE 'MU004' THEN
    NULL;
END $$;

ROLLBACK;
