-- Loads one shop from its three files; run by scripts/demo-data with the variables shop, catalogue and stock.
-- Ids are made of the names, so that a second run finds the same rows: it puts words and prices right, and leaves
-- stock alone, which has a life of its own by then.
BEGIN;
-- An id of the same names is the same on every machine.
CREATE FUNCTION pg_temp.id_of(VARIADIC name text[]) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT md5('munim demo ' || array_to_string(name, ' '))::uuid $$;
-- Decimal metres to micrometres; a length finer than that is a mistake in the file.
CREATE FUNCTION pg_temp.um(metres text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF metres::numeric * 1000000 <> trunc(metres::numeric * 1000000) THEN
        RAISE EXCEPTION '% m is finer than a micrometre', metres;
    END IF;
    RETURN (metres::numeric * 1000000)::bigint;
END $$;

CREATE TEMP TABLE shop ON COMMIT DROP AS
    SELECT o, o->>'code' AS code, pg_temp.id_of('tenant', o->>'code') AS tenant_id FROM (SELECT :'shop'::jsonb AS o) s;
CREATE TEMP TABLE entry ON COMMIT DROP AS
    SELECT line::jsonb AS o FROM string_to_table(:'catalogue', E'\n') line WHERE line <> '';
CREATE TEMP TABLE lot ON COMMIT DROP AS
    SELECT line::jsonb AS o FROM string_to_table(:'stock', E'\n') line WHERE line <> '';

INSERT INTO munim.tenant AS t (tenant_id, code, name, gstin, state_code, invoice_series)
SELECT tenant_id, code, o->>'name', o->>'gstin', o->>'state_code', o->>'invoice_series' FROM shop
ON CONFLICT (tenant_id) DO UPDATE
   SET name = excluded.name, gstin = excluded.gstin, state_code = excluded.state_code, invoice_series = excluded.invoice_series
 WHERE (t.name, t.gstin, t.state_code, t.invoice_series)
       IS DISTINCT FROM (excluded.name, excluded.gstin, excluded.state_code, excluded.invoice_series);

INSERT INTO munim.account (channel, account_id, tenant_id, display)
SELECT a->>'channel', a->>'account_id', tenant_id, a->>'display' FROM shop, jsonb_array_elements(o->'accounts') a
ON CONFLICT DO NOTHING;

INSERT INTO munim.product AS p (product_id, tenant_id, code, name, material, unit, hsn, gst_bp, aliases)
SELECT pg_temp.id_of('product', s.code, e.o->>'id'), s.tenant_id, e.o->>'id', e.o->>'name', e.o->>'material', e.o->>'unit',
       e.o->>'hsn', (e.o->>'gst_bp')::int, ARRAY(SELECT jsonb_array_elements_text(e.o->'aliases'))
  FROM shop s, entry e WHERE NOT e.o ? 'kind'
ON CONFLICT (product_id) DO UPDATE
   SET name = excluded.name, material = excluded.material, unit = excluded.unit, hsn = excluded.hsn,
       gst_bp = excluded.gst_bp, aliases = excluded.aliases
 WHERE (p.name, p.material, p.unit, p.hsn, p.gst_bp, p.aliases)
       IS DISTINCT FROM (excluded.name, excluded.material, excluded.unit, excluded.hsn, excluded.gst_bp, excluded.aliases);

INSERT INTO munim.variant AS v (variant_id, tenant_id, product_id, color, price_paise)
SELECT pg_temp.id_of('variant', s.code, e.o->>'id', c.key), s.tenant_id, pg_temp.id_of('product', s.code, e.o->>'id'),
       c.key, c.value::bigint
  FROM shop s, entry e, jsonb_each_text(e.o->'price_paise') c WHERE NOT e.o ? 'kind'
ON CONFLICT (variant_id) DO UPDATE SET price_paise = excluded.price_paise WHERE v.price_paise <> excluded.price_paise;

INSERT INTO munim.word AS w (tenant_id, slot, name, aliases)
SELECT s.tenant_id, e.o->>'slot', e.o->>'name', ARRAY(SELECT jsonb_array_elements_text(e.o->'aliases'))
  FROM shop s, entry e WHERE e.o->>'kind' = 'word'
ON CONFLICT (tenant_id, slot, name) DO UPDATE SET aliases = excluded.aliases WHERE w.aliases <> excluded.aliases;

INSERT INTO munim.batch (batch_id, tenant_id, variant_id, dye_lot, roll_um, rolls, received_at)
SELECT pg_temp.id_of('batch', s.code, l.o->>'lot'), s.tenant_id,
       pg_temp.id_of('variant', s.code, l.o->>'product', l.o->>'color'), l.o->>'lot', pg_temp.um(l.o->>'roll_m'),
       (l.o->>'rolls')::int, (l.o->>'received')::timestamp AT TIME ZONE 'Asia/Kolkata'
  FROM shop s, lot l
ON CONFLICT (batch_id) DO NOTHING;

INSERT INTO munim.piece (piece_id, tenant_id, batch_id, length_um)
SELECT pg_temp.id_of('piece', s.code, l.o->>'lot', p.ordinality::text), s.tenant_id,
       pg_temp.id_of('batch', s.code, l.o->>'lot'), pg_temp.um(p.value)
  FROM shop s, lot l, jsonb_array_elements_text(l.o->'pieces_m') WITH ORDINALITY p
ON CONFLICT (piece_id) DO NOTHING;

SELECT format('%s: %s products, %s variants, %s lots', s.o->>'name',
       (SELECT count(*) FROM munim.product p WHERE p.tenant_id = s.tenant_id),
       (SELECT count(*) FROM munim.variant v WHERE v.tenant_id = s.tenant_id),
       (SELECT count(*) FROM munim.batch b WHERE b.tenant_id = s.tenant_id)) FROM shop s;
COMMIT;
