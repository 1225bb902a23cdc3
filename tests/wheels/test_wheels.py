"""What pip installs, and how a program fares with it."""

import zipfile
from pathlib import Path

import pytest

from tests.wheels.conftest import Environment

pytestmark = pytest.mark.wheels

WHEELS = {
    "earnorm": "earnorm",
    "earnorm_timestamp": "earnorm_plugins/timestamp/src/earnorm_timestamp",
    "earnorm_softdelete": "earnorm_plugins/softdelete/src/earnorm_softdelete",
    "earnorm_audit": "earnorm_plugins/audit/src/earnorm_audit",
}


@pytest.mark.parametrize("package", WHEELS)
def test_a_wheel_holds_its_package_whole_and_nothing_else(
    package: str, wheelhouse: Path, root: Path
) -> None:
    (wheel,) = wheelhouse.glob(f"{package}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    source = root / WHEELS[package]
    expected = {
        f"{package}/{path.relative_to(source).as_posix()}"
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    # pytest's plugin lies beside the package, so that loading it imports none of it.
    expected = {name.removeprefix("earnorm/testing/pytest11/") for name in expected}
    assert {name for name in names if ".dist-info/" not in name} == expected
    assert f"{package}/py.typed" in names


def test_the_core_needs_its_own_dependencies_only(core_alone: Environment, tmp_path: Path) -> None:
    named = {"earnorm", "importlib_metadata", "packaging", "pluggy", "pymongo"}
    assert named <= core_alone.installed().keys()
    assert "typing_extensions" not in core_alone.installed()
    assert "No broken requirements" in core_alone.pip("check")

    found = core_alone.save_ada(cwd=tmp_path)

    assert found["document"]["name"] == "Ada"
    assert not {"typer", "rich", "typing_extensions"} & set(found["modules"])


def test_the_command_without_its_extra_names_the_extra(
    core_alone: Environment, tmp_path: Path
) -> None:
    done = core_alone.command("plugins", cwd=tmp_path)

    assert done.returncode != 0
    assert "earnorm[cli]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_plugin_works_while_its_distribution_is_installed(
    core_alone: Environment, tmp_path: Path
) -> None:
    _expect_unknown_timestamp(core_alone, tmp_path)

    core_alone.install("earnorm-timestamp")
    try:
        document = core_alone.save_ada("timestamp", cwd=tmp_path)["document"]
        assert document["created_at"] == document["updated_at"]
        assert document["created_at"].endswith("+00:00")
    finally:
        core_alone.pip("uninstall", "--yes", "earnorm-timestamp")

    _expect_unknown_timestamp(core_alone, tmp_path)


def test_both_plugins_work_together(core_alone: Environment, tmp_path: Path) -> None:
    core_alone.install("earnorm-timestamp", "earnorm-softdelete")
    try:
        document = core_alone.save_ada("timestamp", "softdelete", cwd=tmp_path)["document"]
        assert document["created_at"] == document["updated_at"]
    finally:
        core_alone.pip("uninstall", "--yes", "earnorm-timestamp", "earnorm-softdelete")


def test_a_plugin_brings_the_distribution_of_the_one_that_it_requires(
    core_alone: Environment, tmp_path: Path
) -> None:
    core_alone.install("earnorm-audit")
    try:
        document = core_alone.save_ada("audit", cwd=tmp_path)["document"]
        assert document["created_at"] == document["updated_at"]
    finally:
        core_alone.pip("uninstall", "--yes", "earnorm-audit", "earnorm-timestamp")


@pytest.mark.parametrize(
    ("plugins", "audited"), [(("audit", "loud"), "Ada"), (("loud", "audit"), "ADA")]
)
def test_strangers_plugins_run_in_the_order_of_meta(
    plugins: tuple[str, ...], audited: str, with_strangers: Environment, tmp_path: Path
) -> None:
    found = with_strangers.save_ada(*plugins, cwd=tmp_path)

    assert found["document"]["name"] == "ADA"
    assert found["document"]["name_as_audited"] == audited
    assert found["journal"] == ["ADA is stored"]


def test_an_installed_plugin_that_is_not_named_is_not_imported(
    with_strangers: Environment, tmp_path: Path
) -> None:
    found = with_strangers.save_ada("loud", cwd=tmp_path)

    assert "name_as_audited" not in found["document"]
    assert "loud_names" in found["modules"]
    assert "acme_audit" not in found["modules"]


def test_a_misspelt_name_is_answered_with_the_distribution_that_is_near(
    with_strangers: Environment, tmp_path: Path
) -> None:
    message = _failure(with_strangers, "adit", tmp_path)

    assert "Did you mean 'audit' (acme-audit 2.3.0)?" in message


def _expect_unknown_timestamp(environment: Environment, cwd: Path) -> None:
    message = _failure(environment, "timestamp", cwd)
    assert message.startswith(
        "earnorm.errors.plugins.UnknownPluginError: __main__.Person names the plugin 'timestamp'"
    )
    assert "no installed distribution advertises" in message
    assert "Install the distribution that provides it with pip" in message


def _failure(environment: Environment, plugin: str, cwd: Path) -> str:
    """The last line of a program that died at its class line."""
    program = Path(__file__).parent / "programs" / "save_ada.py"
    done = environment.python(str(program), plugin, cwd=cwd)
    assert done.returncode == 1
    assert "class Person(BaseModel):" in done.stderr
    return done.stderr.strip().splitlines()[-1]
