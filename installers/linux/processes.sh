#!/bin/sh
# Finds and ends whatever runs of the program beside this file.
#   processes running window|engine|all     prints their numbers
#   processes end                           asks them to end in order, and insists in the end
# Windows end first, because a window starts an engine that has gone. A user ends only what is the user's own.
program=$(readlink -f "$(dirname "$0")")/hivelet
pattern=$(printf '%s' "$program" | sed 's/[][*?\\]/\\&/g') # letters that mean something to `find`

running() {
    find /proc/[0-9]*/exe -maxdepth 0 -lname "$pattern" 2>/dev/null | while read -r exe; do
        process=${exe#/proc/}
        process=${process%/exe}
        case " $(tr '\0' ' ' </proc/"$process"/cmdline 2>/dev/null) " in
            *" engine "*) kind=engine ;;
            *) kind=window ;;
        esac
        if [ "$1" = all ] || [ "$1" = "$kind" ]; then echo "$process"; fi
    done
}

end() { # $1: which; $2: for how many tenths of a second they are waited for
    for process in $(running "$1"); do kill "$process" 2>/dev/null || :; done
    left=$2
    while [ "$left" -gt 0 ] && [ -n "$(running "$1")" ]; do
        sleep 0.1
        left=$((left - 1))
    done
}

case "$1" in
    running) running "$2" ;;
    end)
        end window 50
        end engine 300
        for process in $(running all); do kill -KILL "$process" 2>/dev/null || :; done
        ;;
    *)
        echo "processes running window|engine|all, or processes end" >&2
        exit 2
        ;;
esac
