"""What the bundled server starts with."""

import sys

from ejournal_server.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
