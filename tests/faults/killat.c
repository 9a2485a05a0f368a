/*
 * killat N FAULT PROGRAM [ARGUMENT...]
 *
 * Runs PROGRAM and everything it starts, and does FAULT as any part of it
 * enters the N-th system call that changes state: a write, a rename, an
 * unlink, a sync. The count is one for the whole tree. With N = 0 nothing
 * happens, so that the calls can be counted. FAULT is one of
 *
 *   kill               the whole tree is killed with SIGKILL
 *   EIO EROFS ...      the call does nothing and fails with this error
 *   EIO+ EROFS+ ...    the same, and so does every such call after it
 *
 * Calls on pipes and devices, which no disk can fail, are not counted where
 * calls are made to fail.
 *
 * The last line on stderr is `killat: calls=<count> hit=<0 or 1>`. The exit
 * status is the program's; 137 when it was killed; 126 when tracing is not
 * permitted here, or failing calls is not known on this machine.
 *
 * strace's own fault injection counts per process, which is the wrong number
 * for a program that runs many gits.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_TASKS = 4096 };

static pid_t tasks[MOST_TASKS];
static int failing[MOST_TASKS]; /* the task is in a call that is made to fail */
static int task_count;

static void add_task(pid_t task)
{
	for (int i = 0; i < task_count; i++)
		if (tasks[i] == task)
			return;
	if (task_count == MOST_TASKS) {
		fprintf(stderr, "killat: too many tasks\n");
		exit(125);
	}
	failing[task_count] = 0;
	tasks[task_count++] = task;
}

static void remove_task(pid_t task)
{
	for (int i = 0; i < task_count; i++)
		if (tasks[i] == task) {
			tasks[i] = tasks[--task_count];
			failing[i] = failing[task_count];
			return;
		}
}

/* Whether a system call changes what a later process can see. */
static int changes_state(unsigned long long call, const unsigned long long *argument)
{
	switch (call) {
	case SYS_openat:
		return (argument[2] & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)) != 0;
#ifdef SYS_open
	case SYS_open:
		return (argument[1] & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)) != 0;
	case SYS_creat:
	case SYS_rename:
	case SYS_link:
	case SYS_symlink:
	case SYS_unlink:
	case SYS_rmdir:
	case SYS_mkdir:
	case SYS_chmod:
#endif
#ifdef SYS_renameat
	case SYS_renameat:
#endif
	case SYS_write:
	case SYS_writev:
	case SYS_pwrite64:
	case SYS_renameat2:
	case SYS_linkat:
	case SYS_symlinkat:
	case SYS_unlinkat:
	case SYS_mkdirat:
	case SYS_truncate:
	case SYS_ftruncate:
	case SYS_fallocate:
	case SYS_fsync:
	case SYS_fdatasync:
	case SYS_syncfs:
	case SYS_sync_file_range:
	case SYS_fchmod:
	case SYS_fchmodat:
	case SYS_utimensat:
	case SYS_copy_file_range:
	case SYS_sendfile:
	case SYS_flock:
		return 1;
	}
	return 0;
}

/* Whether descriptor `number` of `task` is a file or folder of a disk. */
static int is_on_disk(pid_t task, unsigned long long number)
{
	char link[64], target[256];
	snprintf(link, sizeof link, "/proc/%d/fd/%llu", task, number);
	ssize_t length = readlink(link, target, sizeof target);
	return length > 0 && target[0] == '/' && strncmp(target, "/dev/", 5) != 0;
}

/* Whether the path at `address` of `task` names a device. */
static int is_device(pid_t task, unsigned long long address)
{
	char file[64], path[6] = "";
	snprintf(file, sizeof file, "/proc/%d/mem", task);
	int memory = open(file, O_RDONLY);
	if (memory < 0)
		return 0;
	ssize_t length = pread(memory, path, 5, (off_t)address);
	close(memory);
	return length == 5 && !strcmp(path, "/dev/");
}

/* Whether a disk could make a call fail. */
static int can_fail(pid_t task, unsigned long long call, const unsigned long long *argument)
{
	switch (call) {
	case SYS_write:
	case SYS_writev:
	case SYS_pwrite64:
	case SYS_sendfile:
		return is_on_disk(task, argument[0]);
	case SYS_copy_file_range:
		return is_on_disk(task, argument[2]);
	case SYS_openat:
		return !is_device(task, argument[1]);
#ifdef SYS_open
	case SYS_open:
		return !is_device(task, argument[0]);
#endif
	}
	return 1;
}

/* Whether `task` stands at the entry of a call that changes state, and, where calls are to fail, could fail. */
static int is_at_change(pid_t task, int fails)
{
	struct __ptrace_syscall_info info;
	memset(&info, 0, sizeof info);
	if (ptrace(PTRACE_GET_SYSCALL_INFO, task, sizeof info, &info) <= 0)
		return 0;
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return 0;
	unsigned long long argument[6];
	for (int i = 0; i < 6; i++)
		argument[i] = info.entry.args[i];
	return changes_state(info.entry.nr, argument) && (!fails || can_fail(task, info.entry.nr, argument));
}

/* Lets the call that `task` enters be none at all. */
static void skip_call(pid_t task)
{
#ifdef __x86_64__
	struct user_regs_struct registers;
	ptrace(PTRACE_GETREGS, task, 0, &registers);
	registers.orig_rax = -1;
	ptrace(PTRACE_SETREGS, task, 0, &registers);
#else
	(void)task;
#endif
}

/* Lets the skipped call that `task` leaves have failed with `error`. */
static void fail_call(pid_t task, int error)
{
#ifdef __x86_64__
	struct user_regs_struct registers;
	ptrace(PTRACE_GETREGS, task, 0, &registers);
	registers.rax = -error;
	ptrace(PTRACE_SETREGS, task, 0, &registers);
#else
	(void)task;
	(void)error;
#endif
}

/* Returns the error a fault names, 0 for `kill`, -1 for what is none. */
static int error_of(const char *fault)
{
	static const struct {
		const char *name;
		int error;
	} known[] = {
		{ "kill", 0 },		{ "EIO", EIO },	      { "ENOSPC", ENOSPC },
		{ "EROFS", EROFS },	{ "EACCES", EACCES }, { "EDQUOT", EDQUOT },
		{ "EMFILE", EMFILE },
	};
	size_t length = strcspn(fault, "+");
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i].name) == length && !strncmp(known[i].name, fault, length))
			return known[i].error;
	return -1;
}

static int index_of(pid_t task)
{
	for (int i = 0; i < task_count; i++)
		if (tasks[i] == task)
			return i;
	return 0; /* not reached: every task is added before it is looked up */
}

static pid_t start(char **program)
{
	pid_t child = fork();
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) {
			fprintf(stderr, "killat: ptrace: %s\n", strerror(errno));
			_exit(126);
		}
		raise(SIGSTOP);
		execvp(program[0], program);
		fprintf(stderr, "killat: %s: %s\n", program[0], strerror(errno));
		_exit(127);
	}
	int status;
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status))
		exit(126);
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		       PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	if (ptrace(PTRACE_SETOPTIONS, child, 0, options) != 0) {
		fprintf(stderr, "killat: ptrace: %s\n", strerror(errno));
		kill(child, SIGKILL);
		exit(126);
	}
	add_task(child);
	ptrace(PTRACE_SYSCALL, child, 0, 0);
	return child;
}

int main(int count, char **arguments)
{
	if (count < 4 || error_of(arguments[2]) < 0) {
		fprintf(stderr, "usage: killat N kill|EIO|ENOSPC|EROFS|EACCES|EDQUOT|EMFILE[+] PROGRAM [ARGUMENT...]\n");
		return 125;
	}
	long wanted = atol(arguments[1]), calls = 0;
	int error = error_of(arguments[2]), lasting = strchr(arguments[2], '+') != NULL;
#ifndef __x86_64__
	if (error != 0)
		return 126;
#endif
	int hit = 0, result = 125;
	pid_t leader = start(arguments + 3);
	while (task_count > 0) {
		int status;
		pid_t task = waitpid(-1, &status, __WALL);
		if (task < 0)
			break;
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (task == leader)
				result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			remove_task(task);
			continue;
		}
		add_task(task);
		int signal = WSTOPSIG(status), deliver = 0, at = index_of(task);
		if (signal == (SIGTRAP | 0x80)) {
			if (failing[at]) {
				fail_call(task, error);
				failing[at] = 0;
			} else if (is_at_change(task, error != 0)) {
				calls++;
				int now = calls == wanted || (hit && lasting);
				if (now && error == 0 && !hit) {
					for (int i = 0; i < task_count; i++)
						kill(tasks[i], SIGKILL);
				} else if (now && error != 0) {
					skip_call(task);
					failing[at] = 1;
				}
				hit |= calls == wanted;
			}
		} else if (signal != SIGTRAP && signal != SIGSTOP) {
			deliver = signal; /* the traps and stops of tracing stay here */
		}
		ptrace(PTRACE_SYSCALL, task, 0, deliver);
	}
	fprintf(stderr, "killat: calls=%ld hit=%d\n", calls, hit);
	return hit && error == 0 ? 137 : result;
}
