//! Instructions that a piece of work takes, counted by stepping through it.
//!
//! A child does the work between two stops; its parent takes it from one instruction to the next (`ptrace`). What else
//! runs on the machine, and whether counters of the processor may be read, makes no difference.

use crate::subject::Result;

/// How many instructions `work` takes, in a copy of this process, which must have one thread.
pub fn count(work: impl FnOnce()) -> Result<u64> {
    // SAFETY: this process has one thread; the child does its work and ends without returning.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: calls of the system without memory of ours.
        unsafe {
            libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0);
            libc::raise(libc::SIGSTOP);
        }
        work();
        // SAFETY: as above.
        unsafe {
            libc::raise(libc::SIGSTOP);
            libc::_exit(0);
        }
    }
    if child < 0 {
        return Err("no process could be made to count instructions in".into());
    }
    let wait = || {
        let mut status = 0;
        // SAFETY: the call writes to `status` alone.
        unsafe { libc::waitpid(child, &mut status, 0) };
        status
    };
    let stopped_by = |status, signal| libc::WIFSTOPPED(status) && libc::WSTOPSIG(status) == signal;
    if !stopped_by(wait(), libc::SIGSTOP) {
        return Err("this system does not let a process trace its child (ptrace)".into());
    }
    let mut steps = 0;
    let status = loop {
        // SAFETY: the child is stopped and is ours.
        unsafe { libc::ptrace(libc::PTRACE_SINGLESTEP, child, 0, 0) };
        let status = wait();
        if !stopped_by(status, libc::SIGTRAP) {
            break status;
        }
        steps += 1;
    };
    // SAFETY: the child is ours.
    unsafe { libc::kill(child, libc::SIGKILL) };
    wait();
    match stopped_by(status, libc::SIGSTOP) {
        true => Ok(steps),
        false => Err(format!("the child that was counted ended with status {status}").into()),
    }
}
