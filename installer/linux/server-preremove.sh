#!/bin/sh
# Before removing the server: stop it. The school's data in /var/lib/ejournal-server stay; only a person deletes them.
set -e
if [ -d /run/systemd/system ]; then
    systemctl --quiet stop ejournal-server.service || true
fi
