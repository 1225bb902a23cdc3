"""What a plugin declares: the core takes it, and it is what is installed."""

import pytest

from earnorm.errors import EarnORMError
from earnorm.plugins import installed
from earnorm.testing.plugins.failing import fail
from earnorm.testing.plugins.subject import DescribesPlugin
from earnorm.testing.plugins.tested import Tested, advertised_name

__all__ = ["DeclaringSuite"]


class DeclaringSuite(DescribesPlugin):
    """Hooks, manifest and entry point."""

    async def test_a_model_can_have_it(self, tested: Tested) -> None:
        """No hook is misspelt, the manifest can be read, what it requires is there, its fields fit."""
        try:
            tested.define()
        except EarnORMError as error:
            fail(f"A model that names the plugin {tested.name!r} cannot be defined:", error=error)

    async def test_it_does_something(self, accepted: Tested) -> None:
        """A plugin without a hook runs never: a method whose name is far from every hook's is not one."""
        plugin = accepted.made()
        if not plugin.implementations:
            fail(
                f"The plugin {accepted.name!r} implements no hook, so enabling it does nothing.",
                "Name a method after the hook that it is for, such as before_save.",
            )

    async def test_it_is_installed_as_what_is_tested(self, accepted: Tested) -> None:
        """The entry point of this name leads to this very object."""
        points = installed.all().get(accepted.name, [])
        if not points:
            pytest.skip(f"no installed distribution advertises {accepted.name!r}")
        if advertised_name(accepted.plugin) != accepted.name:
            sources = " and ".join(sorted(point.source for point in points))
            fail(
                f"The plugin name {accepted.name!r} is advertised by {sources}, which is not what this suite tests.",
                "Mend the entry point in pyproject.toml, or 'plugin' and 'name' of the suite, and install the "
                "distribution again.",
            )
