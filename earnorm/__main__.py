"""`python -m earnorm` is the command `earnorm`."""

from earnorm.cli import main

if __name__ == "__main__":
    main()
