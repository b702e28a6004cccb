#!/bin/sh
# Before removing the server: stop it and its daily copy. The school's data in /var/lib/ejournal-server stay; only a person deletes them.
set -e
if [ -d /run/systemd/system ]; then
    systemctl --quiet stop ejournal-server.service ejournal-server-daily.timer ejournal-server-daily.service || true
fi
