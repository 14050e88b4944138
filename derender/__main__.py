"""``python -m derender``: the same as the command ``derender``."""

from derender.cli import main

if __name__ == "__main__":
    main()
