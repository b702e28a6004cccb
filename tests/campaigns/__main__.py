"""`python -m tests.campaigns`: see `campaign.py`."""

import sys

from tests.campaigns.campaign import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
