"""Distributions of strangers, installed by pip: what their plugins need of each other, and what is wrong with them."""

import json
from typing import Any

import pytest

from tests.wheels.conftest import PROGRAMS, Environment
from tests.wheels.strangers import STRANGERS, build

pytestmark = pytest.mark.wheels

REFUSED = {
    "modern": (
        "PluginCompatibilityError",
        "the plugin 'modern' (acme-modern 1.0) requires 'base' >=2, and acme-base 1.4 is installed.",
        "Install a version of acme-base in that range.",
    ),
    "orphan": (
        "UnknownPluginError",
        "its plugin 'orphan' requires the plugin 'bass', which no installed distribution advertises",
        "Did you mean 'base' (acme-base 1.4)?",
    ),
    "ink+base": (
        "PluginConflictError",
        "the plugins 'ink' (acme-ink 1.0) and 'base' (acme-base 1.4) cannot be enabled together.",
        "Take one of them out of Meta.plugins.",
    ),
    "hen+egg": ("PluginOrderError", "hen -> egg -> hen. Leave one of them out of Meta.plugins"),
    "future": (
        "PluginCompatibilityError",
        "the plugin 'future' (acme-future 1.0) knows the core API >=7, and this EarnORM has 1.0.",
        "Install a version of acme-future that was made for it.",
    ),
    "broken": (
        "PluginLoadError",
        "the plugin 'broken' from acme-broken 1.0 (acme_broken:Plugin) failed to import:",
        "RuntimeError('no licence'). Mend or upgrade acme-broken, or take 'broken' out of Meta.plugins.",
    ),
    "twin": (
        "PluginConflictError",
        "acme-twin 1.0 (acme_twin:Plugin) and other-twin 1.0 (other_twin:Plugin). Uninstall all but one",
    ),
    "knob:level=12": (
        "PluginOptionsError",
        "its plugin 'knob' from acme-knob 1.0 does not take its options",
        "plugin_options.knob.level: must be at most 11",
        "Meta.plugin_options",
    ),
    "knob:levle=2": ("PluginOptionsError", "plugin_options.knob.levle", "Did you mean 'level'?"),
    "typo": (
        "PluginDefinitionError",
        "the plugin 'typo' from acme-typo 1.0: 'befor_save' looks like a hook",
        "Did you mean 'before_save'?",
    ),
}
"""By the plugins of the model: the error, and what its message says."""


@pytest.fixture(scope="module")
def outcomes(core_alone: Environment, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What comes of a model with each list of plugins, in an environment with all of the strangers."""
    directory = tmp_path_factory.mktemp("strangers")
    wheels = [str(build(stranger, directory)) for stranger in STRANGERS]
    core_alone.pip("install", "--no-index", "--no-deps", *wheels)
    asked = ["modest", "base+modest", "knob", "knob:level=7", "broken+twin+future", *REFUSED]
    done = core_alone.python(str(PROGRAMS / "define.py"), *asked, cwd=directory)
    core_alone.pip("uninstall", "--yes", *(stranger.name for stranger in STRANGERS))
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_what_a_plugin_requires_is_enabled_with_it(outcomes: Any) -> None:
    both = ["base acme-base 1.4", "modest acme-modest 1.0"]
    assert outcomes["modest"] == {
        "plugins": both,
        "implied": {"base": ["modest"]},
        "options": {},
    }
    assert outcomes["base+modest"]["plugins"] == both
    assert outcomes["base+modest"]["implied"] == {}


def test_a_plugin_takes_the_options_of_its_type(outcomes: Any) -> None:
    assert outcomes["knob"]["options"] == {"knob": "Knob(level=1)"}
    assert outcomes["knob:level=7"]["options"] == {"knob": "Knob(level=7)"}


@pytest.mark.parametrize("plugins", REFUSED)
def test_what_is_wrong_is_told_with_plugin_distribution_and_remedy(
    plugins: str, outcomes: Any
) -> None:
    kind, *said = REFUSED[plugins]
    assert outcomes[plugins]["error"] == kind
    assert (
        outcomes[plugins]["message"].startswith("__main__.define.<locals>.Note")
        or "typo" in plugins
    )
    for words in said:
        assert words in outcomes[plugins]["message"]


def test_several_faults_are_told_together(outcomes: Any) -> None:
    found = outcomes["broken+twin+future"]
    assert found["error"] == "PluginFaultsError"
    for plugins in ("broken", "twin", "future"):
        for words in REFUSED[plugins][1:]:
            assert words in found["message"]
