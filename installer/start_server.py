"""What the bundled server starts with."""

import multiprocessing
import sys

from ejournal_server.__main__ import main

if __name__ == "__main__":
    multiprocessing.freeze_support()  # a worker of `serve --workers` is this program again
    sys.exit(main())
