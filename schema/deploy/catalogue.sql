-- Deploy munim:catalogue to pg
-- requires: tenants
BEGIN;
SET LOCAL lock_timeout = '10s';

CREATE TABLE IF NOT EXISTS munim.product (
    product_id uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES munim.tenant,
    code       text NOT NULL,
    name       text NOT NULL,
    material   text NOT NULL,
    unit       text NOT NULL DEFAULT 'm',
    hsn        text NOT NULL,
    gst_bp     int NOT NULL CHECK (gst_bp BETWEEN 0 AND 10000), -- whole rate, hundredths of a per cent
    aliases    text[] NOT NULL DEFAULT '{}',
    UNIQUE (tenant_id, code),
    UNIQUE (tenant_id, product_id)
);

-- What is sold: a product in one colour, with its price.
CREATE TABLE IF NOT EXISTS munim.variant (
    variant_id  uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL,
    product_id  uuid NOT NULL,
    color       text NOT NULL,
    price_paise bigint NOT NULL CHECK (price_paise > 0), -- per metre
    UNIQUE (product_id, color),
    UNIQUE (tenant_id, variant_id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES munim.product (tenant_id, product_id)
);

-- The shop's own word for a slot's value.
CREATE TABLE IF NOT EXISTS munim.word (
    tenant_id uuid NOT NULL REFERENCES munim.tenant,
    slot      text NOT NULL,
    name      text NOT NULL,
    aliases   text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, slot, name)
);

-- Workers keep a shop's words and prices by catalogue_version; whatever changes them moves it, once per statement.
CREATE OR REPLACE FUNCTION munim.catalogue_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE munim.tenant SET catalogue_version = catalogue_version + 1;
    ELSIF TG_OP = 'UPDATE' THEN
        UPDATE munim.tenant SET catalogue_version = catalogue_version + 1
         WHERE tenant_id IN (SELECT tenant_id FROM changed UNION SELECT tenant_id FROM before);
    ELSE
        UPDATE munim.tenant SET catalogue_version = catalogue_version + 1
         WHERE tenant_id IN (SELECT tenant_id FROM changed);
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['product', 'variant', 'word'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER catalogue_inserted AFTER INSERT ON munim.%I
            REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION munim.catalogue_changed()', t);
        EXECUTE format('CREATE OR REPLACE TRIGGER catalogue_updated AFTER UPDATE ON munim.%I
            REFERENCING OLD TABLE AS before NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION munim.catalogue_changed()', t);
        EXECUTE format('CREATE OR REPLACE TRIGGER catalogue_deleted AFTER DELETE ON munim.%I
            REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION munim.catalogue_changed()', t);
        EXECUTE format('CREATE OR REPLACE TRIGGER catalogue_truncated AFTER TRUNCATE ON munim.%I
            FOR EACH STATEMENT EXECUTE FUNCTION munim.catalogue_changed()', t);
    END LOOP;
END $$;

COMMIT;
