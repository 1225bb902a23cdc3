"""Two faults of each kind around the shop where it is to serve people, each found with what to do about it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.docs.shop_process import EXAMPLES, run_beside_shop

pytestmark = pytest.mark.once

FILE = "sqlite:///shop.db"
SHOP = "from earnorm.cli import main; main()"


def deployed(
    *, url: str | None = "", site: Path | None = None, **environment: str
) -> list[dict[str, Any]]:
    """What `--deploy` finds; an empty URL is none, and for None the variable is not set by this."""
    options = ["--deploy", "--json", "--fail-level", "never"]
    settings = environment if url is None else {"EARNORM_DATABASE_URL": url, **environment}
    printed = run_beside_shop("-c", SHOP, "check", "shop", *options, site=site, **settings)
    return [one for one in json.loads(printed) if one["id"].startswith("earnorm.E")]


def told(found: list[dict[str, Any]], check: str) -> list[tuple[str, str]]:
    return [(one["subject"], one["level"]) for one in found if one["id"] == f"earnorm.{check}"]


def install(site: Path, name: str, *files: str) -> None:
    """Makes a distribution look installed that brings these files, all of them empty."""
    folder = site / f"{name}-1.0.dist-info"
    folder.mkdir(parents=True)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    (folder / "METADATA").write_text(metadata, "utf-8")
    (folder / "RECORD").write_text("".join(f"{file},,\n" for file in files), "utf-8")
    for file in files:
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).touch()


def test_switches_that_take_plugins_away() -> None:
    found = deployed(EARNORM_PLUGINS_DISABLED="audit", EARNORM_PLUGINS_IGNORED="audit")

    assert told(found, "E001") == [
        ("EARNORM_PLUGINS_DISABLED", "warning"),
        ("EARNORM_PLUGINS_IGNORED", "warning"),
    ]
    assert "Unset it" in found[0]["hint"]


@pytest.mark.parametrize("url", [None, "", "sqlite://", "sqlite:///:memory:"])
def test_a_store_that_nobody_named_or_that_is_gone_with_the_process(
    url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EARNORM_DATABASE_URL", raising=False)
    (finding,) = deployed(url=url)

    assert finding["id"] == ("earnorm.E003" if url else "earnorm.E002")
    assert ("Name a file" if url else "Set EARNORM_DATABASE_URL") in finding["hint"]


def test_models_that_two_distributions_ship_are_told_with_both(tmp_path: Path) -> None:
    shared = ["shop/orders/order.py", "shop/users/role.py"]
    install(tmp_path, "acme_shop", *shared, "shop/values.py")
    install(tmp_path, "other_shop", *shared)
    found = deployed(site=tmp_path)

    assert told(found, "E004") == [
        ("shop.orders.order.Order", "error"),
        ("shop.users.role.Role", "error"),
    ]
    for finding in found[:2]:
        assert finding["model"] == finding["subject"]
        assert "acme_shop 1.0 and by other_shop 1.0" in finding["message"]
        assert "Uninstall both" in finding["hint"]


def test_every_kind_of_check_is_planted_here() -> None:
    page = (EXAMPLES.parent / "reference" / "commands.md").read_text("utf-8")
    listed = {row.split("`")[1] for row in page.splitlines() if row.startswith("| `earnorm.E")}

    assert listed == {f"earnorm.E00{number}" for number in (1, 2, 3, 4)}
