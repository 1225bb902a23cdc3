"""Distributions that strangers could have written, each as a wheel of a few lines."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["STRANGERS", "Stranger", "build"]

_PLAIN = "class Plugin:\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A distribution with plugins by their names, and the source of its one module."""

    name: str
    version: str = "1.0"
    plugins: tuple[str, ...]
    source: str = f"{_PLAIN}    pass\n"
    entry: Mapping[str, str] = field(default_factory=dict)
    """The objects behind the names, where it is not `Plugin`."""

    @property
    def module(self) -> str:
        """The name of its module."""
        return self.name.replace("-", "_")


def _declaring(*lines: str) -> str:
    return _PLAIN + "".join(f"    {line}\n" for line in lines)


STRANGERS = (
    Stranger(name="acme-base", version="1.4", plugins=("base",)),
    Stranger(
        name="acme-modest", plugins=("modest",), source=_declaring('requires = {"base": ">=1,<2"}')
    ),
    Stranger(
        name="acme-modern", plugins=("modern",), source=_declaring('requires = {"base": ">=2"}')
    ),
    Stranger(
        name="acme-orphan", plugins=("orphan",), source=_declaring('requires = {"bass": ">=1"}')
    ),
    Stranger(name="acme-ink", plugins=("ink",), source=_declaring('conflicts = ["base"]')),
    Stranger(
        name="acme-hen",
        plugins=("egg", "hen"),
        entry={"egg": "Egg", "hen": "Hen"},
        source='class Hen:\n    after = ["egg"]\n\n\nclass Egg:\n    after = ["hen"]\n',
    ),
    Stranger(name="acme-future", plugins=("future",), source=_declaring('api = ">=7"')),
    Stranger(name="acme-broken", plugins=("broken",), source='raise RuntimeError("no licence")\n'),
    Stranger(name="acme-twin", plugins=("twin",)),
    Stranger(name="other-twin", plugins=("twin",)),
    Stranger(
        name="acme-knob",
        plugins=("knob",),
        source=(
            "from earnorm import EmbeddedModel, IntegerField\n\n\n"
            "class Knob(EmbeddedModel):\n    level = IntegerField(default=1, maximum=11)\n\n\n"
            "class Plugin:\n    Options = Knob\n\n    def __init__(self, options):\n        self.options = options\n"
        ),
    ),
    Stranger(
        name="acme-typo",
        plugins=("typo",),
        source=_declaring("def befor_save(self, instance): ..."),
    ),
)


def build(stranger: Stranger, directory: Path) -> Path:
    """Writes the wheel, as the specification of wheels has it; the record may leave out the hashes."""
    info = f"{stranger.module}-{stranger.version}.dist-info"
    points = "".join(
        f"{name} = {stranger.module}:{stranger.entry.get(name, 'Plugin')}\n"
        for name in stranger.plugins
    )
    files = {
        f"{stranger.module}.py": stranger.source,
        f"{info}/METADATA": (
            f"Metadata-Version: 2.1\nName: {stranger.name}\nVersion: {stranger.version}\n"
            "Requires-Dist: earnorm>=1.0.0a1,<2\n"
        ),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[earnorm.plugins]\n{points}",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    wheel = directory / f"{stranger.module}-{stranger.version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel
