"""Plugins: hooks, discovery, order, and the compiled plans that run them. All of pluggy is here."""

from earnorm.plugins.discovery import GROUP, Catalogue, InstalledPlugin, installed
from earnorm.plugins.distributions import DistributionFacts
from earnorm.plugins.enabling import EnabledPlugins, explain_order, rearrange
from earnorm.plugins.hookspecs import HOOKS, Hook, HookSpecs
from earnorm.plugins.manager import PluginManager, observe_everywhere
from earnorm.plugins.manifest import CORE_API, PluginInfo, PluginManifest, ResolvedPlugin
from earnorm.plugins.marker import hookimpl
from earnorm.plugins.nesting import Nested, run_nested
from earnorm.plugins.observing import HookCall, HookObserver, HookStats, HookTotals, Record
from earnorm.plugins.ordering import Constraint, Placement
from earnorm.plugins.plan import Implementation, Plan, run_all
from earnorm.plugins.plans import Plans
from earnorm.plugins.switches import SWITCHES

__all__ = [
    "CORE_API",
    "GROUP",
    "HOOKS",
    "SWITCHES",
    "Catalogue",
    "Constraint",
    "DistributionFacts",
    "EnabledPlugins",
    "Hook",
    "HookCall",
    "HookObserver",
    "HookSpecs",
    "HookStats",
    "HookTotals",
    "Implementation",
    "InstalledPlugin",
    "Nested",
    "Placement",
    "Plan",
    "Plans",
    "PluginInfo",
    "PluginManager",
    "PluginManifest",
    "Record",
    "ResolvedPlugin",
    "explain_order",
    "hookimpl",
    "installed",
    "observe_everywhere",
    "rearrange",
    "run_all",
    "run_nested",
]
