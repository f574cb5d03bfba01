# Accepts connections and answers their questions. node.pl, ports.pl and doors.pl go before it; visitors.py is its twin, but
# for what perl has not: epoll. probeToken in src/model/listening.ts tells what is said.

# Seconds: a connection is closed after so many.
my $patience = 10;
my $most_question = 65536;
# Linux values: without the first, recv waits.
my ($dont_wait, $no_signal) = (0x40, 0x4000);
my $again = Errno::EAGAIN();

# A quarter of the descriptors is for accepted connections.
my $reserve = 16;
my $most = int(($descriptors - $reserve) / 4);
$most = $most < 1 ? 1 : $most > 2048 ? 2048 : $most;

# Accepted connections by descriptor; ports by who asked where.
my (%connections, %seen);
my ($run, $answer);
# Whether the node has run out of what a connection needs.
my $short = 0;

sub note { my ($source, $connection) = @_; $seen{"$connection->{local} $connection->{peer} $source"}{$connection->{port}} = 1; return }

sub drop {
    my ($fd) = @_;
    my $connection = delete $connections{$fd};
    note('-', $connection) if $connection->{strange};
    close $connection->{socket};
    return;
}

# One connection of each door that has some.
sub accept_from {
    my ($door, $now_is) = @_;
    my $name = accept my $socket, $door->{socket};
    if (!$name) { $short = 1 if $shortage{$! + 0} && $! != $again; return }
    my ($peer) = address_of($name);
    my $fd = fileno $socket;
    my $local = defined $door->{local} ? $door->{local} : (address_of(getsockname $socket))[0];
    $connections{$fd} = { socket => $socket, peer => $peer, local => $local, port => $door->{port}, strange => 1,
        question => '', answer => '', end => $now_is + $patience };
    return attend($fd);
}

# The source's number; undefined where this is no question of this run's.
sub source_of {
    my ($question) = @_;
    return if !defined $run || $question !~ /^portolan-preflight ([0-9a-f]+) (\d{1,9})(?: x*)?\z/;
    return $1 eq $run ? $2 : undef;
}

sub answer_to {
    my ($question, $port) = @_;
    my $text = "$answer $port";
    $text .= ' ' . 'x' x (length($question) - length($text) - 1) if $question =~ tr/ // == 3;
    return "$text\n";
}

# Does for a connection what can be done; it may be gone afterwards.
sub attend {
    my ($fd) = @_;
    my $connection = $connections{$fd} or return;
    return write_answer($fd) if length $connection->{answer};
    my $data;
    if (!defined recv $connection->{socket}, $data, 16384, $dont_wait) {
        return if $! == $again || $! == $interrupted;
        return drop($fd);
    }
    return drop($fd) if !length $data;
    # Answered, or strange: its end is waited for.
    return if $connection->{done};
    $connection->{question} .= $data;
    my $length = index $connection->{question}, "\n";
    return if $length < 0 && length $connection->{question} < $most_question;
    $connection->{done} = 1;
    my $question = substr $connection->{question}, 0, $length < 0 ? 0 : $length;
    my $source = $length < $most_question ? source_of($question) : undef;
    $connection->{question} = '';
    return if !defined $source;
    $connection->{strange} = 0;
    note($source, $connection);
    $connection->{answer} = answer_to($question, $connection->{port});
    return write_answer($fd);
}

sub write_answer {
    my ($fd) = @_;
    my $connection = $connections{$fd};
    my $sent = send $connection->{socket}, $connection->{answer}, $dont_wait | $no_signal;
    if (defined $sent) { substr($connection->{answer}, 0, $sent) = '' }
    elsif ($! != $again && $! != $interrupted) { drop($fd) }
    return;
}
