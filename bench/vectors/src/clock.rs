//! Time that this thread had the processor, which other users of the machine change least.

/// Seconds since the thread began.
pub fn thread_seconds() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call writes to `time` alone.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(failed, 0, "this system has no clock for a thread");
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
