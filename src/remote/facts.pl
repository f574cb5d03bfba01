# What a node says of itself when a program starts: its addresses, listeners and routes. node.pl goes before it.
# Linux values; Socket does not name them.
my ($netlink, $sock_diag) = (16, 4);

sub rows_of {
    my ($path, $each) = @_;
    open(my $file, '<', $path) or return;
    while (my $line = <$file>) { last if ($each->(split ' ', $line) || '') eq 'enough' }
}

# Listeners as /proc/net/tcp prints them, asked of the kernel (sock_diag(7)): behind its listeners that file walks the whole
# table of connections, and 250,000 empty buckets take 8 ms. Undefined where the kernel does not answer that.
sub listeners {
    my ($family) = @_;
    socket my $socket, $netlink, SOCK_RAW, $sock_diag or return;
    setsockopt $socket, SOL_SOCKET, SO_RCVTIMEO, pack 'l!l!', 2, 0;
    syswrite $socket, pack 'LSSLLCCCCLx48', 72, 20, 0x301, 0, 0, $family, 6, 0, 0, 1024;
    my @found;
    while (sysread $socket, my $data, 65536) {
        while (length $data) {
            my ($length, $kind) = unpack 'LS', $data;
            return \@found if $kind == 3;
            return if $kind != 20;
            my ($port, @words) = unpack $family == AF_INET ? 'x20nx2L' : 'x20nx2L4', $data;
            push @found, sprintf '%s:%04X', join('', map { sprintf '%08X', $_ } @words), $port;
            substr($data, 0, ($length + 3) & ~3) = '';
        }
    }
    return;
}

# The same where the kernel does not answer that.
sub listed_listeners {
    my ($path) = @_;
    my @found;
    rows_of($path, sub {
        if ($_[3] eq '0A') { push @found, $_[1] }
        elsif ($_[0] ne 'sl') { return 'enough' }
        return;
    });
    return \@found;
}

# Rows are sent as the kernel prints them: src/sweep/facts.ts parses them for every engine.
sub facts {
    my (@found, %own);
    my $last = '';
    rows_of('/proc/net/fib_trie', sub {
        if ($_[0] eq '|--') { $last = $_[1] }
        elsif ($_[0] eq '/32' && "@_[1, 2]" eq 'host LOCAL' && !$own{$last}++) { push @found, "f fib_trie $last" }
        return;
    });
    rows_of('/proc/net/if_inet6', sub { $own{$_[0]} = 1; push @found, "f if_inet6 $_[0]"; return });
    for (['tcp', AF_INET], ['tcp6', AF_INET6]) {
        my ($table, $family) = @$_;
        my $listening = listeners($family) || listed_listeners("/proc/net/$table");
        push @found, map { "f $table $_" } @$listening;
    }
    rows_of('/proc/net/route', sub { push @found, "f route @_[0, 1, 2, 3, 7]" if $_[0] ne 'Iface'; return });
    # Without what the kernel keeps for itself and refuses: it shows both on lo.
    rows_of('/proc/net/ipv6_route', sub { push @found, "f ipv6_route @_[9, 0, 1, 4, 8]" if $_[9] ne 'lo'; return });
    return (\@found, \%own);
}
