"""The files that `docs/guide/typing.md` shows are read by the checkers; each `# error` is one, and nothing else is."""

import re
from pathlib import Path

import pytest

from tests.typing.checkers import mypy_with_plugin, plain_mypy, pyright, run

GUIDE = "docs/guide/typing.md"
FILE = re.compile(r"```python no-run: the file (?P<path>\S+),[^\n]*\n(?P<source>.*?)```", re.DOTALL)

pytestmark = pytest.mark.once


@pytest.fixture
def files(root: Path) -> dict[str, str]:
    """What the guide shows, by path."""
    text = (root / GUIDE).read_text("utf-8")
    return {found["path"]: found["source"] for found in FILE.finditer(text)}


def write(directory: Path, files: dict[str, str], package: str) -> None:
    (directory / package).mkdir()
    (directory / package / "__init__.py").write_text("", "utf-8")
    for path, source in files.items():
        if path.startswith(f"{package}/"):
            (directory / path).write_text(source, "utf-8")


def marked(files: dict[str, str], package: str) -> set[tuple[str, int]]:
    """The lines that the guide says are errors."""
    return {
        (path, number)
        for path, source in files.items()
        if path.startswith(f"{package}/")
        for number, line in enumerate(source.splitlines(), start=1)
        if line.endswith("# error")
    }


def told(said: str) -> set[tuple[str, int]]:
    """The lines of which a checker says that they are errors."""
    found = re.findall(r"^\s*(\S+\.py):(\d+)(?::\d+)?(?: -|:) error", said, re.MULTILINE)
    return {("/".join(Path(path).parts[-2:]), int(line)) for path, line in found}


def test_the_guide_shows_the_package_and_its_use(files: dict[str, str]) -> None:
    assert list(files) == ["shop/models.py", "shop/app.py", "plain/models.py"]
    assert len(marked(files, "shop")) == 7
    assert len(marked(files, "plain")) == 3


def test_both_checkers_see_the_errors_of_the_shop(files: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, files, "shop")
    done = run("earnorm", "stubs", "shop", directory=tmp_path)
    assert done.endswith("exit code 0"), done
    for said in (plain_mypy(tmp_path, "shop"), pyright(tmp_path)):
        assert told(said) == marked(files, "shop"), said


def test_mypy_with_the_plugin_sees_the_errors_of_plain_models(
    files: dict[str, str], tmp_path: Path
) -> None:
    write(tmp_path, files, "plain")
    said = mypy_with_plugin(tmp_path, "plain/models.py")
    assert told(said) == marked(files, "plain"), said
