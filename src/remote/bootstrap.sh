# Chooses an interpreter and runs a program by it. Runs under any POSIX sh, on stdin of `sh -s`; src/remote-program/bootstrap.ts
# puts the assignments of nonce, engines, stay and the programs before it. Everything is a function, so that the shell has
# read all of it before anything runs. With stay, it listens for more to try where none of the engines can run. Nothing but
# sh itself is needed where no interpreter is found.
export LC_ALL=C
# A login that is not interactive may have next to nothing in its PATH.
PATH=${PATH:+$PATH:}/usr/local/bin:/usr/bin:/bin
export PATH

# Runs a program; returns where its interpreter does not work. A file that is there need not work: version managers leave
# stubs, minimal images leave broken links, and modules may be missing. A trial run of its own would cost every node the
# start of an interpreter. So the program tells by its exit code: 0 when it is told to end, 70 when it fails after its
# ready line. By these signals it is ended from outside (HUP, INT, KILL, PIPE, ALRM, TERM); with any other code it has
# never been ready.
run() {
  "$@"
  status=$?
  case $status in 0 | 70 | 129 | 130 | 137 | 141 | 142 | 143) exit $status ;; esac
}

run_python() {
  for interpreter in python3 /usr/libexec/platform-python python2.7 python2 python; do
    command -v "$interpreter" >/dev/null 2>&1 && run "$interpreter" -BESc "$python_program" "$nonce"
  done
}

run_perl() {
  # perl has no setrlimit of its own.
  ulimit -n "$(ulimit -H -n)" 2>/dev/null
  limit=$(ulimit -n)
  case $limit in *[!0-9]* | '') limit=65536 ;; esac
  for interpreter in perl /usr/bin/perl; do
    command -v "$interpreter" >/dev/null 2>&1 && run "$interpreter" -e "$perl_program" "$nonce" "$limit"
  done
}

# Without a packet: connecting takes a descriptor, and there is none. A bash without /dev/tcp looks for a file.
bash_works() {
  case $("$1" -p -c '((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] > 401)) && exec 9<> <(:) && exec 9<&- && ulimit -n 3 &&
: 3<>/dev/tcp/127.0.0.1/1' 2>&1 </dev/null) in
    *socket:*) return 0 ;;
  esac
  return 1
}

run_bash() {
  for interpreter in bash /bin/bash; do
    # Privileged: no start-up file, no function and no option comes in by the environment.
    command -v "$interpreter" >/dev/null 2>&1 && bash_works "$interpreter" &&
      run "$interpreter" -p -c "$bash_program" p "$nonce"
  done
}

run_nc() { run sh -c "$nc_program" p "$nonce"; }

# The facts by sh's own means: rows as the kernel prints them, which src/sweep/facts.ts parses.
print_facts() {
  last=
  while read -r first second third rest; do
    case $first in
      '|--') last=$second ;;
      /32) [ "$second $third" = 'host LOCAL' ] && echo "$nonce f fib_trie $last" ;;
    esac
  done </proc/net/fib_trie
  [ -r /proc/net/if_inet6 ] && while read -r digits rest; do
    echo "$nonce f if_inet6 $digits"
  done </proc/net/if_inet6
  for table in tcp tcp6; do
    # Listeners come first; the connections behind them are not read.
    [ -r /proc/net/$table ] && while read -r first address remote state rest; do
      case $state in
        0A) echo "$nonce f $table $address" ;;
        *) [ "$first" = sl ] || break ;;
      esac
    done </proc/net/$table
  done
  while read -r interface destination gateway flags count use metric mask rest; do
    [ "$interface" = Iface ] || echo "$nonce f route $interface $destination $gateway $flags $mask"
  done </proc/net/route
  # Without what the kernel keeps for itself and refuses: it shows both on lo.
  [ -r /proc/net/ipv6_route ] && while read -r destination length source from gateway metric count use flags interface; do
    [ "$interface" = lo ] || echo "$nonce f ipv6_route $interface $destination $length $gateway $flags"
  done </proc/net/ipv6_route
}

main() {
  if [ -r /proc/net/tcp ]; then
    for engine in $engines; do
      case $engine in
        python) run_python ;;
        perl) run_perl ;;
        bash) run_bash ;;
        nc) run_nc ;;
      esac
    done
    echo "$nonce ready dial - - -"
    print_facts 2>/dev/null
  else
    echo "$nonce ready dial - - -"
  fi
  echo "$nonce ."
}

# On one line: what the shell has not read yet, the program would.
main; [ -n "$stay" ] || exit 0
