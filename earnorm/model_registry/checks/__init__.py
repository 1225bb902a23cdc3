"""Checks over code: each module holds those of one subject, and `checking` runs them all."""

from earnorm.model_registry.checks.checking import audible, in_order, run_checks

__all__ = ["audible", "in_order", "run_checks"]
