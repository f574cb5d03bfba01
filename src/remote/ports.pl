# What a node says of its own ports: who may bind which, and who holds them. node.pl goes before it; ports.py is its twin.
my $command_length = 200;
# Of one port: a service in use has thousands.
my $most_clients = 8;
my $order = pack('S', 1) eq "\1\0" ? 'little' : 'big';

my $told = 0;

# What takes long must not look like death: meanwhile the controller's words are not read, and its heartbeats not answered.
sub busy {
    alarm 6;
    my $now_is = $now->();
    if ($now_is >= $told + 1) { $told = $now_is; emit('h') }
    return;
}

sub content {
    my ($path) = @_;
    open my $file, '<', $path or return '';
    my $data = '';
    1 while length $data < 1000000 && read $file, $data, 65536, length $data;
    close $file;
    return $data;
}

sub printable { my ($data) = @_; $data =~ tr/\0\t\n/ /; $data =~ tr/ -~/?/c; return $data }

# A range is two numbers, a reservation a list of ranges: either arrives as one word, with commas. '?' for what cannot be
# read: a list that is empty is not.
sub setting {
    my ($name) = @_;
    my $data = content("/proc/sys/net/ipv4/$name");
    return length $data ? word(join ',', split ' ', printable($data)) : '?';
}

# Asked once each: it may be looked up in a directory service.
my %users;
sub user_name {
    my ($uid) = @_;
    if (!exists $users{$uid}) { my $name = getpwuid $uid; $users{$uid} = printable(defined $name ? $name : '') }
    return $users{$uid};
}

sub port_settings {
    return join ' ', 's', $>, word(user_name($>)),
        map { setting($_) } qw(ip_unprivileged_port_start ip_local_port_range ip_local_reserved_ports);
}

# Sockets with one of these local ports, as the kernel prints them, with their inodes: listeners, and of the ports that
# clients may be at fault for, connections too. TIME_WAIT and SYN_RECV are nobody's, and do not stand in the way of a
# listener.
sub rows_of_ports {
    my ($asked, $failed, $own) = @_;
    my (@rows, %clients);
    for my $table ('tcp', 'tcp6') {
        open my $file, '<', "/proc/net/$table" or next;
        while (my $line = <$file>) {
            my (undef, $local, $remote, $state, undef, undef, undef, $uid, undef, $inode) = split ' ', $line;
            next if $state !~ /^[0-9A-F]{2}$/ || $state eq '03' || $state eq '06';
            my $wanted = $state eq '0A' ? $asked : $failed;
            # Listeners come first.
            last if !%$wanted;
            my $port = hex substr $local, -4;
            next if !$wanted->{$port} || $own->{$inode} || $state ne '0A' && ++$clients{$port} > $most_clients;
            push @rows, [$local, $remote, $state, $uid, $inode];
        }
        close $file;
    }
    return @rows;
}

# Whose sockets these are, as far as this user may see it. Where several processes share one, it is the first's, but the
# init system holds those of the services that it starts on demand.
sub owners {
    my %wanted = map { ("socket:[$_]" => $_) } grep { $_ } @_;
    my %found;
    opendir my $processes, '/proc' or return {};
    my @pids = sort { $a <=> $b } grep { /^\d+$/ } readdir $processes;
    closedir $processes;
    for my $pid ((grep { $_ != 1 } @pids), 1) {
        last if keys %found == keys %wanted;
        busy();
        opendir my $folder, "/proc/$pid/fd" or next;
        for my $name (readdir $folder) {
            my $target = readlink "/proc/$pid/fd/$name";
            my $inode = defined $target ? $wanted{$target} : undef;
            $found{$inode} = $pid if defined $inode && !$found{$inode};
        }
        closedir $folder;
    }
    return \%found;
}

sub unit {
    my ($pid) = @_;
    my @parts = grep { /\.(?:service|scope)$/ } split m{[/ ]}, printable(content("/proc/$pid/cgroup"));
    return @parts ? $parts[-1] : '';
}

sub process_words {
    my ($pid, $here) = @_;
    return '- - - - -' if !$pid;
    my $there = readlink "/proc/$pid/ns/net";
    return join ' ', $pid, word(printable(content("/proc/$pid/comm"))),
        word(substr printable(content("/proc/$pid/cmdline")), 0, $command_length), word(unit($pid)),
        defined $there && defined $here && $there ne $here ? 'other' : 'same';
}

sub holders {
    my ($asked, $failed, $own) = @_;
    my @rows = rows_of_ports($asked, $failed, $own);
    my $pids = @rows ? owners(map { $_->[4] } @rows) : {};
    my $here = readlink '/proc/self/ns/net';
    my (%described, @lines);
    for my $row (@rows) {
        my ($local, $remote, $state, $uid, $inode) = @$row;
        my $pid = $pids->{$inode} || 0;
        $described{$pid} ||= process_words($pid, $here);
        busy();
        push @lines, join ' ', 'o', $order, $local, $remote, $state eq '0A' ? 'listener' : 'client', $uid,
            word(user_name($uid)), $described{$pid};
    }
    return @lines;
}
