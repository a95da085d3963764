"""What the schema's triggers and constraints hold, whoever writes."""

import uuid

import psycopg2
import psycopg2.errors
import pytest

from schema_database import schema

pytest_plugins = ["schema_fixtures"]

# Table and one of its columns.
APPEND_ONLY = {
    "ledger_txn": "kind",
    "ledger_entry": "account",
    "invoice": "number",
    "invoice_line": "hsn",
    "transition_log": "input",
}


def shop(cursor):
    """A shop with one customer; returns their ids."""
    ids = {name: str(uuid.uuid4()) for name in ("tenant", "contact", "conversation", "product", "variant", "batch")}
    code = ids["tenant"][:8]
    cursor.execute(
        "INSERT INTO munim.tenant (tenant_id, code, name, state_code) VALUES (%s, %s, 'A', '27')", (ids["tenant"], code)
    )
    cursor.execute("INSERT INTO munim.account VALUES ('whatsapp', %s, %s)", (code, ids["tenant"]))
    cursor.execute("INSERT INTO munim.contact (contact_id, tenant_id) VALUES (%s, %s)", (ids["contact"], ids["tenant"]))
    cursor.execute(
        "INSERT INTO munim.conversation (conversation_id, tenant_id, channel, account_id, contact_id, key, address)"
        " VALUES (%s, %s, 'whatsapp', %s, %s, '919812345678', '919812345678')",
        (ids["conversation"], ids["tenant"], code, ids["contact"]),
    )
    cursor.execute(
        "INSERT INTO munim.product (product_id, tenant_id, code, name, material, hsn, gst_bp)"
        " VALUES (%s, %s, 'C', 'cotton', 'cotton', '5208', 500)",
        (ids["product"], ids["tenant"]),
    )
    cursor.execute(
        "INSERT INTO munim.variant VALUES (%s, %s, %s, 'blue', 12000)", (ids["variant"], ids["tenant"], ids["product"])
    )
    cursor.execute(
        "INSERT INTO munim.batch (batch_id, tenant_id, variant_id, dye_lot, roll_um, rolls)"
        " VALUES (%s, %s, %s, 'L-1', 10000000, 2)",
        (ids["batch"], ids["tenant"], ids["variant"]),
    )
    return ids


def order(cursor, ids, state="COLLECTING_ITEMS"):
    order_id = str(uuid.uuid4())
    cursor.execute(
        "INSERT INTO munim.orders (order_id, tenant_id, conversation_id, contact_id, flow_version, state, version)"
        " VALUES (%s, %s, %s, %s, 1, %s, 1)",
        (order_id, ids["tenant"], ids["conversation"], ids["contact"], state),
    )
    return order_id


def invoice(cursor, ids):
    invoice_id = str(uuid.uuid4())
    order_id = order(cursor, ids, "ORDER_COMPLETED")
    cursor.execute(
        "INSERT INTO munim.invoice (invoice_id, tenant_id, order_id, series, fy, no, number, place_of_supply,"
        " inter_state, taxable_paise, cgst_paise, sgst_paise, igst_paise, round_off_paise, total_paise, dated)"
        " VALUES (%s, %s, %s, 'INV', '26-27', 1, 'INV/26-27/000001', '27', false, 100, 3, 3, 0, -6, 100, '2026-11-21')",
        (invoice_id, ids["tenant"], order_id),
    )
    return invoice_id


def ledger(cursor, ids, *amounts):
    txn = str(uuid.uuid4())
    cursor.execute(
        "INSERT INTO munim.ledger_txn (txn_id, tenant_id, kind, ref_id) VALUES (%s, %s, 'invoice', %s)",
        (txn, ids["tenant"], txn),
    )
    for n, amount in enumerate(amounts):
        cursor.execute(
            "INSERT INTO munim.ledger_entry VALUES (%s, %s, %s, 'sales', NULL, %s)", (txn, n, ids["tenant"], amount)
        )
    return txn


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_append_only(db, table, role):
    cursor = db.cursor()
    ids = shop(cursor)
    invoice(cursor, ids)
    ledger(cursor, ids, 100, -100)
    db.commit()
    update = f"UPDATE munim.{table} SET {APPEND_ONLY[table]} = 'x'"
    for statement in (update, f"DELETE FROM munim.{table}", f"TRUNCATE munim.{table} CASCADE"):
        cursor.execute(f"SET session_replication_role = {role}")
        with pytest.raises(psycopg2.Error, match="is append-only") as refused:
            cursor.execute(statement)
        assert refused.value.pgcode == "MU008"
        db.rollback()


@pytest.mark.parametrize("amounts", [(), (100,), (100, -99), (100, -50, -51)])
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_a_ledger_that_does_not_balance_is_refused_at_commit(db, amounts, role):
    cursor = db.cursor()
    ids = shop(cursor)
    cursor.execute(f"SET session_replication_role = {role}")
    ledger(cursor, ids, *amounts)
    with pytest.raises(psycopg2.Error, match="does not balance") as refused:
        db.commit()
    assert refused.value.pgcode == "MU009"


def test_a_balanced_ledger_is_kept_and_cannot_be_added_to(db):
    cursor = db.cursor()
    ids = shop(cursor)
    txn = ledger(cursor, ids, 105, -100, -5)
    db.commit()
    cursor.execute("INSERT INTO munim.ledger_entry VALUES (%s, 9, %s, 'sales', NULL, 1)", (txn, ids["tenant"]))
    with pytest.raises(psycopg2.Error, match="does not balance"):
        db.commit()


def version(cursor, tenant):
    cursor.execute("SELECT catalogue_version FROM munim.tenant WHERE tenant_id = %s", (tenant,))
    return cursor.fetchone()[0]


def test_the_catalogue_version_moves_with_each_statement_of_its_shop_only(db):
    cursor = db.cursor()
    ids, other = shop(cursor), shop(cursor)
    product = str(uuid.uuid4())
    moving = [
        ("UPDATE munim.product SET name = 'kapas' WHERE tenant_id = %(t)s", 1),
        ("UPDATE munim.variant SET price_paise = price_paise + 1 WHERE tenant_id = %(t)s", 1),
        ("INSERT INTO munim.word VALUES (%(t)s, 'color', 'blue', '{neela}'), (%(t)s, 'color', 'red', '{laal}')", 1),
        ("UPDATE munim.word SET aliases = '{}' WHERE tenant_id = %(t)s", 1),
        ("DELETE FROM munim.word WHERE tenant_id = %(t)s", 1),
        ("DELETE FROM munim.word WHERE tenant_id = %(t)s", 0),
        ("INSERT INTO munim.product VALUES (%(p)s, %(t)s, 'X', 'x', 'x', 'm', '5208', 500)", 1),
        ("DELETE FROM munim.product WHERE product_id = %(p)s", 1),
        ("UPDATE munim.tenant SET name = 'B' WHERE tenant_id = %(t)s", 0),
    ]
    before_other = version(cursor, other["tenant"])
    for statement, by in moving:
        before = version(cursor, ids["tenant"])
        cursor.execute(statement, {"t": ids["tenant"], "p": product})
        assert version(cursor, ids["tenant"]) == before + by, statement
    assert version(cursor, other["tenant"]) == before_other
    cursor.execute("TRUNCATE munim.word")
    assert version(cursor, other["tenant"]) == before_other + 1


def test_updated_at_moves(db):
    cursor = db.cursor()
    order_id = order(cursor, shop(cursor))
    db.commit()
    cursor.execute(
        "UPDATE munim.orders SET version = 2 WHERE order_id = %s RETURNING updated_at > created_at", (order_id,)
    )
    assert cursor.fetchone() == (True,)


def test_one_open_order_per_contact_and_flow(db):
    cursor = db.cursor()
    ids = shop(cursor)
    for state in ("ORDER_COMPLETED", "ORDER_REJECTED", "ORDER_CANCELLED", "WAITING_OWNER_CONFIRMATION"):
        order(cursor, ids, state)
    with pytest.raises(psycopg2.errors.UniqueViolation, match="orders_one_open"):
        order(cursor, ids)


@pytest.mark.parametrize("held, sold", [(3, 0), (0, 3), (1, 2), (-1, 0)])
def test_no_more_is_promised_than_there_is(db, held, sold):
    cursor = db.cursor()
    ids = shop(cursor)
    with pytest.raises(psycopg2.errors.CheckViolation):
        cursor.execute(
            "UPDATE munim.batch SET rolls_held = %s, rolls_sold = %s WHERE batch_id = %s", (held, sold, ids["batch"])
        )


def test_a_row_of_one_shop_cannot_point_at_another_shop(db):
    cursor = db.cursor()
    ids, other = shop(cursor), shop(cursor)
    order_id = order(cursor, ids)
    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        cursor.execute(
            "INSERT INTO munim.order_line (order_id, line_no, tenant_id, product_id, status)"
            " VALUES (%s, 1, %s, %s, 'NEGOTIATING')",
            (order_id, ids["tenant"], other["product"]),
        )


def test_books_with_an_invoice_are_not_reverted(url):
    connection = psycopg2.connect(url)
    invoice(connection.cursor(), shop(connection.cursor()))
    connection.commit()
    connection.close()
    done = schema("revert", url, "-y", check=False)
    assert done.returncode != 0 and "holds invoices" in done.stderr
    schema("deploy", url)
    connection = psycopg2.connect(url)
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM munim.invoice")
    assert cursor.fetchone() == (1,)
    connection.close()
