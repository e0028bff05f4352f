# What should listen and does not. The kernel is asked, and nothing is connected to: whoever waits looks ten times a second,
# and a connection each time would fill the logs.
package Listeners;
use strict;
use warnings;
use Exporter qw(import);
our @EXPORT_OK = qw(missing_listeners);
use Socket qw(AF_INET AF_INET6 MSG_DONTWAIT SOCK_RAW);

my %open = (tcp => \&open_tcp, udp => \&open_udp, unix => \&open_unix);

# Those lines of FILE ("tcp 25", "udp 53", "unix /run/…") that nothing listens on.
sub missing_listeners {
    my ($file) = @_;
    my @wanted = lines_of($file);
    my %protocols = map { (split ' ')[0] => 1 } @wanted;
    my %is_open = map { my $protocol = $_; map { ("$protocol $_" => 1) } $open{$protocol}->() } keys %protocols;
    return grep { !$is_open{$_} } @wanted;
}

# /proc/net/tcp costs milliseconds, however little is in it: the kernel goes through its table of all connections, which is as
# large as the machine's memory allows. It is for kernels that answer nothing else.
sub open_tcp {
    my @ports = eval { map { listening_tcp($_) } AF_INET, AF_INET6 };
    return $@ eq '' ? @ports : ports_in_table('tcp', '0A');
}

sub open_udp { return ports_in_table('udp', '07') }

sub ports_in_table {
    my ($protocol, $listens) = @_;
    my @ports;
    for my $line (map { lines_of("/proc/net/$_") } $protocol, "${protocol}6") {
        my (undef, $address, undef, $state) = split ' ', $line;
        push @ports, hex $1 if $state eq $listens && $address =~ /:([0-9A-F]+)\z/;
    }
    return @ports;
}

sub open_unix {
    my @paths;
    for my $line (lines_of('/proc/net/unix')) {
        my (undef, undef, undef, $flags, undef, undef, undef, $path) = split ' ', $line;
        # 00010000 is __SO_ACCEPTCON: a socket that accepts connections, not one end of a connection.
        push @paths, $path if defined $path && $flags eq '00010000';
    }
    return @paths;
}

# Constants and layouts of linux/netlink.h, linux/sock_diag.h and linux/inet_diag.h, which `man 7 sock_diag` explains.
use constant {
    AF_NETLINK => 16, NETLINK_SOCK_DIAG => 4, SOCK_DIAG_BY_FAMILY => 20, IPPROTO_TCP => 6, TCP_LISTEN => 10,
    NLM_F_REQUEST => 0x001, NLM_F_DUMP => 0x300, NLMSG_ERROR => 2, NLMSG_DONE => 3,
};
my $header = 'L S S L L';
my $request = 'C C C C L x48';

# The ports of the sockets of one family that accept connections. Dies where the kernel does not answer.
sub listening_tcp {
    my ($family) = @_;
    socket my $kernel, AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG or die "socket: $!\n";
    my $question = pack $request, $family, IPPROTO_TCP, 0, 0, 1 << TCP_LISTEN;
    my $length = length($question) + length pack $header, (0) x 5;
    send $kernel, pack("$header a*", $length, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 1, 0, $question), 0
        or die "send: $!\n";
    my @ports;
    while (1) {
        # The answer is there once the question is sent.
        defined recv $kernel, my $answer, 65536, MSG_DONTWAIT or die "recv: $!\n";
        while (length $answer) {
            my ($size, $type) = unpack $header, $answer;
            $size >= 16 && $size <= length $answer or die "an answer of $size bytes\n";
            die "an error\n" if $type == NLMSG_ERROR;
            if ($type == NLMSG_DONE) {
                # A kernel without this kind of question ends its answer by an error.
                my $error = unpack 'x16 l', $answer;
                return @ports unless $error;
                die "error $error\n";
            }
            # After the header, struct inet_diag_msg: family, state, timer and retransmissions, then the local port.
            push @ports, unpack 'x20 n', $answer if $type == SOCK_DIAG_BY_FAMILY;
            substr $answer, 0, ($size + 3) & ~3, '';
        }
    }
}

sub lines_of {
    my ($path) = @_;
    open my $file, '<', $path or return;
    chomp(my @lines = <$file>);
    return @lines;
}

1;
