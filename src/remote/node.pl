# What Portolan's perl programs share: perl 5.14 or later and nothing but its base modules. It arrives before the program
# itself as an argument of -e, so that nothing is written on the node; the other arguments are the run's nonce and the
# limit of open files. Each program has a sub finish of its own. Comments and blank lines are taken out before it is sent:
# no line may begin with # inside a string.
BEGIN { exit 1 if $] < 5.014 }
use strict;
use warnings;
use Socket qw(:DEFAULT inet_pton inet_ntop getaddrinfo pack_sockaddr_in6 unpack_sockaddr_in6 AI_ADDRCONFIG AI_NUMERICHOST);
use Errno;
use POSIX ();

my ($nonce, $descriptors) = @ARGV;

my %errno_name = map { my $number = Errno->can($_); $number ? ($number->() => $_) : () } keys %!;
$errno_name{Errno->can($_)->()} = $_ for grep { Errno->can($_) } qw(EAGAIN EOPNOTSUPP EDEADLK);
my ($in_progress, $already, $interrupted) = (Errno::EINPROGRESS(), Errno::EALREADY(), Errno::EINTR());
my ($connection_reset, $broken_pipe) = (Errno::ECONNRESET(), Errno::EPIPE());
my ($timed_out, $refused) = (Errno::ETIMEDOUT(), Errno::ECONNREFUSED());
my %shortage = map { Errno->can($_)->() => 1 } qw(EMFILE ENFILE ENOBUFS ENOMEM EADDRNOTAVAIL EAGAIN);

# The wall clock may be set while we wait, and every probe would be silent at once. Minimal installations lack
# Time::HiRes; the kernel's count of ticks will do for timeouts, but not for connect times.
my $precise = eval { require Time::HiRes; Time::HiRes::clock_gettime(1); 1 };
my $ticks = POSIX::sysconf(POSIX::_SC_CLK_TCK());
my $now = $precise ? sub { Time::HiRes::clock_gettime(1) } : sub { (POSIX::times())[0] / $ticks };

sub emit {
    my $data = join '', map { "$nonce $_\n" } @_;
    while (length $data) {
        my $written = syswrite STDOUT, $data;
        if (defined $written) { substr($data, 0, $written) = '' }
        elsif ($! != $interrupted) { finish() }
    }
}

sub word {
    my $text = join ' ', split ' ', shift;
    $text =~ s/%/%25/g;
    $text =~ s/ /%20/g;
    return length $text ? $text : '-';
}

sub error_code { my ($number) = @_; return 'e:' . ($errno_name{$number} || "E$number") }

# Does what a program does once it has said that it is ready: from then on, bootstrap.sh takes none but these exit codes for
# its end.
sub serve_to_the_end {
    my ($serve) = @_;
    eval { $serve->() };
    print STDERR $@;
    POSIX::_exit(70);
}
