#!/bin/sh
# Offered by the menu entry: deletes a person's data after asking, for who has never seen a terminal.
question="Delete all that Hivelet keeps for you? Your identity and the record of what you gave cannot be made again."
if command -v zenity >/dev/null; then
    zenity --question --title=Hivelet --text="$question" --ok-label=Delete --default-cancel 2>/dev/null || exit 1
elif command -v kdialog >/dev/null; then
    kdialog --title Hivelet --warningcontinuecancel "$question" --continue-label Delete 2>/dev/null || exit 1
else
    xmessage -center -buttons "Delete:10,Cancel:1" "$question" 2>/dev/null
    [ $? -eq 10 ] || exit 1
fi
exec /opt/hivelet/hivelet remove-data --yes
