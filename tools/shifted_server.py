"""`ejournal-server serve` whose day begins when a test says: `python -m tools.shifted_server DATA PORT MOMENT`.

The program is the real one; only the clock, which is a parameter of it everywhere, runs from another moment.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from ejournal_server import app, folder


def main() -> None:
    """Serve until told to stop."""
    data, port, moment = Path(sys.argv[1]), int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
    began = time.monotonic()

    def clock() -> datetime:
        return moment + timedelta(seconds=time.monotonic() - began)

    app.log_to_stderr()
    with contextlib.closing(folder.open_office(data, os.environ.get("EJOURNAL_DATABASE"), clock)) as office:
        app.serve(office, "127.0.0.1", port, [])


if __name__ == "__main__":
    main()
