#!/bin/sh
# After installing the server: its account. The service is not started by itself: first a school is made.
set -e
if ! getent passwd ejournal >/dev/null; then
    adduser --quiet --system --group --home /var/lib/ejournal-server --no-create-home ejournal
fi
install -d -m 0700 -o ejournal -g ejournal /var/lib/ejournal-server
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
fi
