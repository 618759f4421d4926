// PID 1 of a lab machine: makes the host's root safe to write on, runs one command, reports its
// status.
//
// The kernel command line gives LABRUN, the host's run directory of this machine. In it:
//   modules  one kernel module file a line, in load order      modroot  the modules' directory
//   shown    host directories to show, one a line              cwd      the working directory
//   argv     the command, each word ended by NUL               env      its environment, the same
// Written by us: `status`, the exit status of the command. No status means a lost machine.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define NEW_ROOT "/mnt/root"

static const char *run_directory;

static void complain(const char *what) {
    fprintf(stderr, "lab init: %s: %s\n", what, strerror(errno));
}

// Ends the machine without a status, which the runner reports as a lost machine.
static void give_up(const char *what) {
    complain(what);
    tcdrain(2);
    reboot(RB_POWER_OFF);
    _exit(1);
}

static int mount_at(const char *source, const char *target, const char *type, unsigned long flags,
                    const char *options) {
    int failed = mount(source, target, type, flags, options);
    if (failed) complain(target);
    return failed;
}

// The whole of a file of the run directory, ended by NUL; empty when it is not there.
static char *read_run_file(const char *name, size_t *size) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", run_directory, name);
    size_t room = 65536, length = 0;
    char *text = malloc(room + 1);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got;
    while (file >= 0 && (got = read(file, text + length, room - length)) > 0) {
        length += (size_t)got;
        if (length == room) text = realloc(text, (room *= 2) + 1);
    }
    if (file >= 0) close(file);
    text[length] = 0;
    if (size) *size = length;
    return text;
}

// Words that each end with NUL, as the array that exec wants.
static char **read_words(const char *name) {
    size_t size, count = 0, next = 0;
    char *text = read_run_file(name, &size);
    for (size_t i = 0; i < size; i++) count += text[i] == 0;
    char **words = calloc(count + 1, sizeof *words);
    for (char *word = text; next < count; word += strlen(word) + 1) words[next++] = word;
    return words;
}

static void make_raw(int terminal) {
    struct termios mode;
    if (tcgetattr(terminal, &mode)) return;
    cfmakeraw(&mode);
    tcsetattr(terminal, TCSANOW, &mode);
}

// Standard output is the first serial line, standard error the second; the console keeps the
// kernel's messages. Raw, so that every byte arrives as it was written.
static void open_streams(void) {
    for (int line = 0; line < 2; line++) {
        char path[16];
        snprintf(path, sizeof path, "/dev/ttyS%d", line);
        int terminal = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
        if (terminal < 0) continue;
        fcntl(terminal, F_SETFL, 0);
        make_raw(terminal);
        dup2(terminal, 1 + line);
        close(terminal);
    }
    setvbuf(stderr, NULL, _IOLBF, 0);
}

static void load_modules(void) {
    char *list = read_run_file("modules", NULL);
    for (char *path = strtok(list, "\n"); path; path = strtok(NULL, "\n")) {
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0 || (syscall(SYS_finit_module, file, "", 0) && errno != EEXIST)) complain(path);
        if (file >= 0) close(file);
    }
}

// Makes a directory of the new root, and those above it.
static void make_directories(char *path) {
    for (char *slash = path + strlen(NEW_ROOT) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        mkdir(path, 0755);
        *slash = '/';
    }
    mkdir(path, 0755);
}

// The host's files below, a memory file system above: all of it looks writable, nothing reaches
// the host.
static void build_root(void) {
    if (mount_at("lab", "/mnt", "tmpfs", 0, "mode=755")) give_up("no memory for the root");
    mkdir("/mnt/upper", 0755);
    mkdir("/mnt/work", 0755);
    mkdir(NEW_ROOT, 0755);
    if (mount_at("lab", NEW_ROOT, "overlay", 0,
                 "lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work,xino=off"))
        give_up("overlay over the host's root");
    mount_at("proc", NEW_ROOT "/proc", "proc", 0, NULL);
    mount_at("sys", NEW_ROOT "/sys", "sysfs", 0, NULL);
    mount_at("run", NEW_ROOT "/run", "tmpfs", 0, "mode=755");
    mount_at("tmp", NEW_ROOT "/tmp", "tmpfs", 0, "mode=1777");
    mount_at("dev", NEW_ROOT "/dev", "devtmpfs", 0, NULL);
    mkdir(NEW_ROOT "/dev/pts", 0755);
    mkdir(NEW_ROOT "/dev/shm", 0755);
    mount_at("devpts", NEW_ROOT "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666");
    mount_at("shm", NEW_ROOT "/dev/shm", "tmpfs", 0, NULL);
    (void)!symlink("/proc/self/fd", NEW_ROOT "/dev/fd");
    mount_at("cgroup", NEW_ROOT "/sys/fs/cgroup", "cgroup2", 0, NULL);
}

// Lets the kernel load further modules when they are asked for.
static void link_modules(void) {
    char *source = read_run_file("modroot", NULL), target[512];
    const char *version = strrchr(source, '/');
    if (!version) return;
    mkdir(NEW_ROOT "/usr/lib/modules", 0755);
    snprintf(target, sizeof target, NEW_ROOT "/usr/lib/modules%s", version);
    (void)!symlink(source, target);
}

// Host directories that the new /tmp, /run or /dev may hide, shown again, read-only.
static void show_directories(void) {
    char *list = read_run_file("shown", NULL);
    for (char *path = strtok(list, "\n"); path; path = strtok(NULL, "\n")) {
        char target[1024];
        snprintf(target, sizeof target, NEW_ROOT "%s", path);
        make_directories(target);
        mount_at("host", target, "hostfs", MS_RDONLY, path);
    }
}

// The way to write the status once the run directory is out of sight.
static int open_run_directory(void) {
    mkdir("/mnt/run", 0755);
    mount_at("host", "/mnt/run", "hostfs", 0, run_directory);
    return open("/mnt/run", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void enter_root(void) {
    umount2("/proc", MNT_DETACH);
    if (chdir(NEW_ROOT) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
        give_up("enter the new root");
}

// Before `lo` is up there is no local routing table, no address counts as unicast, and IPVS
// refuses every real server.
static void raise_loopback(void) {
    struct ifreq request = {.ifr_name = "lo"};
    int handle = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (handle < 0) return;
    ioctl(handle, SIOCGIFFLAGS, &request);
    request.ifr_flags |= IFF_UP;
    ioctl(handle, SIOCSIFFLAGS, &request);
    close(handle);
}

static void run_command(char **words, char **environment, const char *directory) {
    setsid();
    if (chdir(directory) && chdir("/")) complain(directory);
    int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, 0);
    if (nothing > 0) close(nothing);
    if (!words[0]) _exit(127);
    environ = environment;
    execvp(words[0], words);
    complain(words[0]);
    _exit(errno == ENOENT ? 127 : 126);
}

static int wait_for(pid_t command) {
    for (;;) {
        int state;
        pid_t ended = wait(&state);
        if (ended == command)
            return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
        if (ended < 0 && errno != EINTR) give_up("wait for the command");
    }
}

int main(void) {
    run_directory = getenv("LABRUN");
    if (!run_directory) give_up("LABRUN is not set");
    mount_at("proc", "/proc", "proc", 0, NULL);
    open_streams();
    load_modules();
    build_root();
    link_modules();
    show_directories();
    char **words = read_words("argv"), **environment = read_words("env");
    char *directory = read_run_file("cwd", NULL);
    int reports = open_run_directory();
    enter_root();
    sethostname("lab", 3);
    raise_loopback();

    pid_t command = fork();
    if (command == 0) run_command(words, environment, directory);
    int status = wait_for(command);
    kill(-1, SIGKILL);
    int file = openat(reports, "status", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0) give_up("write the status");
    dprintf(file, "%d\n", status);
    close(file);
    tcdrain(1);
    tcdrain(2);
    reboot(RB_POWER_OFF);
    for (;;) pause();
}
