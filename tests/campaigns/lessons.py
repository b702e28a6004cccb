"""Stories that failed once, each as short as it got, and what they taught: they are told again in every test run."""

from __future__ import annotations

from tests.campaigns.story import Plan, Step, Story

LESSONS: dict[str, Story] = {
    "what is typed while contents are compared is no damage": Story(
        Plan(seed=3, seats=(0, 1, 6, 7), loss=0.1, faults=False, page=7, portion=1, bent=0.1),
        (
            Step(number=13, seat=622, act="homework", a=680, b=744, c=644, pause=60),
            Step(number=24, seat=637, act="mark", a=730, b=511, c=474, pause=7200),
            Step(number=30, seat=846, act="meet", a=69, b=810, c=248, pause=5),
        ),
    ),
    "a page of history that ends at its last number ends the history": Story(
        Plan(seed=4, seats=(0, 1, 2, 4), loss=0.5, page=2, lines=3, bent=0.1),
        (Step(number=23, seat=814, act="new_desk", a=520, b=129, c=520, pause=7200),),
    ),
    "the first change of a desk is left out of a pull like any other": Story(
        Plan(seed=5, seats=(0, 1, 2, 4, 7), loss=0.5, beside=0.0, page=2, lines=3, portion=50),
        (
            Step(number=10, seat=23, act="take_load", a=418, b=334, c=286, pause=30),
            Step(number=14, seat=147, act="meet", a=273, b=937, c=482, pause=5),
            Step(number=36, seat=177, act="homework", a=421, b=932, c=455, pause=5),
        ),
    ),
    "what is entered for a page after it has left the desk leaves as well when it has been taken": Story(
        plan=Plan(
            seed=13, seats=(0, 1, 3, 4), loss=0.1, beside=0.4, faults=True, page=2, lines=5000, portion=3, bent=0.0
        ),
        steps=(
            Step(number=17, seat=319, act="meet", a=924, b=226, c=213, pause=7200),
            Step(number=20, seat=508, act="substitute", a=844, b=671, c=713, pause=1),
            Step(number=27, seat=307, act="take_load", a=266, b=488, c=938, pause=1),
            Step(number=29, seat=200, act="meet", a=740, b=643, c=129, pause=7200),
            Step(number=32, seat=309, act="mark", a=955, b=210, c=200, pause=600),
            Step(number=33, seat=987, act="meet", a=144, b=73, c=616, pause=1),
        ),
    ),
    "a person's second desk shows what waits of hers wherever it was entered": Story(
        Plan(seed=218, seats=(0, 1, 2, 3), loss=0.3, page=2, portion=50),
        (
            Step(number=5, seat=956, act="give_role", a=380, b=725, c=235, pause=7200),
            Step(number=9, seat=695, act="substitute", a=154, b=439, c=657, pause=600),
            Step(number=18, seat=411, act="new_desk", a=583, b=564, c=902, pause=1),
        ),
    ),
    "an own value that the log brings again hides nothing that waits since, and a lost page leaves it in sight": Story(
        Plan(seed=1073, seats=(0, 1, 2, 7), loss=0.3, beside=0.4, portion=1),
        (
            Step(number=9, seat=959, act="meet", a=727, b=199, c=838, pause=1),
            Step(number=11, seat=318, act="close_period", a=751, b=908, c=256, pause=1),
            Step(number=17, seat=185, act="deliver_sealed", a=614, b=257, c=69, pause=1),
            Step(number=19, seat=652, act="mark", a=91, b=760, c=18, pause=5),
            Step(number=36, seat=365, act="meet", a=162, b=907, c=663, pause=1),
            Step(number=37, seat=507, act="take_load", a=416, b=127, c=580, pause=60),
        ),
    ),
    "a request that has not left the desk changes nothing on the page": Story(
        Plan(seed=4021, seats=(0, 1, 7), loss=0.3, page=2, lines=3, portion=1, bent=0.1),
        (
            Step(number=7, seat=420, act="jump", a=268, b=912, c=626, pause=1),
            Step(number=8, seat=195, act="mark", a=342, b=772, c=268, pause=60),
            Step(number=30, seat=759, act="ask", a=674, b=55, c=811, pause=5),
            Step(number=33, seat=742, act="crash_meeting", a=834, b=543, c=878, pause=1),
        ),
    ),
    "of a page that is lost while a substitution there waits, only what waits stays": Story(
        Plan(seed=4118, seats=(0, 1, 3, 4, 7), loss=0.0, page=7, lines=3),
        (
            Step(number=1, seat=323, act="take_load", a=992, b=11, c=432, pause=60),
            Step(number=3, seat=177, act="mark", a=577, b=467, c=909, pause=7200),
            Step(number=9, seat=207, act="meet", a=700, b=189, c=836, pause=600),
            Step(number=10, seat=881, act="substitute", a=155, b=869, c=672, pause=60),
        ),
    ),
    "a server that lives in yesterday refuses nothing that is entered today": Story(
        Plan(seed=3003, seats=(0, 1, 2), loss=0.0, beside=0.0),
        (
            Step(number=1, seat=1, act="jump_server", a=4, b=1, c=0, pause=60),
            Step(number=2, seat=1, act="mark", a=0, b=1, c=0, pause=60),
            Step(number=3, seat=1, act="presence", a=0, b=3, c=0, pause=60),
            Step(number=4, seat=1, act="meet", a=0, b=0, c=0, pause=60),
            Step(number=5, seat=2, act="meet", a=0, b=0, c=0, pause=60),
            Step(number=6, seat=2, act="jump_server", a=0, b=0, c=0, pause=60),
            Step(number=7, seat=2, act="decide", a=0, b=1, c=1, pause=60),
        ),
    ),
    "a desk is revoked twice": Story(
        Plan(seed=73, seats=(0, 1, 2, 3), loss=0.0, beside=0.0, faults=False),
        (Step(1, 0, "revoke", 2, 0, 0, 1), Step(2, 0, "revoke", 2, 0, 0, 1), Step(3, 0, "meet", 0, 0, 0, 1)),
    ),
    "a new desk whose first snapshot is cut follows the school into a restore": Story(
        Plan(seed=53, seats=(0, 1, 3, 5, 6), loss=0.3, beside=0.4, page=2, lines=3, portion=3, chunk=2000),
        (
            Step(1, 199, "cut_snapshot", 324, 727, 845, 7200),
            Step(7, 638, "back_up", 934, 15, 627, 30),
            Step(9, 766, "restore_school", 553, 101, 604, 5),
        ),
    ),
    "a school that is restored twice in a minute has two more epochs": Story(
        Plan(seed=293, seats=(0, 1, 2), loss=0.0, beside=0.0, faults=False),
        (
            Step(1, 0, "back_up", 0, 0, 0, 1),
            Step(2, 0, "restore_school", 0, 0, 0, 1),
            Step(3, 0, "meet", 0, 0, 0, 5),
            Step(4, 0, "restore_school", 0, 0, 0, 1),
        ),
    ),
    "a school goes on from a copy that a restore had left behind": Story(
        Plan(seed=20057, seats=(0, 1, 2), loss=0.3, beside=0.15, page=7, portion=50, bent=0.1),
        (
            Step(6, 131, "mark", 267, 462, 948, 7200),
            Step(7, 401, "back_up", 792, 255, 33, 5),
            Step(11, 327, "back_up", 481, 442, 660, 30),
            Step(12, 520, "meet", 211, 150, 261, 30),
            Step(16, 700, "mark", 482, 549, 228, 7200),
            Step(17, 415, "back_up", 446, 741, 238, 1),
            Step(18, 166, "back_up", 513, 673, 379, 5),
            Step(21, 957, "restore_school", 68, 367, 138, 5),
            Step(22, 11, "meet", 258, 534, 915, 1),
            Step(25, 11, "back_up", 115, 948, 333, 5),
            Step(32, 871, "back_up", 118, 771, 22, 5),
            Step(33, 431, "restore_school", 795, 941, 329, 7200),
        ),
    ),
    "what is approved of a page that its author has lost since leaves the disk like the page": Story(
        Plan(
            seed=6044,
            seats=(0, 1, 2, 6, 7),
            loss=0.1,
            beside=0.4,
            faults=True,
            page=7,
            lines=3,
            portion=500,
            bent=0.1,
            chunk=1048576,
        ),
        (
            Step(number=2, seat=659, act="take_load", a=592, b=957, c=688, pause=1),
            Step(number=5, seat=7, act="meet", a=411, b=6, c=378, pause=1),
            Step(number=11, seat=49, act="mark", a=834, b=5, c=520, pause=5),
            Step(number=18, seat=181, act="crash_meeting", a=168, b=350, c=268, pause=600),
            Step(number=20, seat=162, act="resend", a=914, b=379, c=972, pause=7200),
            Step(number=24, seat=474, act="decide", a=756, b=526, c=748, pause=60),
        ),
    ),
    "what a receipt said of an entry is unsaid by a restore, also where a later entry waits on top of it": Story(
        Plan(seed=20103, seats=(0, 1, 6), loss=0.0, beside=0.4, page=7, lines=5000, portion=50, bent=0.1, chunk=2000),
        (
            Step(number=3, seat=271, act="back_up", a=480, b=137, c=97, pause=7200),
            Step(number=4, seat=563, act="restore_school", a=503, b=717, c=766, pause=1),
            Step(number=10, seat=401, act="crash_meeting", a=814, b=869, c=445, pause=7200),
            Step(number=16, seat=879, act="restore_school", a=818, b=236, c=908, pause=7200),
            Step(number=20, seat=915, act="cut_snapshot", a=504, b=316, c=103, pause=1),
        ),
    ),
    "what waits since a restore is listed by a desk that had seen it accepted before": Story(
        Plan(seed=41107, seats=(0, 1, 2, 5, 6), loss=0.3, beside=0.4, portion=3, chunk=20000),
        (
            Step(6, 254, "back_up", 925, 612, 712, 600),
            Step(11, 383, "crash_meeting", 114, 820, 109, 7200),
            Step(13, 576, "meet", 496, 256, 861, 60),
            Step(15, 175, "meet", 749, 473, 37, 1),
            Step(22, 48, "restore_school", 688, 30, 658, 7200),
            Step(23, 849, "cut_snapshot", 799, 952, 920, 600),
            Step(28, 750, "set_policy", 252, 666, 513, 7200),
            Step(29, 309, "close_period", 921, 654, 405, 1),
            Step(38, 170, "deliver_sealed", 991, 363, 608, 1),
        ),
    ),
    "what a restore took away while an own entry names it counts nowhere": Story(
        Plan(seed=51281, seats=(0, 1, 7), loss=0.3, beside=0.15, page=7, portion=3, chunk=2000),
        (
            Step(1, 939, "back_up", 132, 247, 625, 1),
            Step(2, 531, "crash", 266, 136, 853, 7200),
            Step(3, 820, "meet", 636, 639, 194, 60),
            Step(5, 555, "meet", 833, 454, 580, 600),
            Step(11, 140, "restore_school", 722, 363, 413, 5),
            Step(20, 275, "meet", 739, 849, 598, 1),
            Step(27, 699, "meet", 246, 990, 376, 1),
            Step(30, 587, "restore_school", 22, 424, 455, 1),
        ),
    ),
}
