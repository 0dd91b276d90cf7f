# A small server of lines that keeps the last session of every user; `forget` makes one that refers to itself and is lost.
use strict;
use warnings;
use IO::Socket::UNIX;

my %sessions;
my $listener = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 16) or die "cannot listen: $!";
while (my $client = $listener->accept) {
  while (my $line = <$client>) {
    my ($word, $user, $text) = split ' ', $line;
    my $session = {user => $user, text => $text, words => [split /0/, $text], at => time};
    if ($word eq 'forget') {
      $session->{self} = $session;    # counted references never free a circle
    } else {
      $sessions{$user} = $session;
    }
    print $client "done $user\n";
  }
}
