// Lets the nth call of this process that writes below a folder fail, and with PAIR_FAIL_ON all behind it. Loaded by LD_PRELOAD.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;

static int below(const char *path) {
  const char *folder = getenv("PAIR_FAIL_FOLDER");
  return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int strikes(const char *what) {
  long nth = atol(getenv("PAIR_FAIL_NTH"));
  long call = atomic_fetch_add(&calls, 1) + 1;
  if (call != nth && !(call > nth && getenv("PAIR_FAIL_ON"))) return 0;
  if (call == nth) {
    int mark = open(getenv("PAIR_FAIL_MARK"), O_WRONLY | O_CREAT, 0600);
    if (mark >= 0) {
      dprintf(mark, "%s", what);
      close(mark);
    }
  }
  errno = atoi(getenv("PAIR_FAIL_ERRNO"));
  return 1;
}

static int strikes_file(const char *what, int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  struct stat found;
  if (fstat(file, &found) == 0 && S_ISDIR(found.st_mode)) what = "fsync of a folder";
  return below(path) && strikes(what);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define ON_FILE(type, name, given, taken) \
  type name given { return strikes_file(#name, file) ? -1 : REAL(name) taken; }
#define ON_PATH(name, given, taken) \
  int name given { return below(path) && strikes(#name) ? -1 : REAL(name) taken; }

ON_FILE(ssize_t, write, (int file, const void *bytes, size_t count), (file, bytes, count))
ON_FILE(ssize_t, pwrite, (int file, const void *bytes, size_t count, off_t at), (file, bytes, count, at))
ON_FILE(ssize_t, pwrite64, (int file, const void *bytes, size_t count, off64_t at), (file, bytes, count, at))
ON_FILE(ssize_t, writev, (int file, const struct iovec *parts, int count), (file, parts, count))
ON_FILE(ssize_t, pwritev, (int file, const struct iovec *parts, int count, off_t at), (file, parts, count, at))
ON_FILE(ssize_t, pwritev64, (int file, const struct iovec *parts, int count, off64_t at), (file, parts, count, at))
ON_FILE(int, fsync, (int file), (file))
ON_FILE(int, fdatasync, (int file), (file))
ON_FILE(int, ftruncate, (int file, off_t size), (file, size))
ON_FILE(int, ftruncate64, (int file, off64_t size), (file, size))
ON_PATH(rename, (const char *path, const char *to), (path, to))
ON_PATH(unlink, (const char *path), (path))
