"""``python -m validation NAME|NET.toml`` and ``python -m validation EXPERIMENT``: theory against simulation."""

import sys

from validation.cli import main

if __name__ == "__main__":
    sys.exit(main())
