# The list of a generation's pairs: `<name> <file of the generation> <file of its chain, or -> <names>` per line.
package Pairs;
use strict;
use warnings;
use Exporter qw(import);
our @EXPORT_OK = qw(content_of key_in pairs_of replace);

# In the list's order. A generation without the list has one pair, which its daemons read where it is.
sub pairs_of {
    my ($generation) = @_;
    my @pairs;
    for my $line (split /\n/, content_of("$generation/tls/pairs") // '') {
        my ($name, $file, $chain, @hosts) = split ' ', $line;
        push @pairs, { name => $name, file => $file, chain => $chain, hosts => \@hosts };
    }
    return @pairs;
}

# The block of the private key; what follows it is its certificate and the chain.
sub key_in {
    my ($pair) = @_;
    my ($key) = $pair =~ /\A(-----BEGIN [A-Z ]*PRIVATE KEY-----\n.*?-----END [A-Z ]*PRIVATE KEY-----\n)/s;
    return $key // '';
}

# Undefined where the file cannot be read.
sub content_of {
    my ($path) = @_;
    open my $file, '<:raw', $path or return undef;
    local $/;
    return <$file> // '';
}

# Whoever reads the file reads the former one or this one, whole.
sub replace {
    my ($path, $content) = @_;
    open my $new, '>:raw', "$path.new" or die "$path: $!\n";
    print {$new} $content or die "$path: $!\n";
    close $new or die "$path: $!\n";
    rename "$path.new", $path or die "$path: $!\n";
}

1;
