# Portolan's prober for nodes with perl; node.pl goes before it. src/sweep/wire.ts describes what is said on stdin and
# stdout; portolan.py is its twin and does the same in the same order.

# Of a name; a child that outlives us ends within this time too.
my $resolver_seconds = 8;
my $resolvers = ($descriptors - 16) / 4;
$resolvers = $resolvers < 1 ? 1 : $resolvers > 16 ? 16 : int $resolvers;
# Re-probing: so many connects a second and at once, however fast the first pass was.
my $careful_rate = 300;
# A near peer has answered before connect returns, and asking it without a select costs less: so often in a row it is asked
# in vain before that is given up.
my $most_prompt = 16;
# select walks all descriptors below the highest; perl's takes any number of them.
my $most_at_once = 4096;
# Started between two looks at what has been answered.
my $burst = 64;
my $per_octave = 16 / log 2;

my (%children, @commands, $rate, $cancelled, $records);
my $buffer = '';

# Perl runs a handler only between its own steps, but a step that waits is interrupted.
sub finish { kill 'KILL', keys %children if %children; POSIX::_exit(0) }
$SIG{ALRM} = \&finish;
$SIG{PIPE} = \&finish;

sub say_ {
    $records += grep { /^[rvnl]/ } @_;
    emit(@_);
}

# Reads what there is. Any word from the controller puts off the alarm, which ends a program that hears none.
sub listen_ {
    my $got = sysread STDIN, $buffer, 65536, length $buffer;
    return if !defined $got && $! == $interrupted;
    if (!$got) { finish_parting(); finish() }
    alarm 6;
    while ($buffer =~ s/^(.*)\n//) {
        my @parts = split / /, $1;
        if ($parts[0] eq 'h') { $rate = $parts[1]; emit("e $parts[2]") if defined $parts[2] }
        elsif ($parts[0] eq 'x') { $cancelled = 1 }
        else { push @commands, \@parts }
    }
}

sub wait_for_input {
    my ($seconds, @more) = @_;
    my $readable = '';
    vec($readable, $_, 1) = 1 for 0, @more;
    select($readable, undef, undef, $seconds) > 0 or return '';
    listen_() if vec $readable, 0, 1;
    return $readable;
}

# One name in a child of its own, because a resolver cannot be interrupted: it prints how many microseconds it took and the
# addresses, or why there are none.
sub resolver {
    my ($name) = @_;
    pipe(my $reader, my $writer) or return;
    my $child = fork;
    return if !defined $child;
    if (!$child) {
        $SIG{ALRM} = $SIG{PIPE} = 'DEFAULT';
        alarm $resolver_seconds;
        %children = ();
        # Without the families that the node has no address of, as getent and most programs ask: it cannot even try them.
        my $begun = $now->();
        my ($error, @found) = getaddrinfo($name, '', { flags => AI_ADDRCONFIG, socktype => SOCK_STREAM });
        my $took = $precise ? int(($now->() - $begun) * 1000000) : '-';
        # Without a descriptor the resolver cannot read its files, and calls every name unknown: that says nothing of the name.
        my $number = $error && !open(my $spare, '<&', \*STDIN) ? $! + 0 : 0;
        my $text = $number ? "!$number\n" : $error ? "-$error\n" : join '', "=$took\n", map { text_of($_) . "\n" } @found;
        syswrite $writer, $text;
        POSIX::_exit(0);
    }
    close $writer;
    $children{$child} = 1;
    return { child => $child, reader => $reader, begun => $now->(), text => '' };
}

sub text_of {
    my ($found) = @_;
    return inet_ntop(AF_INET, (unpack_sockaddr_in($found->{addr}))[1]) if $found->{family} == AF_INET;
    return '' if $found->{family} != AF_INET6;
    my (undef, $raw, $scope) = unpack_sockaddr_in6($found->{addr});
    return inet_ntop(AF_INET6, $raw) . ($scope ? "%$scope" : '');
}

sub resolve_all {
    my (%names) = @_;
    my (%found, %pending);
    my @waiting = sort { $a <=> $b } keys %names;
    my $told = $now->();
    while ((@waiting || %pending) && !$cancelled) {
        while (@waiting && keys %pending < $resolvers) {
            my $index = shift @waiting;
            $pending{$index} = resolver($names{$index}) or $found{$index} = '!' . ($! + 0);
            delete $pending{$index} if !$pending{$index};
        }
        my $readable = wait_for_input(0.2, map { fileno $_->{reader} } values %pending);
        for my $index (keys %pending) {
            my $own = $pending{$index};
            my $over = $now->() - $own->{begun} > $resolver_seconds;
            my $ready = length $readable && vec $readable, fileno $own->{reader}, 1;
            next if !$over && (!$ready || sysread $own->{reader}, $own->{text}, 65536, length $own->{text});
            kill 'KILL', $own->{child};
            waitpid $own->{child}, 0;
            delete $children{$own->{child}};
            $found{$index} = $own->{text};
            $found{$index} = "-the resolver gave no answer within $resolver_seconds s" if $found{$index} !~ /\n\z/;
            delete $pending{$index};
        }
        if ($now->() - $told > 1) { $told = $now->(); say_('p 0') }
    }
    for my $own (values %pending) { kill 'KILL', $own->{child}; waitpid $own->{child}, 0 }
    %children = ();
    return %found;
}

# Literal addresses as they are, names as the node's resolver gives them.
sub targets {
    my ($items, $own) = @_;
    my %names = map { $items->[$_][3] eq 'n' ? ($_ => $items->[$_][4]) : () } 0 .. $#$items;
    my %resolved = resolve_all(%names);
    my (@rows, @lines);
    my $spared = 0;
    for my $index (0 .. $#$items) {
        my (undef, $item, $allowed, $kind, $target, $text, $asks) = @{$items->[$index]};
        my @addresses = ($target);
        if ($kind eq 'n') {
            my $answer = $resolved{$index};
            next if !defined $answer;
            if ($answer =~ /^!(\d+)/) {
                push @lines, "r $item $target u:out-of-sockets:" . substr(error_code($1), 2) . " $text" if $text ne '-';
                next;
            }
            if ($answer =~ /^-(.*)/) { push @lines, "n $item " . word($1); next }
            my %seen;
            (my $took, @addresses) = grep { length && !$seen{$_}++ } split /\n/, substr $answer, 1;
            push @lines, "v $item $took @addresses";
        }
        next if $text eq '-';
        my @ports = map { /^(\d+)-(\d+)$/ ? [$1, $2] : [$_, $_] } split /,/, $text;
        for my $address (@addresses) {
            my ($error, $found) = getaddrinfo($address, '', { flags => AI_NUMERICHOST, socktype => SOCK_STREAM });
            if ($error) { push @lines, "n $item " . word($error); next }
            my $is_v4 = $found->{family} == AF_INET;
            my (undef, $raw, $scope) = $is_v4 ? unpack_sockaddr_in($found->{addr}) : unpack_sockaddr_in6($found->{addr});
            if (!$allowed && $own->{$is_v4 ? inet_ntop(AF_INET, $raw) : unpack 'H*', $raw}) {
                push @lines, "r $item $address u:own-address $text";
                $spared += $_->[1] - $_->[0] + 1 for @ports;
                next;
            }
            push @rows, {
                name => ($is_v4 ? pack_sockaddr_in(0, $raw) : pack_sockaddr_in6(0, $raw, $scope || 0, 0)), times => {},
                item => $item, address => $address, family => $found->{family}, raw => $raw, scope => $scope || 0,
                ports => \@ports, out => {}, asks => defined $asks, answered => 0, silent => [], buckets => {}, least => 0, most => 0,
            };
        }
    }
    say_(@lines, "p $spared");
    return @rows;
}

sub flush_rows {
    my ($rows, $progress) = @_;
    my @lines;
    for my $row (@$rows) {
        # Counted as they are while the sweep is busy; there are not many different ones.
        while (my ($spent, $count) = each %{$row->{times}}) {
            $spent ||= 1;
            $row->{buckets}{int(log($spent) * $per_octave)} += $count;
            $row->{most} = $spent if $spent > $row->{most};
            $row->{least} = $spent if $spent < $row->{least} || !$row->{least};
        }
        $row->{times} = {};
        for my $code (keys %{$row->{out}}) {
            my @runs;
            for my $port (sort { $a <=> $b } @{$row->{out}{$code}}) {
                if (@runs && $port <= $runs[-1][1] + 1) { $runs[-1][1] = $port }
                else { push @runs, [$port, $port] }
            }
            my $ports = join ',', map { $_->[0] == $_->[1] ? $_->[0] : "$_->[0]-$_->[1]" } @runs;
            push @lines, "r $row->{item} $row->{address} $code $ports";
        }
        $row->{out} = {};
    }
    say_(@lines, "p $progress");
}

sub greatest_common_divisor {
    my ($first, $second) = @_;
    ($first, $second) = ($second, $first % $second) while $second;
    return $first;
}

sub sweep {
    my ($rows, $timeout, $seed, $most) = @_;
    # PERLIO's layers of buffers ask each new descriptor whether it is a terminal, and where it stands: four system calls.
    BEGIN { ${^OPEN} = ":unix\0:unix" }
    my (@starts, @owners, @firsts);
    my $total = 0;
    for my $row (@$rows) {
        for my $part (@{$row->{ports}}) {
            push @starts, $total;
            push @owners, $row;
            push @firsts, $part->[0];
            $total += $part->[1] - $part->[0] + 1;
        }
    }
    # The order of the probes: index, index + step, index + 2 step… modulo the total; src/sweep/order.ts has the same.
    my $step = 1 + (int($total * 618034 / 1000000) + $seed) % $total;
    $step++ while greatest_common_divisor($step, $total) != 1;
    $step %= $total;
    my $index = $seed % $total;
    my ($left, $tried, $told, $pass, $limit) = ($total, 0, 0, 0, $most);
    my $silence = 't:' . int($timeout * 1000 + 0.5);
    my (@again, @fifo, @order, %retries, @live, %mute);
    my ($alive, $tokens, $last, $stalled, $dry, $changed) = (0, 0, $now->(), 0, 0, 0);
    my $flushed = $last;
    my $kind = SOCK_STREAM | POSIX::O_NONBLOCK();
    my $writing = '';
    # What is asked first of a new connect is what the last one came to.
    my ($prompt, $mostly_open, @connected) = ($most_prompt);
    my $clock = $precise ? \&Time::HiRes::clock_gettime : $now;
    my $settle = sub {
        my ($socket, $probe, $row, $port, $spent, $error) = @_;
        my $code;
        # A reset after the handshake: it was connected, and what happened next is no business of a sweep.
        if (!$error || $error == $connection_reset || $error == $broken_pipe) {
            $code = 'o';
            if ($row->{own} && is_own_peer($socket)) {
                # Connected to itself: the kernel chose the port that was asked for.
                $retries{$probe}++;
                if ($retries{$probe} <= 2) { push @again, $probe; return }
                $code = 'e:ECONNREFUSED';
            }
            elsif ($row->{asks}) {
                $row->{times}{int($spent * 1000000)}++ if $precise;
                ask($socket, $probe, $row, $port);
                return;
            }
            else { push @connected, $socket }
        }
        elsif ($error == $timed_out) { $code = $silence }
        else { $code = error_code($error) }
        if ($code eq $silence) { push @{$row->{silent}}, $probe }
        else {
            $row->{answered} = $changed = 1;
            $row->{times}{int($spent * 1000000)}++ if $precise && (!$error || $error == $refused);
        }
        if (!$pass) { $tried++ }
        elsif ($code eq $silence && !delete $mute{$probe}) { return }
        push @{$row->{out}{$code}}, $port;
    };
    # Who is silent is asked again, as what did not connect is tried again: its machine may be busy. What was said last of a
    # probe holds.
    my $answered = sub {
        my ($question, $code) = @_;
        my ($probe, $row) = @$question{qw(probe row)};
        my $socket = forget($question);
        if ($code =~ /^a/) { setsockopt $socket, SOL_SOCKET, SO_LINGER, $aborting; close $socket }
        else { push @connected, $socket }
        $row->{answered} = 1;
        if ($code eq 'x:silent') {
            push @{$row->{silent}}, $probe;
            return if $mute{$probe}++;
        }
        $changed = 1;
        $tried++ if !$pass;
        push @{$row->{out}{$code}}, $question->{port};
    };
    while (!$cancelled) {
        my $time = $now->();
        my $pace = $rate;
        $pace = $careful_rate if $pass && ($pace <= 0 || $pace > $careful_rate);
        my $room = $limit - $alive;
        $room = $burst if $room > $burst;
        if ($pace > 0) {
            $tokens += ($time - $last) * $pace;
            my $most_tokens = $pace > 20 ? $pace / 20 : 1;
            $tokens = $most_tokens if $tokens > $most_tokens;
            $last = $time;
            $room = int $tokens if $room > $tokens;
        }
        # No more are asked for less than a good part of a burst: each look has its price.
        my $free = $asked_at_once - $fresh;
        $free = $asked_at_once + $most_slow - $questions if $free > $asked_at_once + $most_slow - $questions;
        $free = $most - $alive - $questions if $free > $most - $alive - $questions;
        my $full = $questions && $free < ($most > $burst ? $burst / 4 : 1);
        $room = $full ? 0 : $free if $questions && ($full || $room > $free);
        if ($stalled) { if ($alive && $alive > $limit / 2) { $room = 0 } else { $stalled = 0 } }
        my ($started, $short, @pending, @answers, @answered) = (0, 0);
        # Of the range that the last probe was of; plain is what needs no second look.
        my ($from, $to, $row, $base, $family, $name, $times, $out, $asks, $plain) = (0, 0);
        while ($started < $room) {
            my $probe;
            if (@again) { $probe = shift @again }
            elsif ($left) {
                $left--;
                if ($pass) { $probe = $order[$left] }
                else {
                    $probe = $index;
                    $index = ($index + $step) % $total;
                }
            }
            else { last }
            if ($probe < $from || $probe >= $to) {
                my ($low, $high) = (0, $#starts);
                while ($low < $high) {
                    my $middle = ($low + $high + 1) >> 1;
                    if ($starts[$middle] <= $probe) { $low = $middle } else { $high = $middle - 1 }
                }
                ($from, $to) = ($starts[$low], $low < $#starts ? $starts[$low + 1] : $total);
                $row = $owners[$low];
                $base = $firsts[$low] - $from;
                ($family, $name, $times, $out, $asks) = @$row{qw(family name times out asks)};
                $plain = !$pass && $precise && defined $row->{source} && !$row->{own} && !$asks;
            }
            my $port = $base + $probe;
            my $error = 0;
            my $begun;
            if (socket my $socket, $family, $kind, 0) {
                # The port is in the same place in both families.
                substr $name, 2, 2, pack 'n', $port;
                setsockopt $socket, $tcp, $together, 1 if $asks;
                $begun = $clock->(1);
                $error = $! + 0 if !connect $socket, $name;
                if ($prompt && $error == $in_progress) {
                    $error = $mostly_open ? 0 : unpack 'i', getsockopt $socket, SOL_SOCKET, SO_ERROR;
                    # Open, or pending still; not the way to ask for errors, because it undoes the socket, which costs more.
                    $error = connect($socket, $name) ? 0 : $! + 0 if !$error;
                    if ($error == $already) { $error = $in_progress }
                    else {
                        my $spent = $clock->(1) - $begun;
                        $mostly_open = !$error;
                        if ($plain && (!$error || $error == $refused)) {
                            $times->{int($spent * 1000000)}++;
                            if ($error) { push @{$out->{'e:ECONNREFUSED'}}, $port; push @answered, $socket }
                            else { push @{$out->{o}}, $port; push @connected, $socket }
                            $row->{answered} = $changed = 1;
                            $started++;
                            $tried++;
                            next;
                        }
                        push @answers, [$socket, $probe, $row, $port, $spent, $error];
                    }
                }
                if (!defined $row->{source}) {
                    $row->{source} = source_of($socket, $row->{family});
                    $row->{own} = $row->{source} eq inet_ntop($row->{family}, $row->{raw}) if defined $row->{source};
                }
                if ($error == $in_progress) {
                    push @pending, [$socket, $probe, $row, $port, $begun];
                    $alive++;
                    $started++;
                    next;
                }
                if (@answers && $answers[-1][0] == $socket) { $started++; next }
                if (!$error) {
                    push @answers, [$socket, $probe, $row, $port, $now->() - $begun, 0];
                    $started++;
                    next;
                }
            }
            else { $error = $! + 0 }
            my $code;
            if ($shortage{$error}) {
                look_at_parting($now->(), $partings / 2) if @parting;
                if (has_source($row, $error) && ($alive || @parting || $dry < 20)) {
                    unshift @again, $probe;
                    $limit = $alive || 1;
                    $stalled = 1;
                    $dry++ if !$alive && !@parting;
                    last;
                }
                $short++;
                $code = (has_source($row, $error) ? 'u:out-of-sockets:' : 'e:') . substr error_code($error), 2;
            }
            else { $code = error_code($error) }
            $started++;
            $tried++ if !$pass;
            push @{$row->{out}{$code}}, $port;
        }
        for my $own (@pending) {
            my ($socket) = @$own;
            my $fd = fileno $socket;
            vec($writing, $fd, 1) = 1;
            $live[$fd] = $own;
            push @fifo, $own;
        }
        if (@answers || @answered || @connected) { $prompt = $most_prompt }
        elsif ($prompt) { $prompt = $prompt > @pending ? $prompt - @pending : 0 }
        $settle->(@$_) for @answers;
        $dry = 0 if $started > $short;
        part(splice @connected) if @connected;
        @pending = @answers = @answered = ();
        $tokens -= $started if $pace > 0;
        if (!$alive && !$left && !@again && !$questions) {
            # A pass is over. Silence is tried again, slowly, where the address answered something, and once more where
            # that changed anything: Linux limits the rate of its ICMP, and SYNs get lost.
            last if $pass == 2 || $pass && !$changed;
            # What this pass says goes before what the next one makes of it: a hash keeps no order.
            flush_rows($rows, $tried - $told);
            $told = $tried;
            # By address: flows of one port each are rows of their own, and no worse off than a range.
            my %lively = map { $_->{answered} ? ($_->{address} => 1) : () } @$rows;
            @order = map { $lively{$_->{address}} ? @{$_->{silent}} : () } @$rows;
            $_->{silent} = [] for @$rows;
            ($left, $changed, $limit, $tokens, $dry) = (scalar @order, 0, $most, 1, 0);
            $pass++;
            last if !$left;
            next;
        }
        my $wait = 1;
        if ($full && $fresh) { select undef, undef, undef, $nap; $wait = 0 }
        elsif ($stalled && !$alive) { $wait = 0.1 }
        elsif ($started == $burst || $started && $pace <= 0 && $alive < $limit) { $wait = 0 }
        else {
            if (@parting && $parting[0][0] - $time < $wait) { $wait = $parting[0][0] - $time }
            if (@fifo && $fifo[0][4] + $timeout - $time < $wait) { $wait = $fifo[0][4] + $timeout - $time }
            if (@fresh && $slow_after < $wait) { $wait = $slow_after }
            if (@slow && $slow[0]{begun} + $timeout - $time < $wait) { $wait = $slow[0]{begun} + $timeout - $time }
            if ($pace > 0 && ($left || @again) && $alive < $limit && !$stalled) {
                my $next = (1 - $tokens) / $pace;
                $wait = $next if $next < $wait;
            }
            $wait = 0 if $wait < 0;
        }
        my $readable = $hearing;
        vec($readable, 0, 1) = 1;
        my $ready = $writing | $saying;
        my $asked = $now->();
        my $count = select $readable, $ready, undef, $wait;
        if ($count > 0) {
            listen_() if vec $readable, 0, 1;
            my ($bits, $fd) = ($questions ? unpack 'b*', $readable : '', 0);
            while (($fd = index $bits, '1', $fd + 1) > 0) {
                my $code = hear($asked[$fd]);
                $answered->($asked[$fd], $code) if $code;
            }
            $bits = unpack 'b*', $ready;
            $fd = -1;
            $time = $now->();
            while (($fd = index $bits, '1', $fd + 1) >= 0) {
                if (!$live[$fd]) { utter($asked[$fd]) if $asked[$fd]; next }
                my ($socket, $probe, $row, $port, $begun) = @{$live[$fd]};
                my $error = unpack 'i', getsockopt $socket, SOL_SOCKET, SO_ERROR;
                vec($writing, $fd, 1) = 0;
                $live[$fd][0] = undef;
                $live[$fd] = undef;
                $alive--;
                $settle->($socket, $probe, $row, $port, $time - $begun, $error);
            }
            part(splice @connected) if @connected;
        }
        # Silent is what was due when select was asked and select did not name: by a later look at the clock, the time in
        # which this node was stopped, or slow, would be the targets' silence.
        while (@fifo) {
            my $oldest = $fifo[0];
            if (defined $oldest->[0]) {
                last if $oldest->[4] + $timeout > $asked;
                my ($socket, $probe, $row, $port) = @$oldest;
                my $fd = fileno $socket;
                vec($writing, $fd, 1) = 0;
                $live[$fd] = undef;
                $oldest->[0] = undef;
                close $socket;
                $alive--;
                push @{$row->{silent}}, $probe;
                $tried++ if !$pass;
                push @{$row->{out}{$silence}}, $port if !$pass || delete $mute{$probe};
            }
            shift @fifo;
        }
        if ($questions) {
            $answered->($_, length $_->{heard} ? stranger($_->{heard}) : 'x:silent') for lapsed($asked, $timeout);
            part(splice @connected) if @connected;
        }
        $time = $now->();
        look_at_parting($time, $most_parting);
        if ($time - $flushed > 1) {
            flush_rows($rows, $tried - $told);
            ($flushed, $told) = ($time, $tried);
        }
    }
    flush_rows($rows, $tried - $told);
    my @lines;
    for my $row (grep { defined $_->{source} } @$rows) {
        my $buckets = $row->{buckets};
        my $text = join(',', map { "$_:$buckets->{$_}" } sort { $a <=> $b } keys %$buckets) || '-';
        push @lines, "l $row->{item} $row->{address} $row->{source} $row->{least} $row->{most} $text";
    }
    say_(@lines);
    return $tried;
}

sub source_of {
    my ($socket, $family) = @_;
    my $name = getsockname $socket;
    return if !$name;
    my (undef, $raw) = $family == AF_INET ? unpack_sockaddr_in($name) : unpack_sockaddr_in6($name);
    # Where the kernel found no way, it chose no address.
    return $raw =~ /[^\0]/ ? inet_ntop($family, $raw) : undef;
}

sub is_own_peer {
    my ($socket) = @_;
    my $peer = getpeername $socket;
    return defined $peer && $peer eq (getsockname($socket) || '');
}

# Of EADDRNOTAVAIL: whether the node has an address to send from at all. UDP needs one too, and has its own ports.
sub has_source {
    my ($row, $error) = @_;
    return 1 if $error != Errno::EADDRNOTAVAIL() || defined $row->{source};
    socket my $socket, $row->{family}, SOCK_DGRAM, 0 or return 1;
    my $name = $row->{family} == AF_INET ? pack_sockaddr_in(9, $row->{raw}) : pack_sockaddr_in6(9, $row->{raw}, $row->{scope}, 0);
    return connect($socket, $name) || $! != Errno::EADDRNOTAVAIL();
}

sub serve {
    my ($own) = @_;
    my (@items, @limits);
    while (1) {
        while (!@commands) {
            wait_for_input(@parting ? $look_after : undef);
            look_at_parting($now->(), $most_parting);
        }
        my $command = shift @commands;
        if ($command->[0] eq 'b') {
            @items = ();
            @limits = @$command;
            $cancelled = 0;
            $rate = $limits[2];
        }
        elsif ($command->[0] eq 'i') { push @items, $command }
        elsif ($command->[0] eq 'g') {
            $records = 0;
            my $most = $descriptors - 32 - $most_parting;
            for my $bound ($limits[5], $most_at_once) { $most = $bound if $bound < $most }
            begin_asking($limits[6] || 0, join ' ', @limits[7 .. $#limits]);
            my @rows = targets(\@items, $own);
            my $tried = @rows && !$cancelled ? sweep(\@rows, $limits[3] / 1000, $limits[4], $most < 1 ? 1 : $most) : 0;
            say_(sprintf 'd %d %d %d %s', $limits[1], $tried, $records, $cancelled ? 'x' : 'e');
        }
    }
}

alarm 6;
my ($found, $own) = facts();
$own->{$_} = 1 for '0.0.0.0', '0' x 32;
emit('ready perl ' . word($^X) . sprintf(' %vd -', $^V), @$found, '.');
alarm 6;
serve_to_the_end(sub { serve($own) });
