"""How Sphinx builds the documentation: `tox -e docs`, where every warning is an error."""

import tomllib
from pathlib import Path

_pyproject = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))

project = "EarnORM"
author = "EarnORM contributors"
release = version = _pyproject["project"]["version"]

extensions = ["myst_parser"]
exclude_patterns = ["_build", "changes/**", "examples/**"]
nitpicky = True

myst_enable_extensions = ["deflist", "fieldlist"]
myst_heading_anchors = (
    4  # so that `errors.md#notconnectederror` is a link, and a wrong one a warning
)

html_theme = "furo"
html_title = f"EarnORM {release}"
html_show_copyright = False
html_show_sphinx = False
