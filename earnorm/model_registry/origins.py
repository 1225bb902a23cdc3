"""Which installed distributions bring a module."""

from importlib.metadata import distribution, packages_distributions

__all__ = ["Origins"]


class Origins:
    """Looks distributions up when it is first asked, and remembers what their files are."""

    def __init__(self) -> None:
        # top-level packages -> the names of the distributions that have something of it
        self._providers: dict[str, list[str]] | None = None
        self._files: dict[str, frozenset[str]] = {}
        self._known: dict[str, list[str]] = {}

    def named(self, module: str) -> list[str]:
        """The names and versions of those that list the module's file.

        None for a program's own module, and for one that is installed to be edited.
        """
        if module not in self._known:
            path = module.replace(".", "/")
            wanted = {f"{path}.py", f"{path}/__init__.py"}
            names = [one for one in self._of_package(module) if wanted & self._files_of(one)]
            self._known[module] = [_said(one) for one in names]
        return self._known[module]

    def _of_package(self, module: str) -> list[str]:
        if self._providers is None:
            self._providers = dict(packages_distributions())
        return sorted(set(self._providers.get(module.partition(".")[0], ())))

    def _files_of(self, name: str) -> frozenset[str]:
        if name not in self._files:
            files = distribution(name).files or ()
            self._files[name] = frozenset(map(str, files))
        return self._files[name]


def _said(name: str) -> str:
    found = distribution(name)
    return f"{found.metadata['Name']} {found.version}"
