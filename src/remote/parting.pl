# Leaving a service politely; parting.py is its twin. node.pl goes before it.
# After these seconds a connection is looked at, and again, until the service has ended it too or the last have passed.
my ($look_after, $patience) = (0.1, 0.5);
my $most_parting = ($descriptors - 16) / 4;
$most_parting = $most_parting < 1 ? 1 : $most_parting > 256 ? 256 : int $most_parting;
# Connections that we have ended (FIN). To close one while the service has yet to speak, or with its words unread, would
# send it an RST, which some log as an attack. Only so many wait: beyond that, the oldest goes first.
my @parting;
my $again = Errno::EAGAIN();

sub part {
    my $time = $now->();
    shutdown($_, 1) and push @parting, [$time + $look_after, $time + $patience, $_] for @_;
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
        last if $parting[0][0] > $time && @parting <= $most;
        my $own = shift @parting;
        next if has_ended($own->[2]) || $own->[1] <= $time || @parting >= $most;
        $own->[0] = $time + $look_after;
        push @parting, $own;
    }
}

# When the program is told to end: most have been ended by their service long since.
sub finish_parting {
    while (@parting) {
        @parting = grep { !has_ended($_->[2]) && $now->() < $_->[1] } @parting;
        select undef, undef, undef, 0.01;
    }
}
