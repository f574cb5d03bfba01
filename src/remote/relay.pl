# Portolan's relay for nodes with perl; node.pl goes before it. src/vantage/relay/wire.ts describes what is said on stdin
# and stdout; relay.py is its twin and does the same in the same order.

# Bytes of a stream that may be under way to the controller; src/vantage/relay/wire.ts has the same number.
my $window = 16384;
my $piece = 4096;
# select(2) is not made for more descriptors than this.
my $most_descriptors = 1000;
my $again = Errno::EAGAIN();

my (%streams, @lines);
my $buffer = '';

sub finish { POSIX::_exit(0) }
# A connection that broke is told by the error of the write; without an alarm handler the alarm ends a blocked step too.
$SIG{PIPE} = 'IGNORE';
$SIG{ALRM} = 'DEFAULT';

sub report { push @lines, @_; return }

sub drop { my ($stream) = @_; delete $streams{$stream->{number}}; close $stream->{socket}; return }

sub fail {
    my ($number, $error, $begun) = @_;
    my $seconds = int($now->() - $begun + 0.5) || 1;
    my $code = $shortage{$error} ? 'u:out-of-sockets:' . substr error_code($error), 2
        : $error == $timed_out ? 't:' . 1000 * $seconds
        : error_code($error);
    return report("e $number $code");
}

sub open_stream {
    my ($number, $address, $port) = @_;
    my $begun = $now->();
    my ($problem, $found) = getaddrinfo($address, $port, { flags => AI_NUMERICHOST, socktype => SOCK_STREAM });
    return fail($number, Errno::EINVAL(), $begun) if $problem || !$found;
    socket my $socket, $found->{family}, SOCK_STREAM | POSIX::O_NONBLOCK(), 0 or return fail($number, $! + 0, $begun);
    return fail($number, Errno::EMFILE(), $begun) if fileno $socket >= $most_descriptors;
    return fail($number, $! + 0, $begun) if !connect $socket, $found->{addr} and $! != $in_progress;
    $streams{$number} = { number => $number, socket => $socket, begun => $begun, credit => $window, out => '' };
    return;
}

sub settle {
    my ($stream) = @_;
    my $spent = $now->() - $stream->{begun};
    my $error = unpack 'i', getsockopt $stream->{socket}, SOL_SOCKET, SO_ERROR;
    # A reset that came since is for the first read to tell.
    if (!$error || $error == $connection_reset || $error == $broken_pipe) {
        my $peer = getpeername $stream->{socket};
        # Connected to itself: the kernel chose the port that was asked for, and nobody listens there.
        $error = defined $peer && $peer eq (getsockname($stream->{socket}) || '') ? $refused : 0;
    }
    if ($error) { fail($stream->{number}, $error, $stream->{begun}); return drop($stream) }
    $stream->{connected} = 1;
    return report("c $stream->{number} " . ($precise ? int $spent * 1000000 : '-'));
}

sub broken {
    my ($stream) = @_;
    return if $! == $again || $! == $interrupted;
    report("r $stream->{number} " . substr error_code($! + 0), 2);
    return drop($stream);
}

sub read_some {
    my ($stream) = @_;
    my $most = $stream->{credit} < $piece ? $stream->{credit} : $piece;
    my $data;
    my $got = sysread $stream->{socket}, $data, $most;
    return broken($stream) if !defined $got;
    if (!$got) { $stream->{heard} = 1; return report("f $stream->{number}") }
    $stream->{credit} -= $got;
    return report("d $stream->{number} " . unpack 'H*', $data);
}

sub write_some {
    my ($stream) = @_;
    if (length $stream->{out}) {
        my $sent = syswrite $stream->{socket}, $stream->{out};
        return broken($stream) if !defined $sent;
        substr($stream->{out}, 0, $sent) = '';
        report("w $stream->{number} $sent");
    }
    return if !$stream->{said} || length $stream->{out} || $stream->{shut};
    $stream->{shut} = 1;
    return shutdown($stream->{socket}, 1) || broken($stream);
}

sub obey {
    my ($word, $number, @rest) = @_;
    return report('h') if $word eq 'h';
    return open_stream($number, @rest) if $word eq 'o';
    my $stream = $streams{$number} or return;
    if ($word eq 'x') {
        # What lies there unread would make the end of the connection a reset.
        my $unread;
        sysread $stream->{socket}, $unread, 65536 if $stream->{connected};
        return drop($stream);
    }
    if ($word eq 'w') { $stream->{credit} += $rest[0] }
    elsif ($word eq 'd') { $stream->{out} .= pack 'H*', $rest[0] }
    elsif ($word eq 'f') { $stream->{said} = 1 }
    write_some($stream) if $word ne 'w' && $stream->{connected};
    return;
}

# Any word from the controller puts off the alarm, which ends a program that hears none.
sub listen_ {
    my $got = sysread STDIN, $buffer, 65536, length $buffer;
    return if !defined $got && $! == $interrupted;
    finish() if !$got;
    alarm 6;
    my $end = rindex $buffer, "\n";
    return if $end < 0;
    obey(split / /, $_) for split /\n/, substr $buffer, 0, $end + 1, '';
    return;
}

sub serve {
    while (1) {
        my ($readable, $writable) = ('', '');
        vec($readable, 0, 1) = 1;
        for my $stream (values %streams) {
            if ($stream->{heard} && $stream->{shut}) { drop($stream); next }
            my $fd = fileno $stream->{socket};
            vec($writable, $fd, 1) = 1 if !$stream->{connected} || length $stream->{out};
            vec($readable, $fd, 1) = 1 if $stream->{connected} && $stream->{credit} > 0 && !$stream->{heard};
        }
        next if select($readable, $writable, undef, undef) < 0;
        for my $stream (values %streams) {
            my $fd = fileno $stream->{socket};
            if (!$stream->{connected}) { settle($stream) if vec $writable, $fd, 1; next }
            read_some($stream) if vec $readable, $fd, 1;
            write_some($stream) if vec($writable, $fd, 1) && $streams{$stream->{number}};
        }
        # After the streams: what is opened here may have the number of a descriptor that was asked about.
        listen_() if vec $readable, 0, 1;
        if (@lines) {
            emit(splice @lines);
            # On a slow way this may have taken long, and the controller's words lie waiting.
            alarm 6;
        }
    }
}

alarm 6;
emit('ready perl ' . word($^X) . sprintf(' %vd -', $^V));
serve_to_the_end(\&serve);
