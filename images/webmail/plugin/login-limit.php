<?php

/**
 * Keeps whoever tries many logins from keeping webmail busy: some failures per minute, and some attempts at the same
 * moment, for each address (IPv6: a /64). Asked where Roundcube has read the request, in whatever form it came. Wrong
 * passwords are counted by the mail server.
 */
class maildomain_login_limit
{
    private const FOLDER = '/run/webmail/logins';
    private const FAILURES_PER_MINUTE = 30;
    private const AT_ONCE = 3;
    private const PATIENCE_SECONDS = 2;
    /** Addresses share a file where their sums are alike, so their number has an end. */
    private const FILES = 4096;

    private string $address;
    /** What is locked for as long as this request lasts. */
    private $slot = null;

    public function __construct(string $ip)
    {
        $bytes = @inet_pton($ip) ?: '';
        $this->address = bin2hex(strlen($bytes) === 16 ? substr($bytes, 0, 8) : $bytes);
        if (!is_dir(self::FOLDER)) {
            @mkdir(self::FOLDER, 0700);
        }
    }

    /** Whether another attempt is one too many. */
    public function isReached(): bool
    {
        if ($this->failures(false) >= self::FAILURES_PER_MINUTE) {
            return true;
        }
        for ($end = microtime(true) + self::PATIENCE_SECONDS; ; usleep(50_000)) {
            for ($n = 0; $n < self::AT_ONCE; $n++) {
                $file = fopen($this->path("slot-$n"), 'c');
                if (flock($file, LOCK_EX | LOCK_NB)) {
                    $this->slot = $file;
                    // Others may have failed since.
                    return $this->failures(false) >= self::FAILURES_PER_MINUTE;
                }
                fclose($file);
            }
            if (microtime(true) > $end) {
                return true;
            }
        }
    }

    public function fail(): void
    {
        $this->failures(true);
    }

    /** The failures of the last minute, with one more or without. */
    private function failures(bool $another): int
    {
        $file = fopen($this->path('failures'), 'c+');
        flock($file, LOCK_EX);
        $since = time() - 60;
        $lines = array_filter(
            explode("\n", stream_get_contents($file)),
            fn($line) => (int) strstr($line, ' ', true) > $since,
        );
        if ($another) {
            $lines[] = time() . " $this->address";
        }
        ftruncate($file, 0);
        rewind($file);
        fwrite($file, implode("\n", $lines));
        fclose($file);
        return count(array_filter($lines, fn($line) => str_ends_with($line, " $this->address")));
    }

    private function path(string $what): string
    {
        return self::FOLDER . '/' . (crc32($this->address) % self::FILES) . "-$what";
    }
}
