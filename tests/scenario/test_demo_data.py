"""The demo shop as data."""

import json
import re
import shutil

import psycopg2

from schema_database import ROOT, SCHEMA, run

pytest_plugins = ["schema_fixtures"]


def test_the_demo_shop_is_loaded_once_and_twice(url, tmp_path):
    run(ROOT / "scripts/demo-data", DATABASE_URL=url)
    connection = psycopg2.connect(url)
    cursor = connection.cursor()

    def content():
        rows = []
        for table in ("tenant", "account", "product", "variant", "word", "batch", "piece"):
            cursor.execute(f"SELECT t::text FROM munim.{table} t ORDER BY 1")
            rows += cursor.fetchall()
        connection.commit()
        return rows

    cursor.execute(
        "SELECT p.name, v.price_paise, b.rolls, b.roll_um, p.hsn, p.gst_bp,"
        " (SELECT count(*) FROM munim.batch o WHERE o.variant_id = v.variant_id)"
        " FROM munim.batch b JOIN munim.variant v USING (variant_id) JOIN munim.product p USING (product_id)"
        " WHERE b.dye_lot = 'L-17' AND v.color = 'blue'"
    )
    assert cursor.fetchall() == [("cotton", 12000, 2, 10000000, "5208", 500, 1)]
    cursor.execute("UPDATE munim.batch SET rolls_sold = 2 WHERE dye_lot = 'L-17'")
    connection.commit()
    before = content()
    run(ROOT / "scripts/demo-data", DATABASE_URL=url)
    assert content() == before

    # Another price in the file reaches the shop, and moves the catalogue's version by one.
    for name in ("shop.json", "stock.jsonl"):
        shutil.copy(SCHEMA / "demo" / name, tmp_path)
    lines = (SCHEMA / "demo/catalogue.jsonl").read_text()
    (tmp_path / "catalogue.jsonl").write_text(lines.replace('"blue":12000', '"blue":12100'))
    cursor.execute("SELECT catalogue_version FROM munim.tenant")
    was = cursor.fetchone()[0]
    connection.commit()
    run(ROOT / "scripts/demo-data", str(tmp_path), DATABASE_URL=url)
    cursor.execute("SELECT catalogue_version FROM munim.tenant")
    assert cursor.fetchone()[0] == was + 1
    connection.close()


def test_the_demo_shops_gstin_has_its_check_character():
    gstin = json.loads((SCHEMA / "demo/shop.json").read_text())["gstin"]
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    total = 0
    for place, letter in enumerate(gstin[:14]):
        product = letters.index(letter) * (1 + place % 2)
        total += product // 36 + product % 36
    assert re.fullmatch(r"27[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]", gstin)
    assert gstin[14] == letters[(36 - total % 36) % 36]
