"""`python -m core` is `kaiin`."""

from core.cli import main

if __name__ == "__main__":
    main()
