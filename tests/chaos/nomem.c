/* A library for LD_PRELOAD: the n-th allocation fails. LAB_NOMEM names a file of struct nomem (nomem.py writes and
 * reads it); as long as `left` is above nothing, each allocation takes one off it, and the one that brings it to
 * nothing is told that there is no memory.
 *
 * Which allocations count: those that the program itself asks for, its inlined headers with it; with `anybody` also
 * those of libraries, as long as they are asked for on the program's own thread. librdkafka's threads count never:
 * whether they or the loop come first is chance, and what they do without memory is an assertion of their own. */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct nomem {
    int64_t left;    /* until one fails; 0: none does */
    int64_t anybody; /* not the program's alone */
    int64_t struck;  /* allocations that failed */
    int64_t where;   /* the last one's caller, from the start of the program's file; 0: a library */
};

/* What glibc's own are, found without asking the linker, who would ask for memory. */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

static struct nomem *shared;
static uintptr_t begin, end, base;

static int first_object(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size;
    (void)arg;
    base = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type == PT_LOAD && (p->p_flags & PF_X) != 0) {
            begin = base + p->p_vaddr;
            end = begin + p->p_memsz;
        }
    }
    return 1; /* the program comes first; no other is asked for */
}

__attribute__((constructor)) static void open_shared(void)
{
    const char *path = getenv("LAB_NOMEM");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)dl_iterate_phdr(first_object, NULL);
    void *at = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at != MAP_FAILED)
        shared = at;
    (void)close(fd);
}

static bool fails(const void *caller)
{
    if (shared == NULL || shared->left <= 0)
        return false;
    uintptr_t at = (uintptr_t)caller;
    bool ours = at >= begin && at < end;
    if ((!ours && shared->anybody == 0) || gettid() != getpid())
        return false;
    if (--shared->left > 0)
        return false;
    shared->where = ours ? (int64_t)(at - base) : 0;
    shared->struck++;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t n)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}

static char *copy(const char *text, size_t n)
{
    char *made = __libc_malloc(n + 1);
    if (made != NULL) {
        memcpy(made, text, n);
        made[n] = '\0';
    }
    return made;
}

char *strdup(const char *text)
{
    return fails(__builtin_return_address(0)) ? NULL : copy(text, strlen(text));
}

char *strndup(const char *text, size_t most)
{
    return fails(__builtin_return_address(0)) ? NULL : copy(text, strnlen(text, most));
}
