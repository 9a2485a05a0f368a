/*
 * killat N PROGRAM [ARGUMENT...]
 *
 * Runs PROGRAM and everything it starts, and kills the whole tree with SIGKILL
 * as any part of it enters the N-th system call that changes state: a write, a
 * rename, an unlink, a sync. The count is one for the whole tree. With N = 0
 * nothing is killed, so that the calls can be counted.
 *
 * The last line on stderr is `killat: calls=<count> killed=<0 or 1>`. The exit
 * status is the program's; 137 when it was killed; 126 when tracing is not
 * permitted here.
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
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_TASKS = 4096 };

static pid_t tasks[MOST_TASKS];
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
	tasks[task_count++] = task;
}

static void remove_task(pid_t task)
{
	for (int i = 0; i < task_count; i++)
		if (tasks[i] == task) {
			tasks[i] = tasks[--task_count];
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

/* Whether `task` stands at the entry of a call that changes state. */
static int is_at_change(pid_t task)
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
	return changes_state(info.entry.nr, argument);
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
	if (count < 3) {
		fprintf(stderr, "usage: killat N PROGRAM [ARGUMENT...]\n");
		return 125;
	}
	long wanted = atol(arguments[1]), calls = 0;
	int killed = 0, result = 125;
	pid_t leader = start(arguments + 2);
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
		int signal = WSTOPSIG(status), deliver = 0;
		if (signal == (SIGTRAP | 0x80)) {
			if (!killed && is_at_change(task) && ++calls == wanted) {
				killed = 1;
				for (int i = 0; i < task_count; i++)
					kill(tasks[i], SIGKILL);
			}
		} else if (signal != SIGTRAP && signal != SIGSTOP) {
			deliver = signal; /* the traps and stops of tracing stay here */
		}
		ptrace(PTRACE_SYSCALL, task, 0, deliver);
	}
	fprintf(stderr, "killat: calls=%ld killed=%d\n", calls, killed);
	return killed ? 137 : result;
}
