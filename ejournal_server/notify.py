"""Tell systemd that the server is ready, alive or stopping (sd_notify(3)): one datagram to the socket it names."""

from __future__ import annotations

import logging
import os
import socket

logger = logging.getLogger(__name__)

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"


def tell(state: str) -> None:
    """Tell the service manager; without one nothing happens, and no trouble with it disturbs the server."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    where = f"\0{address[1:]}" if address.startswith("@") else address  # "@" stands for the abstract namespace
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(state.encode(), where)
    except OSError as error:
        logger.warning("the service manager does not hear", extra={"state": state, "errno": error.errno})
