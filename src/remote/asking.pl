# Saying a token to what connects, and reading whether a temporary listener of this run answers; asking.py is its twin.
# node.pl and parting.pl go before it.
# Asked and not answered yet: were there more, a listener on a busy machine would come to the last of them too late.
my $asked_at_once = 256;
# After these seconds an answer is slow, and no longer keeps others from being asked; but so many may be slow: who filters
# what is said makes all of them so, and so does a machine that is too busy for us already.
my ($slow_after, $most_slow) = (0.5, 768);
# TCP_DEFER_ACCEPT: of a socket that connects, that the last packet of the handshake waits for the token and carries it, or
# goes alone after 0.2 s. One packet less, and the listener accepts a connection that has spoken.
my ($tcp, $together) = (6, 9);
# Between two looks for answers where no more may be asked: to be woken by each would cost more than the answer.
my $nap = 0.001;
my $most_heard = 65536;
# Bytes of a stranger's words that are reported.
my $evidence = 24;
# SO_LINGER, on and for no time: close sends an RST, and neither side is left in TIME_WAIT.
my $aborting = pack 'ii', 1, 0;
# MSG_NOSIGNAL: SIGPIPE is for the controller's end.
my $without_signal = 0x4000;

my ($token, $padded);
# Questions by descriptor and in the order of their beginning, how many there are, and how many of them are not slow; and for
# select whom we listen to, and to whom there is something left to say.
my (@asked, @fresh, @slow, $questions, $fresh, $hearing, $saying);

# With no token, nothing is asked.
sub begin_asking {
    ($padded, $token) = @_;
    $token .= ' ' . 'x' x ($padded - length($token) - 2) if $padded;
    $token .= "\n";
    @asked = @fresh = @slow = ();
    ($questions, $fresh, $hearing, $saying) = (0, 0, '', '');
}

sub ask {
    my ($socket, $probe, $row, $port) = @_;
    my $fd = fileno $socket;
    my $question = {
        socket => $socket, fd => $fd, probe => $probe, row => $row, port => $port, begun => $now->(), heard => '',
        unsaid => $token, fresh => 1,
    };
    $asked[$fd] = $question;
    push @fresh, $question;
    $questions++;
    $fresh++;
    vec($hearing, $fd, 1) = 1;
    utter($question);
}

# Says what is left of the token. Of a failure the reading tells more: what was said before, or that it was ended.
sub utter {
    my ($question) = @_;
    my $said = send $question->{socket}, $question->{unsaid}, $without_signal;
    if (defined $said) { substr($question->{unsaid}, 0, $said) = '' }
    elsif ($! != $again && $! != $interrupted) { $question->{unsaid} = '' }
    vec($saying, $question->{fd}, 1) = length $question->{unsaid} ? 1 : 0;
}

# Reads, and tells by its code what came of it; undefined while more may come.
sub hear {
    my ($question) = @_;
    my $got = sysread $question->{socket}, $question->{heard}, 16384, length $question->{heard};
    my $heard = $question->{heard};
    if (!defined $got) {
        return if $! == $again || $! == $interrupted;
        return length $heard ? stranger($heard) : 'x:reset';
    }
    my $end = index $heard, "\n";
    my $code = $end >= 0 && answer_code(substr($heard, 0, $end), $question->{port});
    return $code if $code;
    return length $heard ? stranger($heard) : 'x:closed' if $end >= 0 || !$got || length $heard >= $most_heard;
    return stranger($heard) if length $heard >= $evidence && $heard !~ /^[0-9a-f]{16}/;
    return;
}

# The code of what our listeners say: their word, their port and as much padding as we said.
sub answer_code {
    my ($line, $port) = @_;
    my ($word, $listening, $padding) = $line =~ /^([0-9a-f]{16}) ([0-9]{1,5})( x*)?\z/ or return;
    return if $listening < 1 || $listening > 65535 || ($padded ? !defined $padding || length($line) != $padded - 1 : defined $padding);
    return "a:$word" . ($listening == $port ? '' : ':' . ($listening + 0));
}

sub stranger { my ($heard) = @_; return 'x:stranger:' . unpack 'H*', substr $heard, 0, $evidence }

# A question is over: gives its socket back.
sub forget {
    my ($question) = @_;
    my $fd = $question->{fd};
    $asked[$fd] = undef;
    vec($hearing, $fd, 1) = vec($saying, $fd, 1) = 0;
    $questions--;
    $fresh-- if $question->{fresh};
    return delete $question->{socket};
}

# Those that have been silent too long.
sub lapsed {
    my ($asked, $timeout) = @_;
    while (@fresh && (!$fresh[0]{socket} || $fresh[0]{begun} + $slow_after <= $asked)) {
        my $question = shift @fresh;
        next if !$question->{socket};
        $question->{fresh} = 0;
        $fresh--;
        push @slow, $question;
    }
    my @over;
    while (@slow && (!$slow[0]{socket} || $slow[0]{begun} + $timeout <= $asked)) {
        my $question = shift @slow;
        push @over, $question if $question->{socket};
    }
    return @over;
}
