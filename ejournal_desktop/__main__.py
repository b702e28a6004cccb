"""Start the workstation; or, without a window: `self-test` a copy, `import` a school, draw a `paper`."""

from __future__ import annotations

import sys
from importlib.metadata import version

from ejournal_core.errors import Trouble
from ejournal_desktop import guards

USAGE = "ejournal-desktop [self-test | import … | paper … | --version]; без слов открывается окно"


def main() -> int:
    """Run one command; return the exit status."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        print(f"ejournal-desktop {version('ejournal')}")  # noqa: T201
        return 0
    if arguments == ["self-test"]:
        from ejournal_desktop import selftest

        return selftest.run()
    if arguments[:1] == ["import"]:
        from ejournal_desktop.exchange import command

        return command.run(arguments[1:], sys.stdout)
    if arguments[:1] == ["paper"]:
        from ejournal_desktop import paper_command

        return paper_command.main(arguments[1:])
    if (arguments[:1] and not arguments[0].startswith("-")) or arguments[:1] in (["-h"], ["--help"]):
        print(USAGE, file=sys.stderr)  # noqa: T201
        return 0 if arguments[0].startswith("-") else 2
    try:
        guards.keep_memory_off_the_disk()
        guards.check_surroundings()
    except Trouble as trouble:
        return _refuse(trouble)
    from ejournal_desktop import app

    return app.run(sys.argv)


def _refuse(trouble: Trouble) -> int:
    """Say in a window, and on the terminal, why the program does not start."""
    from ejournal_desktop.ui import refusal

    return refusal.show(trouble)


if __name__ == "__main__":
    sys.exit(main())
