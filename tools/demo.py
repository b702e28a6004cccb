"""`make run`: an invented school, its server on loopback and the workstation; with no display, a day offscreen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ejournal_desktop import app, guards
from tools import day
from tools.demo_place import Days, DemoServer, InUse, alone_in, at_pc, seat
from tools.demo_school import PASSWORD, Story, prepare

ROOT = Path("build") / "demo"


def main() -> int:
    """Run the demo; return the exit status."""
    guards.check_surroundings()
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        say("Экрана нет: проигрываю школьный день без него.")
        return day.main()
    try:
        with alone_in(ROOT):
            return _run()
    except InUse:
        say("Эта выдуманная школа уже открыта в другом окне. Закройте его или работайте там.")
        return 1


def _run() -> int:
    story = prepare(ROOT, say)
    clock = Days(ROOT, story)
    server = DemoServer(ROOT, clock)
    server.start()
    try:
        with at_pc(ROOT / "staffroom"):
            people = [story.teacher, story.class_teacher, story.deputy, story.secretary, story.administrator]
            seat(server.pair("Учительская"), list(dict.fromkeys(people)), clock)
            say(f"В школе {clock():%d.%m.%Y, %H:%M}. Пароль каждого: {PASSWORD}")
            for who, person in _cast(story):
                say(f"  {who}: {story.names[person]}")
            return app.run(sys.argv[:1], clock)
    finally:
        clock.keep()
        server.stop()


def _cast(story: Story) -> list[tuple[str, str]]:
    """Return who is worth signing in as: (role, person's id)."""
    return [
        ("Больше всего уроков сегодня", story.teacher),
        ("Классный руководитель", story.class_teacher),
        ("Завуч", story.deputy),
        ("Секретарь", story.secretary),
        ("Администратор", story.administrator),
    ]


def say(text: str) -> None:
    """Print a line of progress at once."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
