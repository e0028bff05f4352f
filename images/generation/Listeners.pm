# What should listen and does not. The kernel's tables are read, and nothing is connected to: whoever waits looks ten
# times a second, and a connection each time would fill the logs.
package Listeners;
use strict;
use warnings;
use Exporter qw(import);
our @EXPORT_OK = qw(missing_listeners);

my %listens = (tcp => '0A', udp => '07');

# Those lines of FILE ("tcp 25", "udp 53", "unix /run/…") that nothing listens on.
sub missing_listeners {
    my ($file) = @_;
    my %open;
    for my $protocol (keys %listens) {
        for my $line (map { lines_of("/proc/net/$_") } $protocol, "${protocol}6") {
            my (undef, $address, undef, $state) = split ' ', $line;
            $open{"$protocol " . hex $1} = 1 if $state eq $listens{$protocol} && $address =~ /:([0-9A-F]+)\z/;
        }
    }
    for my $line (lines_of('/proc/net/unix')) {
        my (undef, undef, undef, $flags, undef, undef, undef, $path) = split ' ', $line;
        # 00010000 is __SO_ACCEPTCON: a socket that accepts connections, not one end of a connection.
        $open{"unix $path"} = 1 if defined $path && $flags eq '00010000';
    }
    return grep { !$open{$_} } lines_of($file);
}

sub lines_of {
    my ($path) = @_;
    open my $file, '<', $path or return;
    chomp(my @lines = <$file>);
    return @lines;
}

1;
