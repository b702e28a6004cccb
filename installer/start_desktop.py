"""What the bundled workstation starts with."""

import sys

from ejournal_desktop.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
