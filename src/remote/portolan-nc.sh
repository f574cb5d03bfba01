# Portolan's prober for nodes with nothing but a POSIX sh and a netcat: one nc for every connect, many at once. Nothing is
# written. It arrives as an argument of -c and its only argument is the run's nonce. src/sweep/wire.ts describes what is
# said on stdin and stdout. Comments and blank lines are taken out before it is sent: no line may begin with # inside a
# string.
#
# The listener hears the controller, the engine plans and reports, and workers run an nc each. All write to one pipe, at
# number 7, which the engine reads: lines below PIPE_BUF, so that they do not mix. POSIX sh cannot wait for a while, so an
# alarm, a sleep in the background, writes there too.
set -f
nonce=$1
newline='
'
# The kernel's own clock: the wall clock may be set while we wait.
uptime=/proc/uptime

# Longest silence of the controller, and of this very program, in 1/100 s.
patience=600
resolver_seconds=8
most_resolvers=16
# A worker is two processes, of some 100 KB of their own.
most_workers=128
# At first, and twice as many whenever an alarm finds that hardly any has ended: a near peer answers before many are
# needed, and to start them all takes a slow node long enough to miss a heartbeat.
first_workers=8
# Re-probing: so many connects a second, however fast the first pass was.
careful_rate=100
# What an nc may take to start and to end, on a slow node under load.
grace_seconds=10
# Below PIPE_BUF of Linux, 4096.
longest_line=3000

# Sets ticks, in 1/100 s.
read_clock() {
  read -r ticks rest <$uptime
  ticks=${ticks%.*}${ticks#*.}
  while case $ticks in 0?*) ;; *) false ;; esac; do ticks=${ticks#0}; done
}

# Sets said: a text as one word.
word() {
  # With its newlines as blanks.
  set -- $*
  said= rest=$(printf '%.300s' "$*")
  while :; do
    case $rest in
      *[\ %]*) ;;
      *) break ;;
    esac
    start=${rest%%[ %]*}
    rest=${rest#"$start"}
    case $rest in
      %*) said=$said$start%25 ;;
      *) said=$said$start%20 ;;
    esac
    rest=${rest#?}
  done
  said=$said$rest
  said=${said:--}
}

emit() { printf "$nonce %s\n" "$@"; }

record() {
  records=$((records + 1))
  emit "$1"
}

# Ends these processes and all that they started. Who is stopped starts nothing more.
end_trees() {
  [ $# = 0 ] && return
  trees=" $* "
  kill -STOP "$@" 2>/dev/null
  more=1
  set +f
  while [ -n "$more" ]; do
    more=
    for stat in /proc/[0-9]*/stat; do
      { read -r line <"$stat"; } 2>/dev/null || continue
      child=${line%% *} parent=${line##*) }
      parent=${parent#* }
      parent=${parent%% *}
      case $trees in
        *" $child "*) ;;
        *" $parent "*)
          kill -STOP "$child" 2>/dev/null
          trees="$trees$child "
          more=1
          ;;
      esac
    done
  done
  set -f
  kill -KILL $trees 2>/dev/null
}

# --- nc

# Connects; sets text, what nc says of it, and status. Without -z, whatever the peer says must not be waited for: Ncat ends
# with its input, and busybox hands the connection to a program that ends.
connect() {
  case $style in
    zero) text=$($nc -n -v -z -w "$3" "$1" "$2" 2>&1 >/dev/null </dev/null) ;;
    send-only) text=$($nc -n -v --send-only -w "$3" "$1" "$2" 2>&1 >/dev/null </dev/null) ;;
    exec) text=$($nc -w "$3" "$1" "$2" -e true 2>&1 >/dev/null </dev/null) ;;
  esac
  status=$?
}

# Sets code by status and text, the strerror(3) of glibc and musl; empty where these say nothing that is known.
read_answer() {
  code=o
  [ "$status" = 0 ] && return
  last=${text##*"$newline"}
  case $text in *'Ncat: Connected to '*) return ;; esac
  case $last in
    *' timed out: Operation '*'in progress' | *': timed out' | *': TIMEOUT.')
      code=t
      return
      ;;
  esac
  last=${last%.}
  case ${last##*: } in
    'Connection refused') code=e:ECONNREFUSED ;;
    'No route to host' | 'Host is unreachable') code=e:EHOSTUNREACH ;;
    'Network is unreachable' | 'Network unreachable') code=e:ENETUNREACH ;;
    'Connection timed out' | 'Operation timed out') code=t ;;
    'Permission denied') code=e:EACCES ;;
    'Operation not permitted') code=e:EPERM ;;
    'Invalid argument') code=e:EINVAL ;;
    'Cannot assign requested address' | 'Address not available') code=e:EADDRNOTAVAIL ;;
    'Address already in use' | 'Address in use') code=e:EADDRINUSE ;;
    'Too many open files' | 'No file descriptors available') code=e:EMFILE ;;
    'Too many open files in system') code=e:ENFILE ;;
    'Cannot allocate memory' | 'Out of memory') code=e:ENOMEM ;;
    'No buffer space available') code=e:ENOBUFS ;;
    'Resource temporarily unavailable') code=e:EAGAIN ;;
    'Address family not supported by protocol') code=e:EAFNOSUPPORT ;;
    'Connection reset by peer' | 'Broken pipe') code=o ;;
    'Protocol not available') code=e:ENOPROTOOPT ;;
    'Host is down') code=e:EHOSTDOWN ;;
    'Network is down') code=e:ENETDOWN ;;
    'Machine is not on the network') code=e:ENONET ;;
    'Operation not supported') code=e:EOPNOTSUPP ;;
    'Protocol error') code=e:EPROTO ;;
    'Message too long' | 'Message too large') code=e:EMSGSIZE ;;
    *) code= ;;
  esac
}

# Sets nc, variant, style and features by what it says of itself and of the node's own loopback, where hardly anything
# listens at ports 1 to 3. One that calls them all open is not believed; nor is one that says what nobody understands.
try_nc() {
  command -v "${nc%% *}" >/dev/null 2>&1 || return
  help=$($nc -h 2>&1 </dev/null)
  variant=unknown style=
  case $help in
    *-z* | *'[-46'*) style=zero ;;
    *'-e PROG'*) style=exec ;;
  esac
  case $help in
    *nmap.org/ncat*) variant=ncat style=send-only ;;
    *BusyBox*) variant=busybox ;;
    *'[v1.10'*) variant=traditional ;;
    *OpenBSD* | *'[-46'*) variant=openbsd ;;
  esac
  [ -n "$style" ] || return
  for port in 1 2 3; do
    connect 127.0.0.1 $port 1
    read_answer
    [ "$code" = o ] || break
  done
  [ "$code" = o ] && return 1
  if [ -z "$text" ]; then
    # What it can do over IPv6 it will not say either.
    features=ipv6
    return 0
  fi
  [ -n "$code" ] || return
  features=text
  connect ::1 1 1
  read_answer
  [ -n "$code" ] && features=text,ipv6
  return 0
}

find_nc() {
  for nc in nc ncat netcat nc.openbsd nc.traditional 'busybox nc'; do
    try_nc && return
  done
  return 1
}

# --- workers

probe() {
  connect "$3" "$4" "$seconds"
  read_answer
  if [ "$code" = t ]; then code=t:${seconds}000
  elif [ -z "$code" ]; then
    word "nc could not connect: ${text:-it ended with exit code $status and does not say why}"
    code=u:engine-failed:$said
  fi
  printf '%s\n' "w $1 $2 $code" >&7
}

resolve() {
  # Without a descriptor getent cannot read its files, and calls every name unknown: that says nothing of the name.
  if ! { :; } 3<$uptime 4<$uptime 5<$uptime 6<$uptime; then printf '%s\n' "w $1 $2 EMFILE" >&7
  elif command -v getent >/dev/null; then
    found=$(getent ahosts "$3"; echo "= $?")
    code=${found##*= } seen=' '
    IFS=$newline
    for line in $found; do
      address=${line%%[[:space:]]*}
      case $seen in *" $address "*) continue ;; esac
      [ "$address" = = ] || seen="$seen$address "
    done
    printf '%s\n' "w $1 $2 $code$seen" >&7
  else printf '%s\n' "w $1 $2 none" >&7
  fi
}

# Gives a job to a free slot.
hire() {
  slot=${free%% *}
  free=${free#* }
  serial=$((serial + 1))
  alive=$((alive + 1))
  eval "job_$slot=\$2 serial_$slot=$serial due_$slot=$((clock + $1 * 100))"
  shift 2
  "$1" "$slot" "$serial" "$2" "$3" &
  eval "pid_$slot=$!"
}

# Sets job, of a slot that is free again.
dismiss() {
  eval "job=\$job_$1 job_$1= serial_$1="
  free="$1 $free"
  alive=$((alive - 1))
}

# Sets pids of those at work.
workers() {
  pids= slot=0
  while [ $slot -lt $slots ]; do
    eval "[ -n \"\$job_$slot\" ] && pids=\"\$pids \$pid_$slot\""
    slot=$((slot + 1))
  done
}

end_workers() {
  workers
  if [ -n "$pids" ]; then
    end_trees $pids
    wait $pids
  fi
  free= alive=0 slot=0
  while [ $slot -lt $slots ]; do
    eval "job_$slot= serial_$slot="
    free="$free$slot "
    slot=$((slot + 1))
  done
}

# --- the engine

# Set: ticks, the kernel's; clock, which stands still while this program does.
tick() {
  before=$ticks
  read_clock
  passed=$((ticks - before))
  if [ $passed -gt $patience ] || [ $((ticks - heard)) -gt $patience ]; then exit 0; fi
  clock=$((clock + (passed > 150 ? 150 : passed)))
  if [ $((ticks - flushed)) -gt 100 ]; then
    [ -n "$running" ] && tell_progress
    flushed=$ticks
    end_overdue
  fi
}

tell_progress() {
  emit "p $((tried - told))"
  told=$tried
}

# A word of the controller, with the time at which it was heard.
obey() {
  set -- $1
  [ "$1" -gt "$heard" ] && heard=$1
  case $2 in
    h)
      set_rate "$3"
      [ -n "$4" ] && emit "e $4"
      ;;
    x) cancelled=1 ;;
    b)
      batch=$3 rate= timeout=$5 seed=$6 most=$7 items=0 cancelled=
      set_rate "$4"
      ;;
    i)
      eval "id_$items=\$3 allowed_$items=\$4 kind_$items=\$5 target_$items=\$6 ports_$items=\$7 found_$items="
      items=$((items + 1))
      ;;
    g) ready=1 ;;
  esac
}

# Sets rate in 1/1000 connects a second.
set_rate() {
  whole=${1%%.*} part=
  case $1 in *.*) part=${1#*.} ;; esac
  part=${part}000
  while [ ${#part} -gt 3 ]; do part=${part%?}; done
  rate=$((${whole:-0} * 1000 + 1$part - 1000))
}

# Waits for what happens next; within a second something does.
next_event() {
  if [ -z "$alarm" ]; then
    { sleep "$pause" 2>/dev/null || sleep 1; echo t >&7; } &
    alarm=$!
  fi
  IFS= read -r event <&7 || exit 1
  case $event in
    +*) partial=$partial${event#+} ;;
    c*)
      event=${event#c }
      obey "${event%% *} $partial${event#* }"
      partial=
      ;;
    t)
      wait "$alarm"
      alarm=
      [ $alive -ge $limit ] && [ $settled -lt $limit ] && limit=$((limit * 2 < most ? limit * 2 : most))
      settled=0
      ;;
    w*) settle $event ;;
  esac
  tick
}

# What became of a slot's job.
settle() {
  eval "known=\$serial_$2 worker=\$pid_$2"
  [ "$known" = "$3" ] || return
  wait "$worker"
  dismiss "$2"
  settled=$((settled + 1))
  shift 3
  case $job in
    n*) eval "found_${job#n}=\$*" ;;
    *) answer "$job" "$1" ;;
  esac
}

end_overdue() {
  busy=0
  while [ $busy -lt $slots ]; do
    eval "job=\$job_$busy due=\$due_$busy overdue=\$pid_$busy"
    if [ -n "$job" ] && [ "$due" -le "$clock" ]; then
      # One that could not start its program has ended: that says nothing of a name.
      state=Z
      read -r state <"/proc/$overdue/stat"
      state=${state##*) }
      end_trees "$overdue"
      wait "$overdue"
      dismiss "$busy"
      case $job-$state in
        n*-Z*) eval "found_${job#n}=EAGAIN" ;;
        n*) eval "found_${job#n}=late" ;;
        *)
          word "nc did not end within $((seconds + grace_seconds)) s"
          answer "$job" "u:engine-failed:$said"
          ;;
      esac
    fi
    busy=$((busy + 1))
  done
}

# The node's own addresses: of IPv4 as they are written, of IPv6 as 32 digits.
learn_addresses() {
  own=' 0.0.0.0 00000000000000000000000000000000 '
  while read -r first second third rest; do
    case $first in
      '|--') last=$second ;;
      /32) [ "$second $third" = 'host LOCAL' ] && own="$own$last " ;;
    esac
  done </proc/net/fib_trie
  [ -r /proc/net/if_inet6 ] && while read -r first rest; do own="$own$first "; done </proc/net/if_inet6
}

# Prints the 32 digits of an IPv6 address.
hex_of() {
  text=${1%%%*}
  case $text in
    *.*)
      quad=${text##*:}
      text=${text%:*}
      IFS=.
      set -- $quad
      text=$text:$(printf '%x:%x' $(($1 * 256 + $2)) $(($3 * 256 + $4)))
      ;;
  esac
  tail=
  case $text in *::*) tail=${text#*::} ;; esac
  IFS=:
  head=$(for group in ${text%%::*}; do printf '%04x' "0x$group"; done)
  tail=$(for group in $tail; do printf '%04x' "0x$group"; done)
  while [ $((${#head} + ${#tail})) -lt 32 ]; do head=${head}0; done
  echo "$head$tail"
}

is_own() {
  case $1 in
    *:*) digits=$(hex_of "$1") ;;
    *) digits=$1 ;;
  esac
  case $own in *" $digits "*) return 0 ;; esac
  return 1
}

# Without an address of IPv6 there is none to come from; otherwise there is no port left.
lacks_source() {
  case $1 in *:*) ;; *) return 1 ;; esac
  [ "$1" = ::1 ] && return 1
  while read -r first second third fourth fifth device; do [ "$device" = lo ] || return 1; done </proc/net/if_inet6
}

# Asks for the names of all items; sets found_INDEX: `STATUS ADDRESS…`, or a word.
resolve_all() {
  index=0
  while [ $index -lt $items ] && [ -z "$cancelled" ]; do
    eval "name=\$target_$index kind=\$kind_$index"
    if [ "$kind" = n ]; then
      case $name in
        [!A-Za-z0-9_]* | *[!A-Za-z0-9_.-]*) eval "found_$index=odd" ;;
        *)
          while [ $alive -ge $most_resolvers ] || [ $alive -ge $slots ]; do next_event; done
          hire $resolver_seconds "n$index" resolve "$name"
          ;;
      esac
    fi
    index=$((index + 1))
  done
  while [ $alive -gt 0 ] && [ -z "$cancelled" ]; do next_event; done
}

# Literal addresses as they are, names as the node's resolver gives them.
make_rows() {
  resolve_all
  lively=" " rows=0 segments=0 total=0 index=0
  while [ $index -lt $items ]; do
    eval "id=\$id_$index allowed=\$allowed_$index kind=\$kind_$index target=\$target_$index ports=\$ports_$index found=\$found_$index"
    addresses=$target
    [ "$kind" = n ] && read_names
    [ "$ports" = - ] || for address in $addresses; do add_row; done
    index=$((index + 1))
  done
}

read_names() {
  addresses= failure=
  case $found in
    '') return ;;
    E*)
      [ "$ports" = - ] || record "r $id $target u:out-of-sockets:$found $ports"
      return
      ;;
    none)
      word "$target could not be resolved on the node: it has no getent"
      [ "$ports" = - ] || record "r $id $target u:no-engine:$said $ports"
      return
      ;;
    odd) failure="\"$target\" is no host name" ;;
    late) failure="the resolver gave no answer within $resolver_seconds s" ;;
    *' '*) addresses=${found#* } ;;
    *) failure="getent knows no address of $target (exit code $found)" ;;
  esac
  if [ -n "$failure" ]; then
    word "$failure"
    record "n $id $said"
  else record "v $id - $addresses"
  fi
}

add_row() {
  mine=
  [ "$allowed" = 0 ] && is_own "$address" && mine=1
  [ -n "$mine" ] && record "r $id $address u:own-address $ports"
  IFS=,
  for part in $ports; do
    count=$((${part#*-} - ${part%-*} + 1))
    if [ -n "$mine" ]; then tried=$((tried + count))
    else
      eval "start_$segments=$total row_$segments=$rows first_$segments=${part%-*}"
      segments=$((segments + 1)) total=$((total + count))
    fi
  done
  unset IFS
  [ -n "$mine" ] && return
  eval "item_$rows=$id address_$rows=\$address"
  rows=$((rows + 1))
}

# Sets row, item, address and port of a probe.
locate() {
  low=0 high=$((segments - 1))
  while [ $low -lt $high ]; do
    middle=$(((low + high + 1) / 2))
    if [ $((start_$middle)) -le "$1" ]; then low=$middle; else high=$((middle - 1)); fi
  done
  row=$((row_$low)) port=$((first_$low + $1 - start_$low))
  eval "item=\$item_$row address=\$address_$row"
}

# Starts a probe once there is a slot for it, and the rate allows. Fails where the batch was stopped.
submit() {
  while :; do
    [ -z "$cancelled" ] || return
    pace=$rate
    if [ -n "$careful" ] && { [ "$pace" = 0 ] || [ "$pace" -gt $((careful_rate * 1000)) ]; }; then
      pace=$((careful_rate * 1000))
    fi
    if [ $alive -lt $limit ]; then
      [ "$pace" = 0 ] && break
      # In 1/100,000: 1/1000 connects a second times 1/100 s.
      cap=$((pace > 20000 ? pace * 5 : 100000))
      tokens=$((tokens + (ticks - filled) * pace)) filled=$ticks
      [ $tokens -gt $cap ] && tokens=$cap
      if [ $tokens -ge 100000 ]; then
        tokens=$((tokens - 100000))
        break
      fi
      pause=0.05
    fi
    next_event
    pause=1
  done
  locate "$1"
  hire $((seconds + grace_seconds)) "$1" probe "$address" "$port"
}

drain() {
  while [ $alive -gt 0 ] && [ -z "$cancelled" ]; do next_event; done
}

# What became of a probe. What the node had not the means for is tried again later.
answer() {
  code=$2
  locate "$1"
  case $code in
    e:EADDRNOTAVAIL) lacks_source "$address" || shortage=EADDRNOTAVAIL short="$short $1" code= ;;
    e:EMFILE | e:ENFILE | e:ENOBUFS | e:ENOMEM | e:EAGAIN) shortage=${code#e:} short="$short $1" code= ;;
  esac
  [ -n "$code" ] || return
  case $code in
    t:*) silent="$silent $1" ;;
    u:*) ;;
    *)
      changed=1
      case $lively in *" $address "*) ;; *) lively="$lively$address " ;; esac
      ;;
  esac
  if [ -z "$careful" ]; then tried=$((tried + 1))
  else case $code in [tu]:*) return ;; esac
  fi
  record "r $item $address $code $port"
}

# Some more tries of what the node had not the means for, few at once; where nothing comes of them, that is the answer.
retry_short() {
  dry=0
  while [ -n "$short" ] && [ $dry -lt 3 ] && [ -z "$cancelled" ]; do
    before_dry=$tried again=$short short= limit=8
    next_event
    for number in $again; do submit "$number"; done
    drain
    if [ $tried = $before_dry ]; then dry=$((dry + 1)); else dry=0; fi
  done
  for number in $short; do
    locate "$number"
    record "r $item $address u:out-of-sockets:$shortage $port"
    tried=$((tried + 1))
  done
  short=
}

greatest_common_divisor() {
  set -- "$1" "$2"
  while [ "$2" != 0 ]; do set -- "$2" $(($1 % $2)); done
  divisor=$1
}

sweep() {
  # nc counts in seconds, and the error that the first SYN draws may only be seen with the second one, after a second.
  seconds=$(((timeout + 999) / 1000))
  [ $seconds -lt 2 ] && seconds=2
  limit=$slots
  [ "$most" -lt $limit ] && limit=$most
  most=$limit
  [ $limit -gt $first_workers ] && limit=$first_workers
  tokens=0 filled=$ticks careful= short= silent= changed=
  # The order of the probes: index, index + step, index + 2 step… modulo the total; src/sweep/order.ts has the same.
  step=$((1 + (total * 618034 / 1000000 + seed) % total))
  while greatest_common_divisor $step $total && [ "$divisor" != 1 ]; do step=$((step + 1)); done
  index=$((seed % total)) left=$total
  while [ $left -gt 0 ] && submit $index; do
    index=$(((index + step) % total)) left=$((left - 1))
  done
  drain
  retry_short
  # Silence is tried again, slowly, where the address answered something, and once more where that changed anything: Linux
  # limits the rate of its ICMP, and SYNs get lost.
  careful=1
  for pass in 1 2; do
    again= limit=$most tokens=100000
    for number in $silent; do
      locate "$number"
      case $lively in *" $address "*) again="$again $number" ;; esac
    done
    silent= changed=
    for number in $again; do submit "$number"; done
    drain
    # As silent as they were.
    short=
    [ -n "$changed" ] || break
  done
}

# Sets slots.
read_limits() {
  slots=$most_workers
  while read -r first second processes rest; do
    case $first$second$processes in
      Maxprocesses[0-9]*) [ $((processes / 8)) -lt $slots ] && slots=$((processes / 8)) ;;
    esac
  done </proc/self/limits
  [ $slots -lt 1 ] && slots=1
}

finish() {
  trap - EXIT
  workers
  end_trees $pids $alarm
  kill -TERM "$listener"
  exit 0
}

engine() {
  exec </dev/null 2>/dev/null
  alarm= partial= cancelled= ready= running= items=0 serial=0 clock=0 pause=1 slots=0 rate=0
  alive=0 limit=0 most=0 settled=0
  trap finish EXIT
  trap 'exit 0' HUP INT TERM
  trap '' PIPE
  read_limits
  read_clock
  heard=$ticks flushed=$ticks
  learn_addresses
  while :; do
    while [ -z "$ready" ]; do next_event; done
    ready= records=0 tried=0 told=0 running=1 free= alive=0
    end_workers
    make_rows
    [ $total -gt 0 ] && [ -z "$cancelled" ] && sweep
    [ -n "$cancelled" ] && end_workers
    tell_progress
    running=
    end=e
    [ -n "$cancelled" ] && end=x
    emit "d $batch $tried $records $end"
  done
}

# --- the listener

# A word at a time to the engine, with when it was heard. Ends with its input.
listen() {
  while IFS= read -r line; do
    read_clock
    while [ ${#line} -gt $longest_line ]; do
      piece=$(printf "%.${longest_line}s" "$line")
      line=${line#"$piece"}
      printf '+%s\n' "$piece" >&7
    done
    printf 'c %s %s\n' "$ticks" "$line" >&7
  done
}

find_nc || exit 1
path=$(command -v "${nc%% *}")
word "$path${nc#"${nc%% *}"}"
emit "ready nc $said $variant $features" .
exec 8<&0
# A pipe both ends of which are open at one number: reading it never ends.
: | {
  exec 7<>/proc/self/fd/0 <&8 8<&-
  read -r listener rest </proc/self/stat
  engine &
  engine=$!
  listen 2>/dev/null
  end_trees "$engine"
  exit 0
}
