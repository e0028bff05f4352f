# A clock that nobody sets: one that did would prolong whatever waits for it, or cut it short.
package Clock;
use strict;
use warnings;
use Exporter qw(import);
our @EXPORT_OK = qw(uptime);

our $file = '/proc/uptime';

# Seconds since the machine was started, with hundredths.
sub uptime {
    open my $clock, '<', $file or die "$file: $!\n";
    my ($seconds) = split ' ', <$clock>;
    return $seconds;
}

1;
