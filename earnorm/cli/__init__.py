"""The command line: `earnorm models`, `earnorm plugins`. Thin, and the only room that needs the extra `cli`."""

import sys

__all__ = ["main"]


def main() -> None:
    """Runs the command that the process was started with, and exits with its code.

    Without the extra `cli` it says what to install, and exits with 2.
    """
    try:
        from earnorm.cli.application import start  # noqa: PLC0415 # typer and rich are optional
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing == "earnorm":
            raise
        sys.stderr.write(
            f"Error: the earnorm command needs the extra 'cli', and {missing!r} is not installed. "
            "Install it with: pip install 'earnorm[cli]'\n"
        )
        sys.exit(2)
    start()
