-- Deploy munim:orders to pg
-- requires: contacts
-- requires: stock
BEGIN;
SET LOCAL lock_timeout = '10s';

-- The one place that holds an order's state. An order is born with its first readable item.
CREATE TABLE IF NOT EXISTS munim.orders (
    order_id        uuid PRIMARY KEY,
    tenant_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    contact_id      uuid NOT NULL,
    flow            text NOT NULL DEFAULT 'order',
    flow_version    int NOT NULL,
    state           text NOT NULL CHECK (state IN ('COLLECTING_ITEMS', 'CUSTOMER_NEGOTIATION',
                        'FINAL_CUSTOMER_CONFIRMATION', 'WAITING_OWNER_CONFIRMATION', 'ORDER_COMPLETED',
                        'ORDER_REJECTED', 'ORDER_CANCELLED')),
    version         bigint NOT NULL,
    closure_reason  text,
    pending_slot    text,                    -- what was last asked, and of which line
    pending_line    int,
    taxable_paise   bigint NOT NULL DEFAULT 0,
    tax_paise       bigint NOT NULL DEFAULT 0,
    total_paise     bigint NOT NULL DEFAULT 0,
    asked_at        timestamptz,             -- of the owner
    expires_at      timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    closed_at       timestamptz,
    UNIQUE (tenant_id, order_id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES munim.conversation (tenant_id, conversation_id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES munim.contact (tenant_id, contact_id)
);
CREATE UNIQUE INDEX IF NOT EXISTS orders_one_open ON munim.orders (tenant_id, contact_id, flow)
    WHERE state NOT IN ('ORDER_COMPLETED', 'ORDER_REJECTED', 'ORDER_CANCELLED');
CREATE INDEX IF NOT EXISTS orders_conversation ON munim.orders (conversation_id);

CREATE OR REPLACE TRIGGER touch_updated_at BEFORE UPDATE ON munim.orders
    FOR EACH ROW EXECUTE FUNCTION munim.touch_updated_at();

-- Lines from the first word on; nothing is copied when the order is confirmed.
CREATE TABLE IF NOT EXISTS munim.order_line (
    order_id     uuid NOT NULL,
    line_no      int NOT NULL CHECK (line_no > 0),
    tenant_id    uuid NOT NULL,
    product_id   uuid NOT NULL,
    variant_id   uuid,                       -- NULL while the colour is not known
    requested_um bigint CHECK (requested_um > 0),
    quantity_um  bigint CHECK (quantity_um > 0),
    status       text NOT NULL CHECK (status IN ('NEGOTIATING', 'ACCEPTED', 'CANCELLED', 'REPLACED')),
    stock_status text CHECK (stock_status IN ('FULL_AVAILABLE', 'PARTIAL_AVAILABLE', 'OUT_OF_STOCK')),
    available_um bigint,                     -- of the best single lot, when last checked
    batch_id     uuid,
    price_paise  bigint,                     -- frozen when quoted, with gst_bp and hsn
    gst_bp       int,
    hsn          text,
    amount_paise bigint,
    replaced_by  int,
    PRIMARY KEY (order_id, line_no),
    FOREIGN KEY (tenant_id, order_id) REFERENCES munim.orders (tenant_id, order_id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES munim.product (tenant_id, product_id),
    FOREIGN KEY (tenant_id, variant_id) REFERENCES munim.variant (tenant_id, variant_id),
    FOREIGN KEY (tenant_id, batch_id) REFERENCES munim.batch (tenant_id, batch_id)
);

-- Every step of every order, refused ones (ok false) too.
CREATE TABLE IF NOT EXISTS munim.transition_log (
    transition_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id     uuid NOT NULL,
    order_id      uuid NOT NULL,
    from_state    text NOT NULL,
    to_state      text NOT NULL,
    input         text NOT NULL,
    ok            boolean NOT NULL,
    topic         text NOT NULL,
    partition     int NOT NULL,
    "offset"      bigint NOT NULL,
    at            timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS transition_log_order ON munim.transition_log (order_id);

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON munim.transition_log
    FOR EACH STATEMENT EXECUTE FUNCTION munim.refuse_change();
ALTER TABLE munim.transition_log ENABLE ALWAYS TRIGGER append_only;

COMMIT;
