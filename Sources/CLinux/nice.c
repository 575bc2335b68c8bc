/// Keeps the process's nice value for all its threads, in place of the C library's function. It changes nothing and
/// reports success.
///
/// Dispatch, beneath Swift's tasks, gives each of its threads a nice value by its class of service (-4 to 4). As root,
/// that undoes nice(1) and the unit's Nice=. Any other user may not lower a nice value. Then each such thread puts
/// "Failed to set thread priority" into the journal. The service's nice value is the administrator's decision. So
/// Dispatch's calls find this function.
int setpriority(int which, unsigned int who, int priority) {
    (void)which;
    (void)who;
    (void)priority;
    return 0;
}
