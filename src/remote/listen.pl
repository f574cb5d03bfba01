# Portolan's temporary listeners for nodes with perl. node.pl, ports.pl, doors.pl and visitors.pl go before it.
# src/listen/wire.ts describes what is said on stdin and stdout; listen.py is its twin and does the same in the same order.

# Seconds after which, at the latest, the time limit and those of connections are looked at; and where there are connections
# enough, their ends.
my ($look, $crowded_look) = (1, 0.05);
my $most_doors = $descriptors - $reserve - $most;

my ($door_bits, $buffer) = ('', '');
my (@lines, @items, $end);

sub finish { POSIX::_exit(0) }
$SIG{PIPE} = 'IGNORE';
$SIG{ALRM} = 'DEFAULT';

sub wall_clock {
    return sprintf '%d 1', 1000 * Time::HiRes::time() if $precise;
    return 1000 * time() + 500 . ' 500';
}

# perl's select takes any number of descriptors: these are the ones that are set.
sub set_bits {
    my ($bits) = @_;
    my @set;
    while ($bits =~ /[^\0]/g) {
        my $at = 8 * (pos($bits) - 1);
        push @set, grep { vec $bits, $_, 1 } $at .. $at + 7;
    }
    return @set;
}

sub prepare {
    my (@binds, %asked, %failed);
    # Whoever listens on every address does so on each of them.
    for my $item (sort { ($a->[1] ne '-') <=> ($b->[1] ne '-') } @items) {
        my ($id, $address, $ports, $mode) = @$item;
        $asked{$_} = 1 for each_port($ports);
        my $by_error = open_doors($address, $ports, $mode eq 'l', $most_doors);
        for my $error (sort keys %$by_error) {
            push @binds, "b $id $error " . port_text(@{ $by_error->{$error} });
            if ($error ne '-') { $failed{$_} = 1 for @{ $by_error->{$error} } }
        }
    }
    my %own = map { ((stat $_->{socket})[1] => 1) } values %doors;
    my @found = holders(\%asked, \%failed, \%own);
    push @lines, @binds, @found, sprintf 'p %d %d', scalar @binds, scalar @found;
    vec($door_bits, $_, 1) = 1 for keys %doors;
    return;
}

sub finish_listening {
    # Who has connected has been accepted by the kernel.
    for (1 .. $backlog) {
        my $ready = $door_bits;
        last if select($ready, undef, undef, 0) <= 0;
        for (set_bits($ready)) { accept_from($doors{$_}, $now->()) if keys %connections < $most }
        last if keys %connections >= $most;
    }
    %doors = ();
    $door_bits = '';
    drop($_) for keys %connections;
    push @lines, "a $_ " . port_text(sort { $a <=> $b } keys %{ $seen{$_} }) for sort keys %seen;
    push @lines, sprintf '. %d', scalar keys %seen;
    return;
}

sub obey {
    my ($word, @rest) = @_;
    if ($word eq 'h') { push @lines, 'h' }
    elsif ($word eq 't') { push @lines, 't ' . wall_clock() }
    elsif ($word eq 'i') { push @items, [@rest] }
    elsif ($word eq 'g') { prepare() }
    elsif ($word eq 'f') { finish_listening() }
    elsif ($word eq 's') {
        ($run, $answer) = @rest;
        $end = $now->() + $rest[2];
        push @lines, port_settings();
    }
    return;
}

# Any word from the controller puts off the alarm, which ends a program that hears none.
sub listen_ {
    my $got = sysread STDIN, $buffer, 65536, length $buffer;
    return if !defined $got && $! == $interrupted;
    finish() if !$got;
    alarm 6;
    my $last = rindex $buffer, "\n";
    return if $last < 0;
    obey(split / /, $_) for split /\n/, substr $buffer, 0, $last + 1, '';
    if (@lines) {
        emit(splice @lines);
        # On a slow way this may have taken long, and the controller's words lie waiting.
        alarm 6;
    }
    return;
}

sub serve {
    my $next_look = 0;
    while (1) {
        my $crowded = $short || keys %connections >= $most;
        $short = 0;
        my ($readable, $writable) = ($crowded ? '' : $door_bits, '');
        vec($readable, 0, 1) = 1;
        for my $fd (keys %connections) {
            if (length $connections{$fd}{answer}) { vec($writable, $fd, 1) = 1 }
            else { vec($readable, $fd, 1) = 1 }
        }
        my $count = select $readable, $writable, undef, $crowded ? $crowded_look : $look;
        my $now_is = $now->();
        if (defined $end && $now_is >= $end) {
            syswrite STDERR, "the time that temporary listeners may last is over\n";
            finish();
        }
        if ($count > 0) {
            # Before any is accepted: that may have the number of one that was asked about.
            my @ready = set_bits($readable);
            for my $fd (@ready, set_bits($writable)) { attend($fd) if $connections{$fd} }
            for my $fd (@ready) {
                accept_from($doors{$fd}, $now_is) if $doors{$fd} && keys %connections < $most;
            }
            listen_() if vec $readable, 0, 1;
        }
        next if $now_is < $next_look;
        $next_look = $now_is + $look;
        for my $fd (keys %connections) { drop($fd) if $connections{$fd}{end} <= $now_is }
    }
}

alarm 6;
emit('ready perl ' . word($^X) . sprintf(' %vd -', $^V));
serve_to_the_end(\&serve);
