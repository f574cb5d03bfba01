# Binds ports, to see whether it can be done and to listen on them. node.pl and ports.pl go before it; doors.py is its twin.

# Linux values; Socket does not name them all.
my ($ipv6_level, $ipv6_v6only) = (41, 26);
my ($tcp_level, $tcp_quickack) = (6, 12);
my $backlog = 1024;

sub each_port {
    my ($text) = @_;
    return map { my ($first, $last) = split /-/; $first .. (defined $last ? $last : $first) } split /,/, $text;
}

# 20000-20499,20600; of ports in ascending order.
sub port_text {
    my @runs;
    for my $port (@_) {
        if (@runs && $port == $runs[-1][1] + 1) { $runs[-1][1] = $port }
        else { push @runs, [$port, $port] }
    }
    return join ',', map { $_->[0] == $_->[1] ? $_->[0] : "$_->[0]-$_->[1]" } @runs;
}

# The address of a socket, and its family.
sub address_of {
    my ($name) = @_;
    return ('-') if !defined $name;
    my $family = sockaddr_family($name);
    my $address = $family == AF_INET ? (unpack_sockaddr_in($name))[1] : (unpack_sockaddr_in6($name))[1];
    return (inet_ntop($family, $address), $family);
}

my $everywhere = [[AF_INET, INADDR_ANY, '0.0.0.0']];
push @$everywhere, [AF_INET6, "\0" x 16, '::', 0] if length content('/proc/net/if_inet6');

# Family, packed address, its text, and of IPv6 the zone.
sub places_of {
    my ($address) = @_;
    return $everywhere if $address eq '-';
    my ($problem, $found) = getaddrinfo($address, 0, { flags => AI_NUMERICHOST, socktype => SOCK_STREAM });
    return if $problem || !$found;
    my ($text, $family) = address_of($found->{addr});
    return [[$family, (unpack_sockaddr_in($found->{addr}))[1], $text]] if $family == AF_INET;
    my (undef, $packed, $zone) = unpack_sockaddr_in6($found->{addr});
    return [[$family, $packed, $text, $zone]];
}

# A socket; undefined with an error in $!. Remnants of an earlier service's connections (TIME_WAIT) do not count as taken,
# and of ours there shall be none: accepted sockets inherit the linger, so that whatever closes them, a kill too, resets
# them.
sub door {
    my ($place, $port, $listen) = @_;
    my ($family, $packed, undef, $zone) = @$place;
    socket my $socket, $family, SOCK_STREAM | POSIX::O_NONBLOCK(), 0 or return;
    setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, pack 'i', 1 or return;
    setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0 or return;
    if ($family == AF_INET6) { setsockopt $socket, $ipv6_level, $ipv6_v6only, pack 'i', 1 or return }
    my $name = $family == AF_INET ? pack_sockaddr_in($port, $packed) : pack_sockaddr_in6($port, $packed, $zone);
    bind $socket, $name or return;
    if ($listen) {
        listen $socket, $backlog or return;
        # Only from here on is it inherited: the answer follows at once, and acknowledges the question by the way.
        setsockopt $socket, $tcp_level, $tcp_quickack, pack 'i', 0;
    }
    return $socket;
}

# Doors by descriptor; what they listen on.
my (%doors, %listened);

# The name of the error that kept a port from being bound, or '-'. It is wanted at all of its addresses or at none.
sub try_port {
    my ($places, $port, $listen, $most) = @_;
    my @opened;
    for my $place (@$places) {
        my $every = $place->[0] == AF_INET ? '0.0.0.0' : '::';
        my $full = $listen && keys(%doors) + @opened >= $most;
        my $socket = $full ? undef : door($place, $port, $listen);
        my $error = $full ? Errno::EMFILE() : $! + 0;
        if ($socket) { push @opened, [$socket, $place] }
        # What stands in the way may be a listener of our own, which will do.
        elsif ($error != Errno::EADDRINUSE() || !$listened{"$place->[2] $port"} && !$listened{"$every $port"}) {
            return substr error_code($error), 2;
        }
    }
    return '-' if !$listen;
    for (@opened) {
        my ($socket, $place) = @$_;
        my ($family, undef, $text) = @$place;
        my $local = $text eq '0.0.0.0' || $text eq '::' ? undef : $text;
        $doors{fileno $socket} = { socket => $socket, local => $local, port => $port };
        $listened{"$text $port"} = 1;
    }
    return '-';
}

# What became of an item's ports, alike ones together.
sub open_doors {
    my ($address, $ports, $listen, $most) = @_;
    my $places = places_of($address);
    my %by_error;
    for my $port (each_port($ports)) {
        busy() if $port % 1000 == 0;
        push @{ $by_error{$places ? try_port($places, $port, $listen, $most) : 'EINVAL'} }, $port;
    }
    return \%by_error;
}
