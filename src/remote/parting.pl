# Leaving a service politely; parting.py is its twin. node.pl goes before it.
# After these seconds a connection is looked at, and again, until the service has ended it too or the last have passed.
my ($look_after, $patience) = (0.1, 0.5);
my $most_parting = ($descriptors - 16) / 4;
$most_parting = $most_parting < 1 ? 1 : $most_parting > 256 ? 256 : int $most_parting;
# Connections that we have ended (FIN). To close one while the service has yet to speak, or with its words unread, would
# send it an RST, which some log as an attack. Only so many wait: beyond that, the oldest goes first.
my ($partings, @parting) = (0);
my $again = Errno::EAGAIN();

sub part {
    my @sockets = grep { shutdown $_, 1 } @_;
    my $time = $now->();
    push @parting, [$time + $look_after, $time + $patience, \@sockets];
    $partings += @sockets;
}

# Reads what a service says and tells whether it has ended; of one that never stops, no more than a little.
sub has_ended {
    my ($socket) = @_;
    for (1 .. 16) {
        my $got = sysread $socket, my $said, 16384;
        return $! != $again && $! != $interrupted if !defined $got;
        return 1 if !$got;
    }
    return 0;
}

sub look_at_parting {
    my ($time, $most) = @_;
    for (1 .. @parting) {
        last if $parting[0][0] > $time && $partings <= $most;
        my (undef, $end, $sockets) = @{shift @parting};
        my $over = $end <= $time || $partings > $most;
        $partings -= @$sockets;
        my $spoke = '';
        vec($spoke, fileno $_, 1) = 1 for @$sockets;
        @$sockets = grep { !vec($spoke, fileno $_, 1) || !has_ended($_) } @$sockets if select $spoke, undef, undef, 0;
        next if $over || !@$sockets;
        $partings += @$sockets;
        push @parting, [$time + $look_after, $end, $sockets];
    }
}

# When the program is told to end: most have been ended by their service long since.
sub finish_parting {
    for my $own (@parting) {
        my @left = @{$own->[2]};
        while (@left) {
            @left = grep { !has_ended($_) && $now->() < $own->[1] } @left;
            select undef, undef, undef, 0.01 if @left;
        }
    }
}
