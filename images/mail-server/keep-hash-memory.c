/*
 * Keeps the memory of one password hash for the next one. libsodium has the kernel map the 19 MiB of an Argon2id hash each
 * time, and unmap them afterwards: to find, clear and account for 4,900 pages takes almost as long as the hash itself.
 * For Dovecot's auth-worker alone (LD_PRELOAD), which checks one password after the other and has a single thread.
 * Until the next hash the kernel may take the pages back, and does before anything else once memory is short.
 * What stays in them was overwritten in the hash's last pass: to try a password on it takes a whole hash, as it does on what is
 * stored of the password.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Hashes that were brought from elsewhere may take more, and are not worth so much memory at rest. */
static const size_t most = 32 << 20;

static void *kept;
static size_t kept_length;
static bool is_used;

static bool is_for_a_hash(void *address, size_t length, int flags)
{
	const int wanted = MAP_ANONYMOUS | MAP_PRIVATE | MAP_POPULATE;
	return address == NULL && length <= most && (flags & wanted) == wanted;
}

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
	bool is_kept = !is_used && is_for_a_hash(address, length, flags);
	if (is_kept && length == kept_length) {
		is_used = true;
		return kept;
	}
	void *mapped = (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
	if (is_kept && mapped != MAP_FAILED) {
		if (kept != NULL)
			syscall(SYS_munmap, kept, kept_length);
		kept = mapped;
		kept_length = length;
		is_used = true;
	}
	return mapped;
}

int munmap(void *address, size_t length)
{
	if (!is_used || address != kept || length != kept_length)
		return syscall(SYS_munmap, address, length);
	is_used = false;
	return madvise(address, length, MADV_FREE);
}
