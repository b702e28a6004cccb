"""What the bundled server starts with."""

from ejournal_server.__main__ import main

if __name__ == "__main__":
    main()
