# The generation in force, why the newest one is not, and what has become of its files.
package Generation;
use strict;
use warnings;
use Exporter qw(import);
our @EXPORT_OK = qw(fault_of_files fault_of_generation generation_in_force);

our $run = '/run/maildomain';

# Its id. Written once the daemons serve it; the link `current` is there before, for them to read.
sub generation_in_force { return content_of("$run/in-force") }

# Undefined where the newest one is in force.
sub fault_of_generation {
    my $refused = content_of("$run/refused");
    return $refused if length $refused;
    return length generation_in_force() ? undef : 'no complete configuration has arrived yet';
}

# What the watcher has found damaged, or changed by hand.
sub fault_of_files {
    my $damaged = content_of("$run/damaged");
    return length $damaged ? $damaged : undef;
}

sub content_of {
    my ($path) = @_;
    open my $file, '<', $path or return '';
    my $content = join '', <$file>;
    $content =~ s/\n+\z//;
    return $content;
}

1;
