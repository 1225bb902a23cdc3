"""Checks over code: each module holds those of one subject, and `checking` runs them all."""

from earnorm.model_registry.checks.checking import run_checks

__all__ = ["run_checks"]
