# Portolan's relay for nodes with nothing but bash, 4.2 or later: a process group of subshells for each stream, which
# /dev/tcp connects. src/vantage/relay/wire.ts describes what is said on stdin and stdout. It arrives as an argument of -c
# and its only argument is the run's nonce. Comments and blank lines are taken out before it is sent.
#
# bash has no shutdown(2): our half of a connection is closed with the whole of it. It has no poll(2) either: each
# direction of a stream has a process of its own. And it cannot tell a reset from an end.
set -f
set +o posix
nonce=$1
# Bytes of a stream that may be under way to the controller; src/vantage/relay/wire.ts has the same number.
window=16384
# So many bytes make a line that musl's stdio too, with its buffer of 1024 bytes, writes in one piece: lines of several
# processes must not mix.
piece=400
exec 8>&1
# Of each stream: its process group, and the pipes of its two directions.
declare -A group bytes credit

tell() { printf '%s %s\n' "$nonce" "$*" >&8; }

# The digits of every byte but NUL, behind an x, without which * and @ would mean all.
declare -A digits
for ((number = 1; number < 256; number += 1)); do
  printf -v code %02x "$number"
  printf -v byte "\\x$code"
  digits[x$byte]=$code
done

# From the other side to the controller, a byte at a time. Reading several with a limit of time is faster, and loses a byte
# when the time is over just after it was read. A NUL, which a variable cannot hold, ends an empty read; the end of the
# stream fails it.
receive() {
  local byte more number=$1 left=$window count=0 hex=
  while :; do
    while ((left <= 0)); do
      read -r more <&"$2" || exit
      ((left += more))
    done
    IFS= read -r -d '' -n 1 -u 3 byte || break
    hex+=${digits[x$byte]:-00}
    ((count += 1, left -= 1))
    if ((count == piece || left == 0)) || ! read -t 0 -u 3; then
      tell d "$number" "$hex"
      hex= count=0
    fi
  done
  ((count == 0)) || tell d "$number" "$hex"
  tell f "$number"
}

# From the controller to the other side.
transmit() {
  local number=$1 hex part escaped at place
  while read -r hex <&"$2"; do
    escaped=
    # In short parts: the time that a substring takes grows with the string.
    for ((at = 0; at < ${#hex}; at += 64)); do
      part=${hex:at:64}
      for ((place = 0; place < ${#part}; place += 2)); do escaped+="\\x${part:place:2}"; done
    done
    printf "$escaped" >&3 || return
    tell w "$number" $((${#hex} / 2))
  done
}

connect() {
  exec 3<>"/dev/tcp/$2/$3" || exit
  # From here on nobody reads stderr, and nothing is left to be said on it.
  exec 2>/dev/null
  tell c "$1" -
  receive "$1" "$5" &
  transmit "$1" "$4"
}

stream() {
  local said
  # What bash says of a connect comes on stderr: "/dev/tcp/10.0.0.1/80: Connection refused".
  said=$(connect "$@" 2>&1 >&8)
  if [[ -z $said ]]; then
    tell r "$1" EPIPE
  else
    said=${said##*: }
    said=${said//%/%25}
    tell e "$1" "s:${said// /%20}"
  fi
}

open() {
  local to from
  # Pipes both ends of which are open at one number: no process, and no file.
  if { exec {to}<> <(:) && exec {from}<> <(:); } 2>/dev/null; then
    # A process group of its own, so that all of it can be ended.
    set -m
    stream "$1" "$2" "$3" "$to" "$from" </dev/null &
    set +m
    group[$1]=$! bytes[$1]=$to credit[$1]=$from
    disown $!
  else
    tell e "$1" u:out-of-sockets:EMFILE
  fi
}

drop() {
  local to=${bytes[$1]} from=${credit[$1]}
  kill -KILL -- "-${group[$1]}" 2>/dev/null
  exec {to}>&- {from}>&-
  unset "group[$1]" "bytes[$1]" "credit[$1]"
}

finish() {
  local number
  for number in "${!group[@]}"; do kill -KILL -- "-${group[$number]}" 2>/dev/null; done
  exit 0
}

trap finish EXIT HUP INT PIPE TERM
tell ready bash "${BASH//[%[:space:]]/_}" "${BASH_VERSION%%[^0-9.]*}" -
# The controller says something every 2 s; what hears nothing ends.
while read -r -t 6 word number first second; do
  case $word in
    h) tell h ;;
    o) open "$number" "$first" "$second" ;;
    x) [[ -z ${group[$number]} ]] || drop "$number" ;;
    d) [[ -z ${group[$number]} ]] || echo "$first" >&"${bytes[$number]}" ;;
    w) [[ -z ${group[$number]} ]] || echo "$first" >&"${credit[$number]}" ;;
  esac
done
finish
