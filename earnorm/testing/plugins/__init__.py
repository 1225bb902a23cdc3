"""The suite that every plugin can pass. Needs pytest and pytest-asyncio."""

import pkgutil

try:
    import pytest
    import pytest_asyncio
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in {"pytest", "pytest_asyncio"}:
        raise
    raise ModuleNotFoundError(
        f"earnorm.testing.PluginSuite needs pytest and pytest-asyncio, and {error.name!r} is not "
        "installed. Install both with: pip install pytest pytest-asyncio",
        name=error.name,
    ) from error

# What a failed assertion compared is shown only in modules that pytest was told of before their import.
pytest.register_assert_rewrite(
    *(module.name for module in pkgutil.iter_modules(__path__, f"{__name__}."))
)

from earnorm.testing.plugins.suite import PluginSuite  # noqa: E402 # after the line above

__all__ = ["PluginSuite"]

_NEEDED = (pytest, pytest_asyncio)
