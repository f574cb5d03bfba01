# Portolan's prober for nodes with nothing but bash, 4.2 or later: /dev/tcp connects, one at a time and without a limit of
# time, so a pool of subshells does it, and one that hangs is killed and replaced. No program is started but getent, for
# names; nothing is forked for a connect that is answered; nothing is written. It arrives as an argument of -c and its
# only argument is the run's nonce. src/sweep/wire.ts describes what is said on stdin and stdout. Comments and blank lines
# are taken out before it is sent: no line may begin with # inside a string.
#
# Three kinds of process, which one pipe joins: the first listens to the controller, and ends everything when it hears
# nothing; the engine, a process group of its own, plans and reports; workers connect. bash says on stderr what became of
# a connect ("p: /dev/tcp/10.0.0.1/80: Connection refused"), and everybody's stderr is that pipe. A redirection may need a
# descriptor and fail for want of one: what must work even so has none.
set +o posix
set -f
nonce=$1
# The kernel's own clock: the wall clock may be set while we wait.
uptime=/proc/uptime

# A pipe both ends of which are open at one number: reading it never ends.
exec {events}<> <(:)

# Longest silence of the controller, and of this very program, in 1/100 s.
patience=600
resolver_seconds=8
most_resolvers=16
# Subshells: each is about half a megabyte of its own.
most_workers=256
# Hired at first, and twice as many whenever all are busy for 1/100 s: a near peer answers before many are needed.
first_hired=8
# Re-probing: so many connects a second, however fast the first pass was.
careful_rate=300

# Addresses of the batch that answered anything.
declare -A lively=()

# By strerror(3) of glibc and musl.
declare -A errno_of=(
  ['Connection refused']=ECONNREFUSED
  ['No route to host']=EHOSTUNREACH ['Host is unreachable']=EHOSTUNREACH
  ['Network is unreachable']=ENETUNREACH ['Network unreachable']=ENETUNREACH
  ['Connection timed out']=ETIMEDOUT ['Operation timed out']=ETIMEDOUT
  ['Permission denied']=EACCES ['Operation not permitted']=EPERM ['Invalid argument']=EINVAL
  ['Cannot assign requested address']=EADDRNOTAVAIL ['Address not available']=EADDRNOTAVAIL
  ['Address already in use']=EADDRINUSE ['Address in use']=EADDRINUSE
  ['Too many open files']=EMFILE ['No file descriptors available']=EMFILE
  ['Too many open files in system']=ENFILE
  ['Cannot allocate memory']=ENOMEM ['Out of memory']=ENOMEM
  ['No buffer space available']=ENOBUFS ['Resource temporarily unavailable']=EAGAIN
  ['Address family not supported by protocol']=EAFNOSUPPORT
  ['Connection reset by peer']=ECONNRESET ['Broken pipe']=EPIPE
  ['Protocol not available']=ENOPROTOOPT ['Host is down']=EHOSTDOWN ['Network is down']=ENETDOWN
  ['Machine is not on the network']=ENONET ['Operation not supported']=EOPNOTSUPP
  ['Protocol error']=EPROTO ['Message too long']=EMSGSIZE ['Message too large']=EMSGSIZE
)
shortages=' EMFILE ENFILE ENOBUFS ENOMEM EADDRNOTAVAIL EAGAIN '

# Sets ticks, in 1/100 s; fails where not even a file can be opened.
read_clock() {
  local whole
  read -r whole _ <$uptime || return
  ticks=$((10#${whole/./}))
}

word() {
  local text=$*
  text=${text//%/%25}
  text=${text// /%20}
  said=${text:--}
}

emit() { printf "$nonce %s\n" "$@"; }

say() {
  local line
  for line; do case $line in [rvnl]*) ((records += 1)) ;; esac; done
  emit "$@"
}

# --- the engine

# Sets hex to the 32 digits of an IPv6 address.
hex_of() {
  local text=${1%%%*} head tail= digits group
  if [[ $text == *.* ]]; then
    local octets=(${text##*:})
    octets=(${octets//./ })
    printf -v text '%s:%x:%x' "${text%:*}" $((octets[0] * 256 + octets[1])) $((octets[2] * 256 + octets[3]))
  fi
  head=${text%%::*}
  [[ $text == *::* ]] && tail=${text#*::}
  hex= digits=
  for group in ${head//:/ }; do printf -v hex '%s%04x' "$hex" "0x$group"; done
  for group in ${tail//:/ }; do printf -v digits '%s%04x' "$digits" "0x$group"; done
  while ((${#hex} + ${#digits} < 32)); do hex+=0; done
  hex+=$digits
}

# The node's own addresses.
learn_addresses() {
  local first second third rest last=
  declare -gA own=([0.0.0.0]=1 [00000000000000000000000000000000]=1)
  while read -r first second third rest; do
    if [[ $first == '|--' ]]; then last=$second
    elif [[ "$first $second $third" == '/32 host LOCAL' ]]; then own[$last]=1
    fi
  done </proc/net/fib_trie
  [[ -r /proc/net/if_inet6 ]] && while read -r first rest; do own[$first]=1; done </proc/net/if_inet6
}

# Without an address of IPv6 there is none to come from; otherwise there is no port left.
lacks_source() {
  local device
  [[ $1 == *:* && $1 != ::1 ]] || return
  while read -r _ _ _ _ _ device; do [[ $device == lo ]] || return 1; done </proc/net/if_inet6
}

is_own() {
  if [[ $1 == *:* ]]; then
    hex_of "$1"
    [[ -n ${own[$hex]} ]]
  else [[ -n ${own[$1]} ]]
  fi
}

# The clock is looked at in one place. Set: ticks, the kernel's; clock, which stands still while this
# program does: what was stopped, or slow, must not read as the targets' silence.
tick() {
  local before=$ticks
  read_clock || return
  passed=$((ticks - before))
  ((passed > patience || ticks - heard > patience)) && finish
  clock=$((clock + (passed > 25 ? 25 : passed)))
}

finish() {
  kill -KILL "${worker_pid[@]}" "${resolver_pid[@]}"
  exit 0
}

# A word of the controller, with the time at which it was heard.
obey() {
  local -a parts=($1)
  ((parts[1] > heard)) && heard=${parts[1]}
  case ${parts[2]} in
    h)
      set_rate "${parts[3]}"
      [[ -n ${parts[4]} ]] && emit "e ${parts[4]}"
      ;;
    x) cancelled=1 ;;
    *) commands+=("${parts[*]:2}") ;;
  esac
}

# Sets rate in 1/1000 connects a second.
set_rate() {
  local whole=${1%%.*} part=
  [[ $1 == *.* ]] && part=${1#*.}
  part=${part}000
  rate=$((10#${whole:-0} * 1000 + 10#${part:0:3}))
}

# Puts together what a time limit tore apart. Fails where nothing came within so many seconds.
next_event() {
  local status
  IFS= read -r -t "$1" -u "$events" event
  status=$?
  if ((status > 128)); then
    torn+=$event
    return 1
  fi
  event=$torn$event
  torn=
}

# One probe at a time: connects, and says how that went, in words of its own or of bash.
work() {
  local slot=$1 id=$2 target port is_own
  exec <&"${worker_pipe[slot]}" >&"$events" 2>&1
  while :; do
    if read -r -t 5 target port is_own; then
      { if [[ -n $is_own ]] && met_itself "$port"; then echo "s $slot $id"; else echo "o $slot $id"; fi; } 3<>"/dev/tcp/$target/$port"
    else kill -0 "$parent" || exit
    fi
  done
}

# Linux may choose the very port it connects to, and then the socket meets itself: nobody listens there.
met_itself() {
  local digits here there rest table
  printf -v digits '%04X' "$1"
  for table in tcp tcp6; do
    [[ -r /proc/net/$table ]] && while read -r _ here there rest; do
      [[ $here == "$there" && $here == *:$digits ]] && return 0
    done </proc/net/$table
  done
  return 1
}

hire() {
  local slot=$1 before=$! pipe
  if [[ -z ${worker_pipe[slot]} ]]; then
    exec {pipe}<> <(:) || return
    worker_pipe[slot]=$pipe
  fi
  ((worker_id[slot] += 1))
  work "$slot" "${worker_id[slot]}" &
  [[ $! != "$before" ]] || return
  disown $!
  worker_pid[slot]=$!
}

resolve() {
  local index=$1 found rest address seen=' '
  exec >&"$events" 2>&1
  # Without a descriptor getent cannot read its files, and calls every name unknown: that says nothing of the name.
  { :; } 3<$uptime 4<$uptime 5<$uptime || { echo "v $index EMFILE"; exit; }
  command -v getent >/dev/null || { echo "v $index none"; exit; }
  found=$(getent ahosts "$2"; echo "= $?")
  [[ $found == *'= '* ]] || { echo "v $index EMFILE"; exit; }
  rest=$found
  while [[ $rest == *$'\n'* ]]; do
    address=${rest%%[[:space:]]*}
    rest=${rest#*$'\n'}
    [[ $seen == *" $address "* ]] || seen+="$address "
  done
  echo "v $index ${found##*= }$seen"
}

# Asks for the names of items; fills answer_of by index: `STATUS ADDRESS…`.
resolve_all() {
  local -a waiting=("$@")
  local index told=$ticks name slot
  resolver_pid=()
  declare -gA answer_of=()
  declare -A begun=()
  while ((${#waiting[@]} + ${#begun[@]})) && [[ -z $cancelled ]]; do
    while ((${#waiting[@]} && ${#begun[@]} < most_resolvers)); do
      index=${waiting[0]}
      waiting=("${waiting[@]:1}")
      name=${item_target[index]}
      if [[ ! $name =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]]; then
        answer_of[$index]=odd
        continue
      fi
      resolve "$index" "$name" &
      resolver_pid[index]=$!
      disown $!
      begun[$index]=$clock
    done
    if next_event 0.1; then
      case $event in
        c*) obey "$event" ;;
        v*)
          set -- $event
          [[ -n ${begun[$2]} ]] && { answer_of[$2]=${*:3}; unset "begun[$2]" "resolver_pid[$2]"; }
          ;;
      esac
    fi
    if ! tick; then
      for index in "${!begun[@]}" "${waiting[@]}"; do answer_of[$index]=EMFILE; done
      break
    fi
    for index in "${!begun[@]}"; do
      ((clock - begun[$index] > resolver_seconds * 100)) || continue
      kill -KILL "${resolver_pid[index]}"
      answer_of[$index]=late
      unset "begun[$index]" "resolver_pid[$index]"
    done
    if ((ticks - told > 100)); then
      told=$ticks
      say 'p 0'
    fi
  done
  kill -KILL "${resolver_pid[@]}"
  resolver_pid=()
}

# Literal addresses as they are, names as the node's resolver gives them.
make_rows() {
  local index answer target ports part address spared=0
  local -a names=() lines=() addresses
  row_item=() row_address=() row_own=() lively=()
  segment_start=() segment_row=() segment_first=()
  total=0
  for index in "${!item_id[@]}"; do [[ ${item_kind[index]} == n ]] && names+=("$index"); done
  ((${#names[@]})) && resolve_all "${names[@]}"
  for index in "${!item_id[@]}"; do
    target=${item_target[index]} ports=${item_ports[index]}
    addresses=("$target")
    if [[ ${item_kind[index]} == n ]]; then
      answer=${answer_of[$index]}
      case $answer in
        '') continue ;;
        E*)
          [[ $ports == - ]] || lines+=("r ${item_id[index]} $target u:out-of-sockets:$answer $ports")
          continue
          ;;
        none)
          word "$target could not be resolved on the node: it has no getent"
          [[ $ports == - ]] || lines+=("r ${item_id[index]} $target u:no-engine:$said $ports")
          continue
          ;;
        odd) word "\"$target\" is no host name" ;;
        late) word "the resolver gave no answer within $resolver_seconds s" ;;
        *)
          addresses=(${answer#* })
          [[ $answer == *' '* ]] || addresses=()
          word "getent knows no address of $target (exit code ${answer%% *})"
          ;;
      esac
      if [[ $answer == odd || $answer == late || ${#addresses[@]} == 0 ]]; then
        lines+=("n ${item_id[index]} $said")
        continue
      fi
      lines+=("v ${item_id[index]} - ${addresses[*]}")
    fi
    [[ $ports == - ]] && continue
    for address in "${addresses[@]}"; do
      local mine=
      is_own "$address" && mine=1
      if [[ -n $mine && ${item_allowed[index]} == 0 ]]; then
        lines+=("r ${item_id[index]} $address u:own-address $ports")
        for part in ${ports//,/ }; do ((spared += ${part#*-} - ${part%-*} + 1)); done
        continue
      fi
      for part in ${ports//,/ }; do
        segment_start+=("$total")
        segment_row+=("${#row_item[@]}")
        segment_first+=("${part%-*}")
        ((total += ${part#*-} - ${part%-*} + 1))
      done
      row_item+=("${item_id[index]}")
      row_address+=("$address")
      row_own+=("$mine")
    done
  done
  say "${lines[@]}" "p $spared"
}

flush() {
  local key
  local -a lines=()
  for key in "${!out[@]}"; do
    lines+=("r ${row_item[${key%% *}]} ${row_address[${key%% *}]} ${key#* } ${out[$key]#,}")
  done
  out=()
  say "${lines[@]}" "p $((tried - told))"
  told=$tried
  flushed=$ticks
}

# Sets row and port of a probe.
locate() {
  local low=0 high=$((${#segment_start[@]} - 1)) middle
  while ((low < high)); do
    ((segment_start[middle = (low + high + 1) >> 1] <= $1 ? (low = middle) : (high = middle - 1)))
  done
  row=${segment_row[low]}
  port=$((segment_first[low] + $1 - segment_start[low]))
}

# Sets probe; fails where there is none left in this pass.
next_probe() {
  if ((${#again[@]})); then
    probe=${again[0]}
    again=("${again[@]:1}")
  elif ((left)); then
    ((left -= 1))
    if ((pass)); then probe=${order[left]}
    else
      probe=$index
      index=$(((index + step) % total))
    fi
  else return 1
  fi
}

# Gives a probe to a worker.
dispatch() {
  local slot
  if ((idle_count)); then slot=${idle[--idle_count]}
  elif ((slots < limit && hirable)); then
    slot=$slots
    ((slots += 1, hirable -= 1))
  else
    hungry=1
    return 1
  fi
  next_probe || { idle[idle_count++]=$slot; return 1; }
  locate "$probe"
  local key=${row_address[row]}/$port
  # The same address and port of two items: one after the other, because bash names only these.
  if [[ -n ${live[$key]} ]]; then
    idle[idle_count++]=$slot
    again+=("$probe")
    return 1
  fi
  if { [[ -n ${worker_pid[slot]} ]] || hire "$slot"; } &&
    printf '%s %s %s\n' "${row_address[row]}" "$port" "${row_own[row]}" >&"${worker_pipe[slot]}"; then
    live[$key]=$slot
    slot_key[slot]=$key slot_probe[slot]=$probe slot_row[slot]=$row slot_port[slot]=$port
    slot_due[slot]=$((clock + timeout))
    ((alive += 1))
  else
    idle[idle_count++]=$slot
    run_short EMFILE
    return 1
  fi
}

# A probe that the node has not the means for at the moment: fewer at once, and later. Where nothing else is under way and
# it is so still, it will stay so.
run_short() {
  if ((alive || dry < 20)); then
    again=("$probe" "${again[@]}")
    limit=$((alive > 0 ? alive : 1))
    stalled=1
    ((alive)) || ((dry += 1))
  else
    locate "$probe"
    out["$row u:out-of-sockets:$1"]+=,$port
    ((pass)) || ((tried += 1))
  fi
}

# What became of a slot's probe.
answer() {
  local slot=$1 code=$2
  probe=${slot_probe[slot]} row=${slot_row[slot]} port=${slot_port[slot]}
  unset "live[${slot_key[slot]}]"
  slot_probe[slot]=
  idle[idle_count++]=$slot
  ((alive -= 1))
  case $code in
    e:ETIMEDOUT) code=$silence ;;
    e:ECONNRESET | e:EPIPE) code=o ;;
    e:EADDRNOTAVAIL)
      lacks_source "${row_address[row]}" || { run_short EADDRNOTAVAIL; return; }
      ;;
    e:*) [[ $shortages == *" ${code#e:} "* ]] && { run_short "${code#e:}"; return; } ;;
    self)
      ((met[probe] += 1))
      ((met[probe] < 3)) && { again+=("$probe"); return; }
      code=e:ECONNREFUSED
      ;;
  esac
  dry=0
  if [[ $code == "$silence" ]]; then silent[row]+=" $probe"
  elif [[ $code != u:* ]]; then lively[${row_address[row]}]=1 changed=1
  fi
  if ((!pass)); then ((tried += 1))
  elif [[ $code == "$silence" || $code == u:* ]]; then return
  fi
  out["$row $code"]+=,$port
}

note() {
  local slot text
  case $event in
    c*) obey "$event" ;;
    [os]' '*)
      set -- $event
      [[ ${worker_id[$2]} == "$3" && -n ${slot_probe[$2]} ]] || return
      if [[ $1 == o ]]; then answer "$2" o; else answer "$2" self; fi
      ;;
    *': /dev/tcp/'*)
      text=${event#*: /dev/tcp/}
      slot=${live[${text%%: *}]}
      text=${text#*: }
      [[ -z $slot ]] && return
      if [[ -n ${errno_of[$text]} ]]; then answer "$slot" "e:${errno_of[$text]}"
      else
        word "bash could not connect: $text"
        answer "$slot" "u:engine-failed:$said"
      fi
      ;;
    *': fork: '*) limit=$((alive > 1 ? alive : 1)) stalled=1 ;;
  esac
}

# Whoever has been in connect for longer than the timeout. One that sleeps there, with nothing of its in the pipe, has no
# answer; one that is stopped, or waits for the processor, may have one.
replace_stuck() {
  local slot state
  local -a due=()
  for slot in "${!slot_probe[@]}"; do
    [[ -n ${slot_probe[slot]} ]] && ((slot_due[slot] <= clock)) || continue
    state=
    read -r state <"/proc/${worker_pid[slot]}/stat"
    state=${state##*) }
    if [[ $state == S* ]]; then due+=("$slot")
    elif [[ -z $state || $state == Z* ]] || ((clock - slot_due[slot] > 2000)); then
      dismiss "$slot"
      word "the subshell that connected ended or hung"
      answer "$slot" "u:engine-failed:$said"
    fi
  done
  ((${#due[@]})) || return
  read -t 0 -u "$events" && return
  for slot in "${due[@]}"; do
    dismiss "$slot"
    answer "$slot" "$silence"
  done
}

dismiss() {
  kill -KILL "${worker_pid[$1]}"
  worker_pid[$1]=
}

dismiss_all() {
  local slot
  for slot in "${!slot_probe[@]}"; do
    [[ -n ${slot_probe[slot]} ]] && dismiss "$slot"
    slot_probe[slot]=
  done
}

sweep() {
  local timeout=$(($1 / 10)) seed=$2 most=$3 silence=t:$1
  local step index left=$total told=0 pass=0 limit flushed=$ticks pace room wait tokens=0 cap filled
  local alive=0 dry=0 changed=0 stalled= hungry hirable=$first_hired hires=$first_hired descriptors processes count
  local -a again=() order=() silent=() met=() slot_key=() slot_probe=() slot_row=() slot_port=() slot_due=()
  local -A live=() out=()
  for ((idle_count = 0; idle_count < slots; idle_count++)); do idle[idle_count]=$idle_count; done
  ((timeout < 1)) && timeout=1
  read_limits
  for count in "$most_workers" $((descriptors - 24)) $((processes / 4)); do ((most > count)) && most=$count; done
  ((most < 1)) && most=1
  limit=$most
  # The order of the probes: index, index + step, index + 2 step… modulo the total; src/sweep/order.ts has the same.
  step=$((1 + (total * 618034 / 1000000 + seed) % total))
  while greatest_common_divisor "$step" "$total"; ((divisor != 1)); do ((step += 1)); done
  ((step %= total, index = seed % total, filled = ticks))
  while [[ -z $cancelled ]]; do
    pace=$rate hungry=
    ((pass && (pace <= 0 || pace > careful_rate * 1000))) && pace=$((careful_rate * 1000))
    ((room = limit - alive))
    ((room > 64)) && room=64
    if ((pace > 0)); then
      # In 1/100,000: 1/1000 connects a second times 1/100 s.
      ((cap = pace > 20000 ? pace * 5 : 100000))
      ((tokens += (ticks - filled) * pace, filled = ticks))
      ((tokens > cap)) && tokens=$cap
      ((room > tokens / 100000)) && room=$((tokens / 100000))
    fi
    [[ -n $stalled ]] && if ((alive && alive > limit / 2)); then room=0; else stalled=; fi
    while ((room > 0)) && dispatch; do ((room -= 1, tokens -= pace > 0 ? 100000 : 0)); done
    if ((!alive && !left && !${#again[@]})); then
      # A pass is over. Silence is tried again, slowly, where the address answered something, and once more where that
      # changed anything: Linux limits the rate of its ICMP, and SYNs get lost.
      ((pass == 2 || pass && !changed)) && break
      order=()
      for row in "${!silent[@]}"; do [[ -n ${lively[${row_address[row]}]} ]] && order+=(${silent[row]}); done
      silent=()
      ((left = ${#order[@]}, pass += 1, changed = 0, limit = most, tokens = 100000, dry = 0))
      ((left)) || break
      continue
    fi
    wait=0.05
    if [[ -n $hungry ]] || ((pace > 20000 && (left || ${#again[@]}))); then wait=0.01; fi
    if next_event "$wait"; then
      note
      for ((count = 0; count < 64; count++)); do
        read -t 0 -u "$events" && next_event 1 || break
        note
      done
      tick || starve
    else
      [[ -n $hungry ]] && ((hires < 64 ? hires *= 2 : 0, hirable = hires))
      replace_stuck
      tick || starve
    fi
    ((ticks - flushed > 100)) && flush
  done
  dismiss_all
  flush
}

# Not even a file can be opened: nothing can be given to a worker, and its answer would be lost.
starve() {
  IFS= read -r -t 0.1 -u "$events" event && note
  ((dry < 20)) && { ((dry += 1)); return; }
  dismiss_all
  alive=0
  while next_probe; do run_short EMFILE; done
}

greatest_common_divisor() {
  local first=$1 second=$2 rest
  while ((second)); do ((rest = first % second, first = second, second = rest)); done
  divisor=$first
}

# Sets descriptors and processes. ulimit says the same, but only to a subshell.
read_limits() {
  local line
  local -a words
  descriptors=256 processes=256
  while read -r line; do
    words=($line)
    case $line in
      'Max open files'*) descriptors=${words[3]} ;;
      'Max processes'*) processes=${words[2]} ;;
    esac
  done </proc/self/limits
  [[ $descriptors == unlimited ]] && descriptors=65536
  [[ $processes == unlimited ]] && processes=65536
}

engine() {
  parent=$BASHPID
  exec </dev/null 2>&"$events"
  local -a commands=() item_id item_allowed item_kind item_target item_ports worker_pid=() worker_pipe=() worker_id=() idle=() limits
  local command torn= event cancelled= slots=0 clock=0 heard records=0 tried=0
  resolver_pid=()
  read_clock
  heard=$ticks
  learn_addresses
  while :; do
    while ((!${#commands[@]})); do
      next_event 1 && [[ $event == c* ]] && obey "$event"
      tick
    done
    command=${commands[0]}
    commands=("${commands[@]:1}")
    set -- $command
    case $1 in
      b)
        limits=("$@")
        item_id=() item_allowed=() item_kind=() item_target=() item_ports=()
        cancelled=
        set_rate "$3"
        ;;
      i) item_id+=("$2") item_allowed+=("$3") item_kind+=("$4") item_target+=("$5") item_ports+=("$6") ;;
      g)
        records=0 tried=0
        make_rows
        ((total)) && [[ -z $cancelled ]] && sweep "${limits[3]}" "${limits[4]}" "${limits[5]}"
        if [[ -n $cancelled ]]; then say "d ${limits[1]} $tried $records x"; else say "d ${limits[1]} $tried $records e"; fi
        ;;
    esac
  done
}

# --- the listener

# A word at a time to the engine, with when it was heard. Ends with its input, with the engine, and after long silence.
listen() {
  local part= line status heard
  exec >&"$events"
  read_clock
  heard=$ticks
  while kill -0 "$engine"; do
    IFS= read -r -t 1 line
    status=$?
    read_clock
    if ((!status)); then
      echo "c $ticks $part$line"
      part= heard=$ticks
    elif ((status > 128)); then
      part+=$line
      ((ticks - heard > patience)) && return
    else return
    fi
  done
}

word "$BASH"
emit "ready bash $said ${BASH_VERSION%%[^0-9.]*} -" .
# With job control a background job is a process group: what hangs in it ends with it.
set -m
engine &
engine=$!
set +m
disown "$engine"
listen 2>/dev/null
kill -KILL -- "-$engine" 2>/dev/null || kill -KILL "$engine" 2>/dev/null
exit 0
