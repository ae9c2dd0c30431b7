#!/bin/sh
# /usr/local/bin/qdash: a command of QDash, which root runs as its user and with its settings
set -a
. /etc/qdash/qdash.env
HOME=/srv/qdash
cd "$QDASH_HOME"
exec runuser -u qdash -- /opt/qdash/bin/qdash "$@"
