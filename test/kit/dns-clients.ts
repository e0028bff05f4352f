import { docker } from "./engine.ts";

/** Sends each packet (hexadecimal) over UDP to port 53 of an address and prints the answer's RCODE, or - for none. */
const askScript = `
use strict; use Socket; use IO::Select;
my ($server, @packets) = @ARGV;
for my $packet (@packets) {
  socket(my $socket, PF_INET, SOCK_DGRAM, 17) or die $!;
  send($socket, pack("H*", $packet), 0, sockaddr_in(53, inet_aton($server))) or die $!;
  my $answer = "";
  recv($socket, $answer, 65535, 0) if IO::Select->new($socket)->can_read($packet =~ /^dead/ ? 1 : 10);
  print length($answer) < 12 ? "-" : unpack("n", substr($answer, 2, 2)) & 15, "\\n";
}`;

/**
 * The RCODEs that a name server's own container gets over its loopback, which no limit is for. A packet that gets none
 * has the id 0xdead, so that nobody waits for it.
 */
export async function rcodesAt(container: string, packets: readonly Buffer[]): Promise<string[]> {
  const words = packets.map((packet) => packet.toString("hex"));
  return (await docker("exec", container, "perl", "-e", askScript, "127.0.0.1", ...words)).split("\n");
}

/**
 * Asks the same question from many addresses in turn; after each 100 questions, somebody in another network asks it once
 * and waits for the answer.
 */
const floodScript = `
use strict; use Socket; use IO::Select;
my ($server, $packet, $count, $neighbours, @own) = @ARGV;
my @neighbours = split /,/, $neighbours;
my $question = pack("H*", $packet);
my ($alias, $sent, $received, $whole, $empty, $answered) = (0, 0, 0, 0, 0, 0);
my ($start, $end) = (0, 0);
sub client {
  my ($address) = @_;
  my $name = "eth0:" . $alias++;
  socket(my $socket, PF_INET, SOCK_DGRAM, 17) or die $!;
  # SIOCSIFADDR and SIOCSIFNETMASK: the address becomes one of this container's.
  ioctl($socket, 0x8916, pack("a16 S x2 a4 x8", $name, AF_INET, inet_aton($address))) or die $!;
  ioctl($socket, 0x891c, pack("a16 S x2 a4 x8", $name, AF_INET, inet_aton("255.255.252.0"))) or die $!;
  setsockopt($socket, SOL_SOCKET, SO_RCVBUF, 1 << 20);
  bind($socket, sockaddr_in(0, inet_aton($address))) or die $!;
  return $socket;
}
sub ask { return send($_[0], $question, 0, sockaddr_in(53, inet_aton($server))) || die $! }
# time() has whole seconds only, and not every image has Time::HiRes.
sub now { open my $clock, '<', '/proc/uptime' or die $!; return (split ' ', <$clock>)[0] }
sub isWhole { return !(ord(substr($_[0], 2, 1)) & 2) }
my @clients = map { client($_) } @own;
my $all = IO::Select->new(@clients);
sub collect {
  for my $socket ($all->can_read($_[0])) {
    recv($socket, my $answer, 65535, 0);
    $received += length $answer;
    isWhole($answer) ? $whole++ : $empty++;
    $end = now();
  }
}
$start = $end = now();
for my $n (1 .. $count) {
  $sent += ask($clients[$n % @clients]);
  collect(0);
  next if $n % 100;
  my $socket = client(shift @neighbours);
  ask($socket);
  next unless IO::Select->new($socket)->can_read(10);
  recv($socket, my $answer, 65535, 0);
  $answered++ if isWhole($answer);
}
for (1 .. 20) { while ($all->can_read(0.05)) { collect(0) } }
print "$sent $received $whole $empty $answered ", $end - $start;`;

export interface Flood {
  /** Where the name server is. */
  readonly server: string;
  readonly question: Buffer;
  readonly count: number;
  /** The addresses that ask. */
  readonly from: readonly string[];
  /** Addresses of another network of theirs, in the same one of the engine (a /22): one per 100 questions. */
  readonly neighbours: readonly string[];
}

export interface FloodResult {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly wholeAnswers: number;
  /** Those with TC. */
  readonly emptyAnswers: number;
  /** How many of the neighbour's questions got a whole answer, of one per 100. */
  readonly neighboursAnswered: number;
  /** From the first question to the last answer. */
  readonly seconds: number;
}

/** @param image - one with Perl, in whose container the addresses are made */
export async function flood(
  network: string,
  image: string,
  { server, question, count, from, neighbours }: Flood,
): Promise<FloodResult> {
  const words = [server, question.toString("hex"), String(count), neighbours.join(","), ...from];
  const printed = await docker(
    ...["run", "--rm", "--network", network, "--user", "root", "--cap-add", "NET_ADMIN"],
    ...["--entrypoint", "perl", image, "-e", floodScript, ...words],
  );
  const [sent, received, whole, empty, answered, seconds] = printed.split(" ").map(Number);
  return {
    sentBytes: sent ?? 0,
    receivedBytes: received ?? 0,
    wholeAnswers: whole ?? 0,
    emptyAnswers: empty ?? 0,
    neighboursAnswered: answered ?? 0,
    seconds: seconds ?? 0,
  };
}
